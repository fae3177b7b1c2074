"""One timer for all that a flow waits for: never too late; too early where what it was for has come."""

import asyncio
from collections.abc import Callable

AGAIN = 0.05
"""Seconds until it is asked again whether we may act."""


class Alarm:
    """ring: called when it is time, and arms it anew. may: may anything be done now? Of several nodes one that was
    stopped for a while waits until it knows whether its desks are still its own. clock: monotonic seconds."""

    def __init__(self, ring: Callable[[], None], may: Callable[[], bool], clock: Callable[[], float]) -> None:
        self._ring = ring
        self._may = may
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None
        self.due_at: float | None = None
        """Monotonic seconds; None while nothing is due."""

    def by(self, due: float | None) -> None:
        """Ring at `due`, or before."""
        if due is None or (self.due_at is not None and self.due_at <= due):
            return
        self.stop()
        self.due_at = due
        self._timer = asyncio.get_running_loop().call_later(max(due - self._clock(), 0.0), self._rings)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.due_at = None

    def _rings(self) -> None:
        if not self._may():
            self._timer = asyncio.get_running_loop().call_later(AGAIN, self._rings)
        else:
            self._timer = self.due_at = None
            self._ring()
