"""Whether this node of several has lost the others, as its desks hear of it."""

from collections.abc import Callable
from datetime import datetime

from ctibridge.delivery.desks import Desks
from ctibridge.domain.notice import Notice
from ctibridge.flow.announcing import Announcing

ALONE = Notice(
    "node_alone",
    "This node is cut off from the others: calls of shared lines may be missing here, and colleagues elsewhere do not "
    "see what is noted or taken here.",
)
TOGETHER = Notice("node_together", "This node is connected to the others again.")


class Apart:
    """deliver, now: as in `Announcing`."""

    def __init__(self, desks: Desks, deliver: Callable[[], None], now: Callable[[], datetime]) -> None:
        self._desks = desks
        self._announcing = Announcing(desks, deliver, now)

    def heard(self, *, alone: bool) -> None:
        """Told once for each change; who comes meanwhile reads it in his `welcome`."""
        if self._desks.node_alone != alone:
            self._desks.node_alone = alone
            self._announcing.say(ALONE if alone else TOGETHER)

    def stop(self) -> None:
        self._announcing.stop()
