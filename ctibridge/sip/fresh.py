"""Chance as an argument: where tokens and jitter come from is the adapter's business, tests count them instead."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fresh:
    """token: an unguessable word of letters and digits; fraction: anything from 0 to 1."""

    token: Callable[[], str]
    fraction: Callable[[], float]

    def around(self, seconds: float) -> float:
        """`seconds`, up to a quarter less: many lines that start together drift apart."""
        return seconds * (1 - self.fraction() / 4)
