"""When a receiver may be asked again.

Comes in: what became of a request, monotonic seconds, chance (0 to 1). Goes out: how many may be on the way, and until
when none.
"""

AT_ONCE = 16
FIRST, LONGEST = 1.0, 300.0
"""Seconds to wait after a failure, doubling."""
LONGEST_ASKED = 3600.0
"""That a receiver may ask for (Retry-After)."""


class Pace:
    """at_once: requests on the way while all is well. stopped: the receiver wants no more (410)."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self.failures = 0
        self.until = 0.0
        self.stopped = False

    def room(self, under_way: int, now: float) -> bool:
        """Whoever does not answer well is asked one thing at a time."""
        if self.stopped or now < self.until:
            return False
        return under_way < (self._at_once if self.failures == 0 else 1)

    def well(self) -> None:
        self.failures, self.until = 0, 0.0

    def failed(self, began: float, now: float, chance: float, retry_after: float | None = None) -> bool:
        """began: the request. Those that were on the way together fail once. False: it was one of them."""
        if self.failures and began < self.until:
            return False
        self.failures += 1
        wait = min(LONGEST, FIRST * 2.0 ** min(self.failures - 1, 20)) * (1 + chance / 4)
        self.until = now + (wait if retry_after is None else max(wait, min(retry_after, LONGEST_ASKED)))
        return True


def again_after(tries: int, chance: float) -> float:
    """Seconds until one event that was refused is tried again."""
    return FIRST * 2.0 ** (tries - 1) * (1 + chance / 4)
