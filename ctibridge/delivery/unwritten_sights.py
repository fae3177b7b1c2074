"""Sights that are not in the store yet: bounded, each once.

Comes in: what desks were told. Goes out: batches, which stay here until they are said to be written. Where there is no
room the newest is left out, and counted: an audit must say what it lacks.
"""

from collections.abc import Callable, Iterable
from itertools import islice

from ctibridge.delivery.kept import Sight, SightKey

REMEMBERED = 10_000
"""Of those that came last: each revision of a pop, and each list of the day's calls, names the same people again."""


class UnwrittenSights:
    """most: that wait; some 400 bytes each. lost: how many were left out since somebody was told."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: dict[SightKey, Sight] = {}
        self._came: dict[int, None] = {}
        """Their keys' hashes; the store looks again."""
        self.lost = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, sights: Iterable[Sight]) -> None:
        for sight in sights:
            key = sight.key
            if (mark := hash(key)) in self._came:
                continue
            if len(self._waiting) >= self._most:
                self.lost += 1
                continue
            self._waiting[key] = sight
            self._came[mark] = None
        if len(self._came) > 2 * REMEMBERED:
            self._came = dict.fromkeys(islice(self._came, REMEMBERED, None))

    def take(self, most: int) -> tuple[Sight, ...]:
        """The oldest; they stay until `written`."""
        return tuple(islice(self._waiting.values(), most))

    def written(self, batch: Iterable[Sight]) -> None:
        for sight in batch:
            self._waiting.pop(sight.key, None)

    def drop(self, leaves: Callable[[Sight], bool]) -> None:
        """These are never written. Whoever is seen again afterwards is kept again."""
        self._waiting = {key: sight for key, sight in self._waiting.items() if not leaves(sight)}
        self._came.clear()

    def told(self) -> int:
        """How many were left out since the last time."""
        lost, self.lost = self.lost, 0
        return lost
