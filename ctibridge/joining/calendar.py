"""How far this machine's calendar is ahead of Redis's: by that nodes whose calendars differ understand each other's
times. Nothing here is a lease's business."""

import time
from collections.abc import Callable

from ctibridge.cluster.adapters import looking
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.membership import clock

ASKS_EVERY = 60.0
"""Seconds. Between, only a calendar of Redis's that somebody sets is taken for what it was."""


class Calendar:
    """now: seconds since the epoch; steady: seconds of a clock that nobody sets."""

    def __init__(self, now: Callable[[], float] = time.time, steady: Callable[[], float] = clock) -> None:
        self._now, self._steady = now, steady
        self._asked_at = 0.0
        self._theirs: float | None = None
        """What Redis's calendar says when the steady clock is 0."""

    async def ahead_of(self, link: Link) -> float:
        """As `ahead`; Redis is asked where that was long ago. Raises RedisFault."""
        if self._theirs is None or self._steady() >= self._asked_at + ASKS_EVERY:
            self._asked_at = self._steady()
            ahead = await looking.ahead(link, self._now)
            self._theirs = self._now() - ahead - self._steady()
        return self._now() - self._theirs - self._steady()

    def ahead(self) -> float | None:
        """Seconds, as of now, also right after somebody set our calendar. None: Redis has not said its own yet."""
        return None if self._theirs is None else self._now() - self._theirs - self._steady()
