"""How long a node may believe that its lease stands: by its own clock, and always shorter than Redis keeps it.

Redis counts from when it carries out the request, the node from when it sent it: so the node's time ends first, however
long either way took, and no clock of two machines is compared. `MARGIN` is for clocks that do not run equally fast.
"""

from math import inf

MARGIN = 0.1
"""Of the lease. Clocks of machines differ by less than a thousandth; a loop that is late by a tenth is seen, too."""
BEATS = 5
"""In a lease: three in a row may be lost, and one is on its way."""


class Lease:
    """seconds: as Redis keeps it. Times are seconds of a clock of this machine that nobody sets and that goes on while
    the machine sleeps (Linux: CLOCK_BOOTTIME; CLOCK_MONOTONIC stands still meanwhile)."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.until = -inf

    def covers(self, sent_at: float, now: float) -> bool:
        """Does the answer to a request of that time still prove anything?"""
        return now < sent_at + self.seconds * (1 - MARGIN)

    def renew(self, sent_at: float) -> None:
        self.until = max(self.until, sent_at + self.seconds * (1 - MARGIN))

    def stands(self, now: float) -> bool:
        return now < self.until

    def end(self) -> None:
        self.until = -inf
