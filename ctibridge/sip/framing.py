"""A stream cut into messages (RFC 3261 18.3, 20.14; keep-alives RFC 5626 3.5.1).

In: bytes as they come. Out: whole messages as `message.parse` takes them, keep-alives, and at most one fault: behind it
nobody knows where the next message begins, so the connection has to be closed. How the bytes were cut on their way
changes nothing, and each byte is looked at a bounded number of times.
"""

import re
from enum import Enum, auto

from ctibridge.sip import limits, message, transaction
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import whole_number
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import Request

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:((?:[^\r]|\r(?!\n)|\r\n[ \t])*)", re.IGNORECASE)
"""Half a line end stays in the value, which then is no number: nobody reads another length than we do."""
_FOLD = re.compile(rb"\r\n[ \t]+")
_LARGEST = 9_999_999_999
"""The largest number that is read as one."""


class KeepAlive(Enum):
    """What stands between messages."""

    PING = auto()
    """Two CRLFs: the peer asks whether we are there, and is answered with one."""
    PONG = auto()
    """One CRLF: the answer to our own ping."""


class FramingFault(RemoteFault):
    """The boundary is lost. request: what could be read of the message, where it is one that may be answered."""

    def __init__(self, what: str, status: int = 400, request: Request | None = None) -> None:
        super().__init__(what, status)
        self.request = request


Piece = bytes | KeepAlive | FramingFault


class Framing:
    """One direction of one connection."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._whole = 0
        self._line_ends = 0
        self._pong_due = False
        self._lost = False

    @property
    def is_half(self) -> bool:
        """A message has begun and is not yet whole."""
        return len(self._buffer) > 0

    def pinged(self) -> None:
        """We have sent a ping: the next CRLF is its answer, and no half of a ping."""
        self._pong_due = True

    def feed(self, data: bytes) -> list[Piece]:
        """What became whole by these bytes. Nothing is raised, and nothing comes behind a fault."""
        if self._lost:
            return []
        self._buffer += data
        pieces: list[Piece] = []
        try:
            while (piece := self._next()) is not None:
                pieces.append(piece)
        except FramingFault as fault:
            self._lost = True
            self._buffer.clear()
            pieces.append(fault)
        return pieces

    def _next(self) -> bytes | KeepAlive | None:
        if not self._whole:
            while self._buffer.startswith(b"\r\n"):
                del self._buffer[:2]
                if (piece := self._line_end()) is not None:
                    return piece
            self._whole = self._find_whole()
        if not self._whole or len(self._buffer) < self._whole:
            return None
        data = bytes(self._buffer[: self._whole])
        del self._buffer[: self._whole]
        self._searched = self._whole = self._line_ends = 0
        return data

    def _line_end(self) -> KeepAlive | None:
        if self._pong_due:
            self._pong_due = False
            return KeepAlive.PONG
        self._line_ends = (self._line_ends + 1) % 2
        return None if self._line_ends else KeepAlive.PING

    def _find_whole(self) -> int:
        """Bytes of the message at the start of the buffer, 0 while its head is not whole. Raises FramingFault."""
        end = self._buffer.find(_END, max(0, self._searched - len(_END) + 1), limits.MESSAGE)
        if end < 0:
            self._searched = len(self._buffer)
            if self._searched >= limits.MESSAGE:
                raise FramingFault("the head has no end", 413)
            return 0
        head = bytes(self._buffer[: end + len(_END)])
        return len(head) + _content_length(head)


def refusal(fault: FramingFault, source: Hop, to_tag: str) -> bytes | None:
    """The error response, where RFC 3261 18.3 lets one be sent: to a request whose transaction can be read."""
    if fault.request is None or fault.request.method == "ACK":
        return None
    try:
        transaction.read(fault.request)
        return bytes(transaction.reply(fault.request, fault.status, source, to_tag))
    except RemoteFault:
        return None


def _content_length(head: bytes) -> int:
    """Raises FramingFault: a stream has no other boundary (20.14)."""
    found = _LENGTH.findall(head)
    if not found:
        raise FramingFault("no Content-Length", 400, _answerable(head))
    lengths = {_number(_FOLD.sub(b" ", value).strip(b" \t")) for value in found}
    length = lengths.pop()
    if lengths or length is None:
        raise FramingFault("Content-Length is no one number", 400, _answerable(head))
    if len(head) + length > limits.MESSAGE:
        raise FramingFault("message too long", 413, _answerable(head))
    return length


def _number(digits: bytes) -> int | None:
    return whole_number(digits.decode(), _LARGEST) if digits.isdigit() else None


def _answerable(head: bytes) -> Request | None:
    try:
        read = message.parse(head)
    except message.Refused as fault:
        return fault.request
    except RemoteFault:
        return None
    return read if isinstance(read, Request) else None
