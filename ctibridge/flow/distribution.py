"""How often something took how long: counts by bounds, as a Prometheus histogram wants them."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class Distribution:
    """bounds: upper ends, rising, each included in its own part; above the last one everything else."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.sum = 0.0
        self._counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        """value: in the unit of the bounds; below zero (a clock that was set) counts as zero."""
        value = max(value, 0.0)
        self._counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def cumulative(self) -> list[int]:
        """How many were at most each bound; the last one: how many there were."""
        return list(accumulate(self._counts))
