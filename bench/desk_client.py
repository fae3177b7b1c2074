"""One desk of the bench: as little websocket as will do, so that the clients do not take the server's processor.

Of RFC 6455: frames of the server come whole and unmasked; ours are masked with zeros, which is a mask like another.
"""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from typing import cast

import msgspec

_UPGRADE = (
    b"GET /v1/desk HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: ctibridge.v1\r\n\r\n"
)
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_CUT = 1006
_ADVICE = re.compile(r"retry in (\d+) s")


class Frame(msgspec.Struct):
    """What the bench reads of a frame; events have time and sequence."""

    type: str
    time: datetime | None = None
    sequence: int | None = None
    data: msgspec.Raw = msgspec.Raw()


class Welcome(msgspec.Struct):
    epoch: str
    sequence: int
    resumed: bool


_frame = msgspec.json.Decoder(Frame, strict=False)
_welcome = msgspec.json.Decoder(Welcome)


class Wire(asyncio.Protocol):
    """One connection. on_open: the upgrade is done; on_end: with close code and reason, 1006 where there was none."""

    def __init__(
        self, on_open: Callable[[], None], on_text: Callable[[bytes], None], on_end: Callable[[int, str], None]
    ) -> None:
        self._on_open, self._on_text, self._on_end = on_open, on_text, on_end
        self._buffer = bytearray()
        self._upgraded = False
        self._closed = _CUT, ""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(_UPGRADE)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded and not self._answered():
            return
        while (frame := self._next()) is not None:
            self._take(*frame)

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_end(*self._closed)

    def send(self, payload: bytes, opcode: int = _TEXT) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
        self.transport.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    def _answered(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not self._buffer.startswith(b"HTTP/1.1 101"):
            self.transport.abort()
            return False
        del self._buffer[: end + 4]
        self._upgraded = True
        self._on_open()
        return True

    def _next(self) -> tuple[int, bytes] | None:
        """Opcode and payload of the next frame that is whole."""
        held = self._buffer
        size, start = held[1] if len(held) > 1 else 0, 2
        if size > 125:
            start = 4 if size == 126 else 10
            size = int.from_bytes(held[2:start])
        if len(held) < start + size:
            return None
        frame = held[0] & 15, bytes(held[start : start + size])
        del held[: start + size]
        return frame

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._on_text(payload)
        elif opcode == _PING:
            self.send(payload, _PONG)
        elif opcode == _CLOSE:
            self._closed = int.from_bytes(payload[:2]), payload[2:].decode()
            self.send(payload[:2], _CLOSE)


class Desk:
    """An agent's client over all its connections: where it stands, and what it missed."""

    def __init__(self, token: str) -> None:
        self.wire: Wire | None = None
        self.live = False
        self.epoch, self.sequence = "", 0
        self.heard = self.lost = self.twice = self.resumed = self.snapshots = 0
        self._token = token

    def sign_in(self, behind: int) -> None:
        """behind: so many events before the newest it goes back, as if it had not kept those."""
        assert self.wire is not None
        auth: dict[str, object] = {"type": "auth", "token": self._token}
        if self.epoch:
            self.sequence = max(0, self.sequence - behind)
            auth["resume"] = {"epoch": self.epoch, "sequence": self.sequence}
        self.wire.send(msgspec.json.encode(auth))

    def take(self, text: bytes) -> datetime | None:
        """Returns when an event was told, None for what is none."""
        frame = _frame.decode(text)
        if frame.sequence is not None:
            step = frame.sequence - self.sequence
            self.lost += max(0, step - 1)
            self.twice += step < 1
            self.heard += 1
            self.sequence = max(self.sequence, frame.sequence)
            return frame.time
        if frame.type == "welcome":
            self._welcomed(_welcome.decode(frame.data))
        return None

    def _welcomed(self, welcome: Welcome) -> None:
        self.live = True
        if welcome.resumed:
            self.resumed += 1
        else:
            self.snapshots += 1
            self.epoch, self.sequence = welcome.epoch, welcome.sequence


def advised(reason: str) -> float | None:
    """Seconds."""
    found = _ADVICE.search(reason)
    return None if found is None else float(found[1])
