"""A call: one attempt as a desk lives it. Our id, never the SIP Call-ID."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class CallState(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a ringing ended (contract: *Outcome*)."""

    ANSWERED_HERE = "answered_here"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    ABANDONED = "abandoned"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    UNKNOWN = "unknown"


ANSWERED = frozenset({Outcome.ANSWERED_HERE, Outcome.ANSWERED_ELSEWHERE})
"""Somebody spoke with the caller."""

_ORDER = {CallState.RINGING: 0, CallState.ANSWERED: 1, CallState.ENDED: 2}


@dataclass(frozen=True, slots=True)
class AnsweredBy:
    """The line whose phone took the call; agent: who alone hears that line, or None."""

    line: str
    agent: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """line: the user part of the line that rings at this desk; round: how often the caller's queue came round, from 1.
    answered_by: of a call that ended as answered elsewhere, where that is known.

    Times are aware UTC.
    """

    id: str
    trunk: str
    line: str
    state: CallState
    rang_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    round: int = 1
    answered_by: AnsweredBy | None = None

    @property
    def is_over(self) -> bool:
        return self.state is CallState.ENDED

    @property
    def age(self) -> tuple[int, int]:
        """To compare what was told of one call: later rounds, then later states, are newer, and greater."""
        return self.round, _ORDER[self.state]

    def lost(self, at: datetime) -> "Call":
        """Ended as unknown at this time: nobody saw what became of it."""
        return replace(self, state=CallState.ENDED, ended_at=at, outcome=Outcome.UNKNOWN)
