"""What becomes of a missed call: somebody calls back, and then it is settled."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WorkState(StrEnum):
    """taken: is being called back; settled: nobody waits for anything any more, and that is final."""

    TAKEN = "taken"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Work:
    """by: the agent who took or settled it, or who answered the same caller later, where that is known. at: aware UTC.
    answered_in: the later call, where that settled it by itself."""

    by: str | None
    state: WorkState
    at: datetime
    answered_in: str | None = None
