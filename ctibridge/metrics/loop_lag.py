"""By how much the event loop is late: whoever holds it up holds up every pop.

Comes in: how late a sleep ended. Goes out: how often how much, and the worst of the last minute or two.
"""

import asyncio
from collections.abc import Callable

from ctibridge.flow.distribution import Distribution

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LOOK_EVERY = 0.2
"""Seconds; five wake-ups a second cost nothing, and what holds the loop for longer is never missed."""
WORST_OF = 60.0
"""Seconds: longer than any usual pause between two scrapes, so that each of several Prometheus servers sees it."""


class LoopLag:
    """clock: monotonic seconds, finer than the loop's own, which uvloop rounds to milliseconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.seen = Distribution(BOUNDS)
        self._worst = self._before = 0.0
        self._since = float("-inf")

    def late(self, lag: float) -> None:
        self._turn()
        self.seen.observe(lag)
        self._worst = max(self._worst, lag)

    @property
    def worst(self) -> float:
        """Of the last WORST_OF seconds, and at most as many before them."""
        self._turn()
        return max(self._worst, self._before)

    def _turn(self) -> None:
        now = self._clock()
        passed = now - self._since
        if passed >= WORST_OF:
            self._before = self._worst if passed < 2 * WORST_OF else 0.0
            self._worst, self._since = 0.0, now

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            due = self._clock() + LOOK_EVERY
            await asyncio.sleep(LOOK_EVERY)
            self.late(self._clock() - due)
