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


@dataclass(frozen=True, slots=True)
class Question:
    """call_id: None where nobody calls. at: aware UTC, when it rang, or when it is asked again. chosen: the last pick
    for this call. beside: agents at whose desks it rings besides those who ask. again:
    the caller of a call before this one, which this one continues: he does not call once more."""

    signalled: Signalled
    plan: DialPlan
    call_id: str | None
    at: datetime
    chosen: Pick | None = None
    beside: frozenset[str] = frozenset()
    again: bool = False
