"""How many came at once, of what came at some times. Pure."""

from collections.abc import Iterable


def most_in(seconds: float, times: Iterable[float]) -> int:
    """The largest number within any such span."""
    ordered = sorted(times)
    first = most = 0
    for last, at in enumerate(ordered):
        while ordered[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
