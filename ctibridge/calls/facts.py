"""All that goes in and comes out of this room, in the product's words."""

from dataclasses import dataclass, field

from ctibridge.domain.call import Call, Outcome
from ctibridge.domain.caller import Signalled


@dataclass(frozen=True, slots=True)
class LegRang:
    """A line rings. leg: unique name of this ringing. dialog and key: what the forks of one call have in common."""

    leg: str
    trunk: str
    line: str
    dialog: tuple[str, str] = field(repr=False)
    key: str | None = field(repr=False)
    signalled: Signalled


@dataclass(frozen=True, slots=True)
class LegEnded:
    leg: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Rang:
    """The call rings at these agents' desks now, where it did not before. call.line: the line that rings there."""

    call: Call
    agents: frozenset[str]
    signalled: Signalled


@dataclass(frozen=True, slots=True)
class Ended:
    """The last leg of the call at this agent's desk ended."""

    call: Call
    agent: str


Fact = Rang | Ended
