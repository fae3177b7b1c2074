"""What stands around a daemon, or several, while something goes wrong: a PBX, callers, and agents who never go home.

Comes in: who sits at which line. Goes out: calls, and the record of what callers and desks saw. Who starts the
processes fills `pbx` and `seats` (`harness.Bridge` for one daemon, `tests/cluster/house.py` for several).
"""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from tests.faults.judge import READY_WITHIN, complaints
from tests.faults.pbx import Pbx
from tests.faults.record import ABANDONED, ELSEWHERE, Record
from tests.faults.seat import Seat
from tests.peers.process import PeerTimeout, until

CUSTOMERS = ("+493023125100", "+41440000100", "+33199001000", "+97140000100")
"""Service numbers of the sample directory: three customers, and no agent has a grant for all."""
MOST_FORKS = 4
RINGS_FOR = (0.02, 1.0)
"""Seconds until a caller gives up: shorter and longer than the daemon needs to store a pop."""
LOOKS_BACK = 900
"""Events of a desk that are asked for again at the end; 1,000 are kept."""


class World:
    """record: all that was seen. seats: of each agent; more than one of an agent has names like `ana@2`."""

    pbx: Pbx
    rings_for = RINGS_FOR

    def __init__(self, lines: Mapping[str, Sequence[str]], chance: int) -> None:
        self.record = Record()
        self.lines = lines
        self.seats: dict[str, Seat] = {}
        self._chance = random.Random(chance)
        self._numbers = itertools.count(1)
        self._links = itertools.count(1)
        self._sitting: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def callers(self, rate: float) -> AsyncIterator[None]:
        """New calls, so many a second in the mean, one in five at several lines at once."""
        calling = asyncio.create_task(self._keep_calling(rate))
        try:
            yield
        finally:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)

    async def _keep_calling(self, rate: float) -> None:
        due = time.monotonic()
        while True:
            due += self._chance.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.call()

    def call(self, *lines: str, patient: bool = False) -> int:
        """One caller, at these lines or wherever chance wants it; he gives up by himself, or is answered by another
        phone, if he is not patient. Returns the call's number."""
        number, chance = next(self._numbers), self._chance
        several = chance.randint(2, min(MOST_FORKS, len(self.lines))) if chance.random() < 0.2 else 1
        rung = lines or chance.sample(sorted(self.lines), several)
        self.pbx.dial(number, chance.choice(CUSTOMERS), rung)
        if not patient:
            outcome = chance.choice((ABANDONED, ELSEWHERE))
            asyncio.get_running_loop().call_later(chance.uniform(*self.rings_for), self.pbx.hang_up, number, outcome)
        return number

    def sit(self) -> None:
        """Every agent connects, and comes back whenever the connection ends."""
        self._sitting = [asyncio.create_task(seat.sit()) for seat in self.seats.values()]

    async def leave(self) -> None:
        for task in self._sitting:
            task.cancel()
        await asyncio.gather(*self._sitting, return_exceptions=True)
        self._sitting = []

    # -- the end -------------------------------------------------------------------------------------------------------

    async def finish(self, timeout: float = 40.0) -> None:
        """Waits until all is over; what never is stands in the record. Then every desk comes once more, for what is
        kept of its events, and as a new screen, for the whole state."""
        with contextlib.suppress(PeerTimeout):
            await until(self._is_over, "every call over at every desk, and stored", timeout)
        await self.leave()
        for seat in self.seats.values():
            assert seat.place is not None
            epoch, sequence = seat.place
            for place in ((epoch, max(0, sequence - LOOKS_BACK)), None):
                seat.place = place
                once = asyncio.create_task(seat.once())
                with contextlib.suppress(PeerTimeout):
                    await until(lambda seat=seat: seat.live, f"{seat.agent} has all", 10)  # type: ignore[misc]
                once.cancel()
                await asyncio.gather(once, return_exceptions=True)

    def _is_over(self) -> bool:
        quiet = (seat.live and not seat.rings and seat.place and seat.stored >= seat.place[1] for seat in self._all())
        return not self.pbx.waiting and all(quiet)

    def _all(self) -> list[Seat]:
        return list(self.seats.values())

    def complaints(self, ready_within: float = READY_WITHIN) -> list[str]:
        return complaints(self.record, ready_within)
