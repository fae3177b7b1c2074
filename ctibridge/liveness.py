"""What must not stand still: the store's writer, the SIP sockets. systemd's watchdog is fed only while all of it moves.

Comes in: for each part a question. Goes out: does all move, and, to the health and once to the log, what does not. The
loop itself needs no question: who asks runs on it.
"""

from collections.abc import Callable, Mapping

import structlog

from ctibridge.health import Health

Part = Callable[[], str | None]
"""Why it stands still, one line without anything personal; None while it moves."""

log = structlog.get_logger()


class Liveness:
    """parts: by a name of its own, which is the subject in `health`."""

    def __init__(self, health: Health, parts: Mapping[str, Part]) -> None:
        self._health = health
        self._parts = parts
        self._still: dict[str, str] = {}

    def moves(self) -> bool:
        """Asks all parts. What stands still may move again: a disk that hung answers."""
        still = {name: why for name, part in self._parts.items() if (why := part()) is not None}
        for name in self._still.keys() - still.keys():
            self._health.well(name)
            log.info("moves_again", part=name)
        for name, why in still.items():
            self._health.ill(name, why)
            if name not in self._still:
                log.error("stands_still", part=name, why=why)
        self._still = still
        return not still
