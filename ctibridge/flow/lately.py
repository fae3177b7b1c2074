"""What rang at our own lines and is over since a moment ago, for a node that did not hear of it: one that has just come
back, or whose way to us was cut.

Only for desks that other nodes tell: ours have heard of it. Bounded in time and in count. Pure.
"""

from collections import deque
from dataclasses import dataclass

from ctibridge.sip.events import RingEnd, RingStarted

KEPT = 30.0
"""Seconds: longer than a killed node needs to be back with its desks as they were, or Redis to be started again."""
MOST = 1_000
"""Legs; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class Past:
    """A leg that is over, of the call that has this name and round. agents: at whose desks it rang, of those that are
    not told by who says this. talked: the line's phone had taken it."""

    call: str
    round: int
    agents: tuple[str, ...]
    began: RingStarted
    how: RingEnd
    talked: bool = False


class Lately:
    def __init__(self) -> None:
        self._over: deque[tuple[float, Past]] = deque(maxlen=MOST)

    def over(self, past: Past, now: float) -> None:
        """now: seconds of any one clock that never goes back."""
        self._over.append((now, past))
        self._tidy(now)

    def all(self, now: float) -> list[Past]:
        """In the order in which they ended."""
        self._tidy(now)
        return [past for _, past in self._over]

    def _tidy(self, now: float) -> None:
        while self._over and now - self._over[0][0] > KEPT:
            self._over.popleft()
