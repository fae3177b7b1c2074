"""What the look-up is asked for one call."""

from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.caller import Signalled
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.settings import DialPlan


@dataclass(frozen=True, slots=True)
class Pick:
    """An agent (by: his id) says that this person is calling."""

    person: PersonKey
    by: str
    at: datetime

    def replaces(self, other: "Pick") -> bool:
        """What he said before, and what anybody said of this account. A colleague who sees another account did not
        correct it: he could not know of it, and nobody is to know of his."""
        return self.by == other.by or self.person.account == other.person.account


def picked(newer: tuple[Pick, ...], older: tuple[Pick, ...]) -> tuple[Pick, ...]:
    """Those that still count, newest first. newer, older: each newest first."""
    return (*newer, *(one for one in older if not any(pick.replaces(one) for pick in newer)))


@dataclass(frozen=True, slots=True)
class Question:
    """call_id: None where nobody calls. at: aware UTC, when it rang, or when it is asked again. chosen: the picks for
    this call that count, newest first; each agent sees the first that he may. beside: agents at whose desks it rings
    besides those who ask. again: the caller of a call before this one, which this one continues: he does not call once
    more."""

    signalled: Signalled
    plan: DialPlan
    call_id: str | None
    at: datetime
    chosen: tuple[Pick, ...] = ()
    beside: frozenset[str] = frozenset()
    again: bool = False
