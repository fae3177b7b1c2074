"""What crosses between the node where a screen is connected (the edge) and its desk's home, as bytes and back.

A body holds parts, each about one connection or, where the same frame goes to several screens, about all of these. Who
receives parts counts them (`n`, from 1, each way): of a part that was lost nobody learns otherwise. A part of a kind
that we do not know, of a later version, is left out; such kinds must not be counted. No token crosses, only its hash.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

VERSION = 1
MOST_BODY = 4 << 20
"""Bytes; what is longer is none of ours."""
PIECE = 256 << 10
"""Bytes of one body, where no single part is longer: who reads an inbox has others to read it for."""
MOST_FRAME = 65_536
"""Bytes of a client's frame, as the websocket takes it."""
_MOST_PARTS = 10_000

Connection = Annotated[int, Meta(ge=0)]
"""Its edge's name for it; the same number never names two, also after the edge was started again."""
Nth = Annotated[int, Meta(ge=1)]


class _Part(msgspec.Struct, array_like=True, frozen=True):
    def __repr__(self) -> str:
        return f"{type(self).__name__}(•••)"


class Open(_Part, tag="open", frozen=True):
    """A screen signs in. token: the hash of its token; auth: its first frame, without the token."""

    connection: Connection
    token: Annotated[bytes, Meta(min_length=32, max_length=32)]
    auth: Annotated[bytes, Meta(max_length=1024)]


class Said(_Part, tag="said", frozen=True):
    """A frame of the client."""

    connection: Connection
    n: Nth
    raw: Annotated[bytes, Meta(max_length=MOST_FRAME)]


class Heard(_Part, tag="heard", frozen=True):
    """The answer to `Pinged`."""

    connection: Connection


class Left(_Part, tag="left", frozen=True):
    """The edge has no such connection (any more)."""

    connection: Connection


class Taken(_Part, tag="taken", frozen=True):
    """The home has got the `Open`."""

    connection: Connection


class Greeted(_Part, tag="greeted", frozen=True):
    """`welcome` and what is replayed behind it, in as many parts as it takes."""

    connection: Connection
    n: Nth
    frames: list[bytes]
    last: bool


class Sent(_Part, tag="sent", frozen=True):
    """One frame. to: connections, each with its count."""

    to: list[tuple[Connection, Nth]]
    frame: bytes


class Pinged(_Part, tag="pinged", frozen=True):
    """A websocket ping is due."""

    connection: Connection


class Ended(_Part, tag="ended", frozen=True):
    """code: a `CloseCode`."""

    connection: Connection
    code: int
    reason: Annotated[str, Meta(max_length=123)]


class Cut(_Part, tag="cut", frozen=True):
    """The end without a word."""

    connection: Connection


class Moved(_Part, tag="moved", frozen=True):
    """This node has no such session, or is not the desk's home any more."""

    connection: Connection


ToHome = Open | Said | Heard | Left
ToEdge = Taken | Greeted | Sent | Pinged | Ended | Cut | Moved
Part = ToHome | ToEdge


class _Body(msgspec.Struct, array_like=True):
    version: int
    parts: Annotated[list[msgspec.Raw], Meta(max_length=_MOST_PARTS)]


_encoder = msgspec.msgpack.Encoder()
_body = msgspec.msgpack.Decoder(_Body)
_part: msgspec.msgpack.Decoder[Part] = msgspec.msgpack.Decoder(Part)


def written(parts: Sequence[Part]) -> Iterator[bytes]:
    """As few bodies as their length allows, in order."""
    raw: list[msgspec.Raw] = []
    size = 0
    for part in parts:
        text = _encoder.encode(part)
        if raw and (size + len(text) > PIECE or len(raw) >= _MOST_PARTS):
            yield _encoder.encode(_Body(VERSION, raw))
            raw, size = [], 0
        raw.append(msgspec.Raw(text))
        size += len(text)
    if raw:
        yield _encoder.encode(_Body(VERSION, raw))


def read(body: bytes) -> list[Part]:
    """The parts that can be read; none of a body that cannot, or is of another version."""
    if len(body) > MOST_BODY:
        return []
    try:
        found = _body.decode(body)
    except (ValueError, RecursionError):  # msgspec's own faults are ValueErrors
        return []
    return [part for raw in found.parts if (part := _read(raw)) is not None] if found.version == VERSION else []


def pieces(frames: Sequence[bytes]) -> Iterator[tuple[list[bytes], bool]]:
    """Of a greeting, about `PIECE` bytes each, and whether it is the last; at least one."""
    piece: list[bytes] = []
    size = 0
    for frame in frames:
        if piece and size + len(frame) > PIECE:
            yield piece, False
            piece, size = [], 0
        piece.append(frame)
        size += len(frame)
    yield piece, True


def _read(raw: msgspec.Raw) -> Part | None:
    try:
        return _part.decode(raw)
    except (ValueError, RecursionError):
        return None
