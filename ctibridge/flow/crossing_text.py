"""What nodes say to each other, as bytes: `write` and `read` are a pair.

Two versions run side by side during an upgrade: a kind that is not known is nobody's fault and left out, an unknown
field is not read, a missing one has its default. The bytes name callers: they go to the other nodes and nowhere else,
and of what cannot be read nothing is repeated. A time of another machine's monotonic clock says nothing here and does
not cross.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, cast

import msgspec

from ctibridge.domain.desk_command import Done, Sit, Take
from ctibridge.flow.joint import NO_SESSION, Chosen, Joint, Known, Written
from ctibridge.flow.lately import Past
from ctibridge.sip.events import (
    Answered,
    Event,
    LineChanged,
    LineGone,
    PickedUp,
    RingEnd,
    RingEnded,
    RingStarted,
)

VERSION = 1
"""Goes up where an older program would understand something wrong; it then leaves out what it hears."""
LONGEST = 1 << 20
"""Bytes: the legs of a node on which 20,000 calls ring."""


class CrossingFault(ValueError):
    """Bytes that no node of ours wrote, or a value that has no bytes. It says nothing of what is in them."""


@dataclass(frozen=True, slots=True)
class Hello:
    """I have just come, or may have missed something: say how things stand."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that rings or is talked on at my lines, and where the agents sit whose desks are told by me. Behind it follow
    these legs and my lines."""

    legs: tuple[str, ...]
    seats: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class AllSaid:
    """That was all that you asked for with your Hello."""


Word = Event | Joint | Hello | Past | Standing | AllSaid


@dataclass(frozen=True, slots=True)
class Heard:
    """no: by which the node that said it knows its own word again; 0: it need not. named: to which call and round a leg
    that rings belongs there; None: it does not say. behind: what was said in the same moment and follows from it."""

    word: Word
    no: int = 0
    named: tuple[str, int] | None = None
    behind: tuple[Word, ...] = ()


class _Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    v: int
    kind: str
    word: msgspec.Raw
    no: int = 0
    named: tuple[str, int] | None = None
    behind: tuple[tuple[str, msgspec.Raw], ...] = ()


class _Leg(msgspec.Struct, frozen=True):
    leg: str


_KINDS: dict[str, type[Word]] = {
    "ring": RingStarted,
    "answered": Answered,
    "picked": PickedUp,
    "ended": RingEnded,
    "line": LineChanged,
    "line_gone": LineGone,
    "sit": Sit,
    "note": Written,
    "choose": Chosen,
    "take": Take,
    "done": Done,
    "known": Known,
    "hello": Hello,
    "past": Past,
    "standing": Standing,
    "all_said": AllSaid,
}
_NAMES = {word: kind for kind, word in _KINDS.items()}
_encoder = msgspec.msgpack.Encoder()
_envelope = msgspec.msgpack.Decoder(_Envelope)
_decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {
    kind: msgspec.msgpack.Decoder(word) for kind, word in _KINDS.items()
}
_leg = msgspec.msgpack.Decoder(_Leg)


def write(word: Word, no: int = 0, named: tuple[str, int] | None = None, behind: Sequence[Word] = ()) -> bytes:
    """no, named, behind: as in `Heard`. Raises CrossingFault for what is too long, or is no text."""
    try:
        said = tuple(map(_written, behind))
        body = _encoder.encode(_Envelope(VERSION, *_written(word), no, named, said))
    except UnicodeEncodeError:
        raise CrossingFault("a text that has no UTF-8") from None
    if len(body) > LONGEST:
        raise CrossingFault("too long")
    return body


def read(body: bytes) -> Heard | None:
    """None for what another version says and this one does not know. Raises CrossingFault."""
    if len(body) > LONGEST:
        raise CrossingFault("too long")
    try:
        envelope = _envelope.decode(body)
        if envelope.v > VERSION or envelope.kind not in _KINDS:
            return None
        word = _local(_read(envelope.kind, envelope.word))
        return Heard(word, envelope.no, envelope.named, tuple(_behind(envelope)))
    except (ValueError, RecursionError):
        # msgspec's own faults are ValueErrors; bytes that are no UTF-8, and brackets without end, are not its own.
        raise CrossingFault("not what a node says") from None


def _written(word: Word) -> tuple[str, msgspec.Raw]:
    return _NAMES[type(word)], msgspec.Raw(_encoder.encode(_local(word)))


def _behind(envelope: _Envelope) -> Iterator[Word]:
    """What cannot be read costs itself alone: a call rings also where nothing more is known of it."""
    for kind, raw in envelope.behind:
        with suppress(ValueError, RecursionError):
            if kind in _KINDS:
                yield _local(_read(kind, raw))


def _read(kind: str, raw: msgspec.Raw) -> Word:
    try:
        return cast(Word, _decoders[kind].decode(raw))
    except msgspec.ValidationError:
        if kind != "ended":
            raise
        # A newer program has one more word for how: that it is over must not be lost.
        return RingEnded(_leg.decode(raw).leg, RingEnd.UNSEEN)


def _local(word: Word) -> Word:
    """Without what is of one machine alone."""
    match word:
        case RingStarted(at=at) if at is not None:
            return replace(word, at=None)
        case Past(began=began):
            return replace(word, began=replace(began, at=None))
        case Take() | Done():
            return replace(word, session=NO_SESSION)
        case Written(note=note) if note.at.tzinfo is None:
            raise ValueError
        case Chosen(pick=pick) if pick.at.tzinfo is None:
            raise ValueError
        case _:
            return word
