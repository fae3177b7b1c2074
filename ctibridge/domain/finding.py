"""What a check found: one row for people and for monitoring, good or with what to do."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a finding stands. MEND alone makes a command exit with 1: something does not work, or soon will not.

    NOTE is worth knowing and may wait for working hours; it changes no exit code, so that monitoring wakes nobody.
    """

    GOOD = "ok"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """what: a fixed word; text: how it stands, one line; mend: what to do, None where it is good or a hint is enough.

    can_wait: it has a mend, but nothing is broken: a note. Neither text nor mend names a person or his number.
    """

    what: str
    text: str
    mend: str | None = None
    can_wait: bool = False

    @property
    def kind(self) -> Kind:
        if self.mend is None:
            return Kind.GOOD
        return Kind.NOTE if self.can_wait else Kind.MEND

    @property
    def good(self) -> bool:
        """Nothing is to be done about it."""
        return self.kind is Kind.GOOD


def note(what: str, text: str, mend: str) -> Finding:
    """Worth knowing: it may wait, and the exit code stays 0."""
    return Finding(what, text, mend, can_wait=True)
