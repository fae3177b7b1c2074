"""All that goes in and comes out of this room, in the product's words."""

from dataclasses import dataclass, field

from ctibridge.calls.views import View
from ctibridge.domain.call import Call, Outcome
from ctibridge.domain.caller import Signalled
from ctibridge.domain.hand_over import HandOverKind
from ctibridge.domain.note import Note

# -- in ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LegRang:
    """A line rings. leg: unique name of this ringing, over both views. dialog: Call-ID and From-tag; the tag, or both,
    may be empty where the view does not know them. key: what the PBX calls this call, where it has a word for it.

    referred_by, replaces: the user part that transferred it, the Call-ID of the dialog that it takes the place of.
    external: the PBX says that it comes from outside. internal: its caller is one of the trunk's lines. teller: which
    of our nodes heard it, empty for this one; named: to which call and round it belongs there, None where it does not
    say.
    """

    leg: str
    trunk: str
    line: str
    dialog: tuple[str, str] = field(repr=False)
    key: str | None = field(repr=False)
    signalled: Signalled
    view: View = View.CONTACT
    referred_by: str | None = field(default=None, repr=False)
    replaces: str | None = field(default=None, repr=False)
    external: bool = False
    internal: bool = False
    teller: str = ""
    named: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """The line's own phone took it: only dialog-info sees that."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegPicked:
    """The line has a call that did not ring there. call_id, replaces: Call-IDs, of its own dialog and of the one that
    it takes the place of; raw: the other party's user part; each may be empty or None."""

    leg: str
    trunk: str
    line: str
    call_id: str = field(repr=False)
    raw: str | None = field(repr=False)
    replaces: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class LegEnded:
    """outcome: as far as this leg can know; ANSWERED_HERE where it was answered and is over."""

    leg: str
    outcome: Outcome


# -- out ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Continues:
    """This call continues another, by this evidence. line: whose agent hands it over, or where it was picked up; call,
    signalled: the first call of the chain, which is what the next desk has to know of; through: the calls in between,
    oldest first."""

    kind: HandOverKind
    line: str
    call: str
    signalled: Signalled
    through: tuple[str, ...] = ()

    @property
    def chain(self) -> tuple[str, ...]:
        return self.call, *self.through


@dataclass(frozen=True, slots=True)
class Rang:
    """The call rings at these agents' desks now, where it did not before. call.line: the line that rings there."""

    call: Call
    agents: frozenset[str]
    signalled: Signalled
    continues: Continues | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """The other view came second and knows more of the call that these agents' desks have heard of. call: as the first
    of them has it; at each desk its own line and round stand."""

    call: Call
    agents: frozenset[str]
    signalled: Signalled
    continues: Continues | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The phone of a line that this agent hears took the call."""

    call: Call
    agent: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over at this agent's desk, for this round."""

    call: Call
    agent: str


Fact = Rang | Learned | Answered | Ended


@dataclass(frozen=True, slots=True)
class Noted:
    """This note of a call is new to these agents, whose desks have it."""

    call: str
    agents: frozenset[str]
    note: Note
