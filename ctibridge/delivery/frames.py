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
    token: Annotated[str, Meta(max_length=256)]
    resume: Resume | None = None

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
    call: Id


class DoneFrame(msgspec.Struct, frozen=True, tag_field="type", tag="done"):
    call: Id


# Known by name, so that they are told from nonsense; what they ask for comes with later versions.
Later = TakeFrame | DoneFrame
CallFrame = NoteFrame | ChooseFrame | SelectFrame | SearchFrame
DeskFrame = ShownFrame | AckFrame | PingFrame | SitFrame | CallFrame
Understood = Auth | DeskFrame
ClientFrame = Understood | Later
