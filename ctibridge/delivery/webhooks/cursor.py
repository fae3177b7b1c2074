"""How far one receiver has come with one desk, as text and back."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

KIND = "webhook"
"""Of the outbox's facts; a key is `NAME/AGENT`, or `NAME` for when the receiver was first heard of."""
FORM = "webhook_form"
"""What a form counts; a key is `NAME/`, and the form's own."""
MOST_CALLS = 64
"""Of a desk, whose newest telling is remembered; the oldest goes first."""


class Told(msgspec.Struct, array_like=True, frozen=True):
    """A call as a receiver with accounts was told of it last. mark: of the pop's text."""

    revision: int
    mark: str


class Cursor(msgspec.Struct, array_like=True):
    """sequence: of the desk's newest event that is done with. sent: events that a receiver with accounts was sent;
    calls: that it was told of."""

    epoch: str
    sequence: int
    sent: int = 0
    calls: dict[str, Told] = {}

    def tell(self, call: str, told: Told) -> None:
        self.calls.pop(call, None)
        self.calls[call] = told
        while len(self.calls) > MOST_CALLS:
            del self.calls[next(iter(self.calls))]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a desk's event stands."""

    epoch: str
    sequence: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.sequence}"


def key(name: str, part: str) -> str:
    return f"{name}/{part}"


def of(name: str, facts: Mapping[str, bytes]) -> dict[str, bytes]:
    """One receiver's, by what stands behind its name."""
    return {key.removeprefix(f"{name}/"): body for key, body in facts.items() if key.startswith(f"{name}/")}


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Cursor)


def written(cursor: Cursor) -> bytes:
    return _encoder.encode(cursor)


def read(text: bytes) -> Cursor | None:
    """None where it is none of ours."""
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError:
        return None
