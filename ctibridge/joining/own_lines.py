"""Which lines are registered here, and whether those of a lot that comes here are.

Comes in: the configuration's lines, the lots that are ours, what our own trunks say of their lines. Goes out: the lines
of each trunk, and the lots that are prepared. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ctibridge.cluster import lots
from ctibridge.sip.events import Hearing, LineChanged, LineGone
from ctibridge.sip.settings import TrunkAccess

PATIENCE = 4.0
"""Seconds for the lines of a lot: what a registrar has not answered by then, it may not answer at all."""
Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Waiting:
    lines: set[Line]
    until: float


class OwnLines:
    """accesses: of all lines, by trunk."""

    def __init__(self, accesses: Mapping[str, TrunkAccess]) -> None:
        self._lots: dict[Line, int] = {}
        self._here: frozenset[int] = frozenset()
        self._settled: set[Line] = set()
        self._waiting: dict[int, _Waiting] = {}
        self.retune(accesses)

    def retune(self, accesses: Mapping[str, TrunkAccess]) -> None:
        self._accesses = accesses
        self._lots = {
            (trunk, one.user): lots.of_line(trunk, one.user, one.agents)
            for trunk, access in accesses.items()
            for one in access.lines
        }

    def hold(self, here: frozenset[int]) -> None:
        """The lots whose lines are registered here from now on."""
        self._here = here

    def accesses(self) -> dict[str, TrunkAccess]:
        """Of the lines that are registered here."""
        return {
            trunk: TrunkAccess(
                tuple(one for one in access.lines if self._lots[trunk, one.user] in self._here), access.observer
            )
            for trunk, access in self._accesses.items()
        }

    def agents(self) -> Iterator[str]:
        """Who may sit at the configuration's lines."""
        return (agent for access in self._accesses.values() for one in access.lines for agent in one.agents)

    def __len__(self) -> int:
        """How many are registered here, or on the way."""
        return sum(lot in self._here for lot in self._lots.values())

    # -- lots that come here -------------------------------------------------------------------------------------------

    def prepare(self, coming: Iterable[int], now: float) -> None:
        """now: seconds of any one clock."""
        for lot in coming:
            lines = {line for line, of in self._lots.items() if of == lot} - self._settled
            self._waiting[lot] = _Waiting(lines, now + PATIENCE)

    def heard(self, event: LineChanged | LineGone) -> None:
        """Of our own trunks. Whatever the registrar said, there is nothing more to wait for."""
        line = event.trunk, event.line
        if isinstance(event, LineGone) or event.hearing is Hearing.REGISTERING:
            self._settled.discard(line)
            return
        self._settled.add(line)
        for waiting in self._waiting.values():
            waiting.lines.discard(line)

    def prepared(self, now: float) -> frozenset[int]:
        """Those whose wait is over, each once."""
        over = frozenset(lot for lot, one in self._waiting.items() if not one.lines or one.until <= now)
        for lot in over:
            del self._waiting[lot]
        return over

    @property
    def deadline(self) -> float | None:
        """When `prepared` may have more to say."""
        return min((one.until for one in self._waiting.values()), default=None)
