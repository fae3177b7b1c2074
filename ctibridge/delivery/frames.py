"""What a client sends, in JSON names: `decode` reads these, `schema` documents them. Unknown fields are ignored."""

from typing import Annotated

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Sequence = Annotated[int, Meta(ge=0)]


class Resume(msgspec.Struct, frozen=True):
    epoch: Annotated[str, Meta(max_length=64)]
    sequence: Sequence


class Auth(msgspec.Struct, frozen=True, tag_field="type", tag="auth"):
    """rings: this connection can ring; of an agent's that can, one is told to."""

    token: Annotated[str, Meta(max_length=256)]
    resume: Resume | None = None
    rings: bool = False

    def __repr__(self) -> str:
        return "Auth(token=•••)"


class ShownFrame(msgspec.Struct, frozen=True, tag_field="type", tag="shown"):
    call: Id
    sequence: Sequence


class AckFrame(msgspec.Struct, frozen=True, tag_field="type", tag="ack"):
    sequence: Sequence


class PingFrame(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    pass


class SitFrame(msgspec.Struct, frozen=True, tag_field="type", tag="sit"):
    lines: Annotated[list[Id], Meta(max_length=100)]


class NoteFrame(msgspec.Struct, frozen=True, tag_field="type", tag="note"):
    """text: plain text; control and bidi characters are left out, and something has to remain."""

    call: Id
    text: Annotated[str, Meta(min_length=1, max_length=2000)]

    def __repr__(self) -> str:
        return "NoteFrame(text=•••)"


class PersonRef(msgspec.Struct, frozen=True):
    account: Id
    id: Annotated[str, Meta(min_length=1, max_length=400)]


class ChooseFrame(msgspec.Struct, frozen=True, tag_field="type", tag="choose"):
    """This person is calling: one of the candidates, or one of the `people` that a search found."""

    call: Id
    person: PersonRef


class SelectFrame(msgspec.Struct, frozen=True, tag_field="type", tag="select"):
    """What the call is about, answered by `suggestions`: exactly one of service and configuration_item."""

    call: Id
    service: Annotated[str, Meta(min_length=1, max_length=400)] | None = None
    configuration_item: Annotated[str, Meta(min_length=1, max_length=400)] | None = None


class SearchFrame(msgspec.Struct, frozen=True, tag_field="type", tag="search"):
    """Answered by `people`, with the same text. account: in this one only; null: in all that are granted, the one that
    was called first. A new search of a connection replaces the one before, which may stay unanswered."""

    call: Id
    text: Annotated[str, Meta(max_length=200)]
    account: Annotated[str, Meta(max_length=400)] | None = None

    def __repr__(self) -> str:
        return "SearchFrame(text=•••)"


class TakeFrame(msgspec.Struct, frozen=True, tag_field="type", tag="take"):
    """I call this missed caller back."""

    call: Id


class DoneFrame(msgspec.Struct, frozen=True, tag_field="type", tag="done"):
    """Nobody need call this missed caller back any more."""

    call: Id


class TodayFrame(msgspec.Struct, frozen=True, tag_field="type", tag="today"):
    """Answered by `today`. since: RFC 3339, not earlier than 48 hours ago."""

    since: Annotated[str, Meta(max_length=40)]


class ColleaguesFrame(msgspec.Struct, frozen=True, tag_field="type", tag="colleagues"):
    """Answered by `colleagues`."""


CallFrame = NoteFrame | ChooseFrame | SelectFrame | SearchFrame
"""For a call that the desk has: in progress, ended within 30 minutes, or answered and ended within two hours."""
DeskFrame = (
    ShownFrame | AckFrame | PingFrame | SitFrame | TakeFrame | DoneFrame | TodayFrame | ColleaguesFrame | CallFrame
)
ClientFrame = Auth | DeskFrame
