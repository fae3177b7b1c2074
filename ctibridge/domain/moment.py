"""What time it is, as an argument: the wall clock for people, the monotonic clock for deadlines."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is aware UTC and may jump; `clock` is monotonic seconds from an arbitrary start and never does."""

    at: datetime
    clock: float
