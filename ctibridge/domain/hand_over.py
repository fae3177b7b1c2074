"""A call that continues another one: who hands it over, and what the next desk may know of the first.

The first call's *resolution* is what the next agent needs before he says hello; the first call's *existence* is already
something that only who may see its account may know. Its notes travel beside the resolution, under the same rule.
"""

from dataclasses import dataclass
from enum import StrEnum

from ctibridge.domain.caller import Caller
from ctibridge.domain.note import Note


class HandOverKind(StrEnum):
    """attended: asked first, then transferred; blind: transferred at once; pickup: taken from another line while it
    rang there; internal: the colleague who has or had that call calls himself."""

    ATTENDED = "attended"
    BLIND = "blind"
    PICKUP = "pickup"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Internal:
    """The caller is one of our lines. agent: who alone hears it, or None."""

    line: str
    agent: str | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """line, agent: who hands over, or from where it was picked up; call, caller: of the first call; notes: of it and of
    those in between, oldest first."""

    kind: HandOverKind
    line: str
    agent: str | None
    call: str
    caller: Caller
    notes: tuple[Note, ...] = ()
