"""What a client sends, in JSON names: `decode` reads these, `schema` documents them. Unknown fields are ignored."""

from typing import Annotated

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Sequence = Annotated[int, Meta(ge=0)]


class Resume(msgspec.Struct, frozen=True):
    """Where this client stood. epoch: of the last `welcome`; sequence: of the newest event that it has."""

    epoch: Annotated[str, Meta(max_length=64)]
    sequence: Sequence


class Auth(msgspec.Struct, frozen=True, tag_field="type", tag="auth"):
    """token: of `ctibridge token issue`, or of a sign-in. resume: to get what was missed; null: a
    snapshot. rings: this connection can ring; of an agent's that can, one is told to."""

    token: Annotated[str, Meta(max_length=256)]
    resume: Resume | None = None
    rings: bool = False

    def __repr__(self) -> str:
        return "Auth(token=•••)"


class ShownFrame(msgspec.Struct, frozen=True, tag_field="type", tag="shown"):
    """call: which; sequence: of the event that is shown."""

    call: Id
    sequence: Sequence


class AckFrame(msgspec.Struct, frozen=True, tag_field="type", tag="ack"):
    """sequence: everything up to here was taken; it counts once `pong` says that it is stored."""

    sequence: Sequence


class PingFrame(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    pass


class SitFrame(msgspec.Struct, frozen=True, tag_field="type", tag="sit"):
    """lines: their user parts, of all such lines at which this agent sits; none: he leaves."""

    lines: Annotated[list[Id], Meta(max_length=100)]


class NoteFrame(msgspec.Struct, frozen=True, tag_field="type", tag="note"):
    """call: for which it is written. text: plain text; control and bidi characters are left out, and something has to
    remain."""

    call: Id
    text: Annotated[str, Meta(min_length=1, max_length=2000)]

    def __repr__(self) -> str:
        return "NoteFrame(text=•••)"


class PersonRef(msgspec.Struct, frozen=True):
    """account: the id of his company; id: his, in that account."""

    account: Id
    id: Annotated[str, Meta(min_length=1, max_length=400)]


class ChooseFrame(msgspec.Struct, frozen=True, tag_field="type", tag="choose"):
    """This person is calling. call: which; person: one of the candidates, or one of the `people` that a search
    found."""

    call: Id
    person: PersonRef


class SelectFrame(msgspec.Struct, frozen=True, tag_field="type", tag="select"):
    """Exactly one of service and configuration item. call: which;
    service: its id; configuration_item: its id."""

    call: Id
    service: Annotated[str, Meta(min_length=1, max_length=400)] | None = None
    configuration_item: Annotated[str, Meta(min_length=1, max_length=400)] | None = None


class SearchFrame(msgspec.Struct, frozen=True, tag_field="type", tag="search"):
    """The answer has the same text. A new search of a connection replaces the one before, which may stay
    unanswered. call: for which somebody is looked for. text: what was typed. account: in this one only; null: in all
    that are granted, the one that was called first."""

    call: Id
    text: Annotated[str, Meta(max_length=200)]
    account: Annotated[str, Meta(max_length=400)] | None = None

    def __repr__(self) -> str:
        return "SearchFrame(text=•••)"


class TakeFrame(msgspec.Struct, frozen=True, tag_field="type", tag="take"):
    """I call this missed caller back. call: which was missed."""

    call: Id


class DoneFrame(msgspec.Struct, frozen=True, tag_field="type", tag="done"):
    """Nobody need call this missed caller back any more. call: which was missed."""

    call: Id


class TodayFrame(msgspec.Struct, frozen=True, tag_field="type", tag="today"):
    """since: RFC 3339, not earlier than 48 hours ago."""

    since: Annotated[str, Meta(max_length=40)]


class ColleaguesFrame(msgspec.Struct, frozen=True, tag_field="type", tag="colleagues"):
    """Nothing but its type."""


CallFrame = NoteFrame | ChooseFrame | SelectFrame | SearchFrame
"""For a call that the desk has: in progress, ended within 30 minutes, or answered and ended within two hours."""
DeskFrame = (
    ShownFrame | AckFrame | PingFrame | SitFrame | TakeFrame | DoneFrame | TodayFrame | ColleaguesFrame | CallFrame
)
ClientFrame = Auth | DeskFrame
