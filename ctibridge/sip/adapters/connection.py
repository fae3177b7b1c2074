"""One connection as the loop sees it: bytes to messages, keep-alives answered here, nothing kept without bound."""

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

from ctibridge.sip.adapters.life import Due, Life
from ctibridge.sip.framing import Framing, FramingFault, KeepAlive, refusal
from ctibridge.sip.hop import Hop

UNWRITTEN = 1024 * 1024
"""Bytes that a peer may leave unread, or that wait while the connection is opened."""
_PING, _PONG = b"\r\n\r\n", b"\r\n"


class Owner(Protocol):
    """Who is told. All of it comes in the loop."""

    def stands(self, connection: "Connection") -> None: ...

    def heard(self, connection: "Connection", message: bytes) -> None: ...

    def ends(self, connection: "Connection", why: str) -> None:
        """Once, as soon as nothing more can be sent over it."""

    def gone(self, connection: "Connection") -> None:
        """After `ends`, when the loop has let go of it."""

    def tag(self) -> str:
        """A fresh To tag."""


class Connection(asyncio.Protocol):
    """hop: the other end, with our number of this connection. ping_every: seconds, None where the peer opened it."""

    def __init__(self, hop: Hop, owner: Owner, clock: Callable[[], float], *, ping_every: float | None) -> None:
        self.hop = hop
        self.is_ours = ping_every is not None
        self.transport: asyncio.Transport | None = None
        self._owner = owner
        self._clock = clock
        self._life = Life(clock(), ping_every)
        self._framing = Framing()
        self._waiting: list[bytes] = []
        self._waits = 0
        self._ended = False

    # -- what the loop says --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self._ended:
            self.transport.abort()
            return
        self._owner.stands(self)
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self.send(data)

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        pieces = self._framing.feed(data)
        for piece in pieces:
            if isinstance(piece, bytes):
                self._owner.heard(self, piece)
            elif piece is KeepAlive.PING:
                self.send(_PONG)
            elif piece is KeepAlive.PONG:
                self._life.ponged()
            elif isinstance(piece, FramingFault):
                self._refuse(piece)
        self._life.fed(self._clock(), whole=bool(pieces), half=self._framing.is_half)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._end("the peer closed the connection" if exc is None else "the connection broke")
        self._owner.gone(self)

    # -- what the owner says -------------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Waits while the connection is being opened. A peer that does not read is cut."""
        if self._ended:
            return
        if self.transport is None:
            self._wait(data)
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > UNWRITTEN:
            self.cut("the peer does not read")

    def tick(self, now: float) -> None:
        """Does what is due; often enough is once a second."""
        due = self._life.due(now) if self.transport is not None else None
        if due is Due.PING:
            self._framing.pinged()
            self.send(_PING)
        elif due is not None:
            self.cut(due.value)

    def cut(self, why: str) -> None:
        """At once; what was not written is lost."""
        self._end(why)
        if self.transport is not None:
            self.transport.abort()

    def finish(self, why: str) -> None:
        """What was said is still written."""
        self._end(why)
        self._life.closing(self._clock())
        if self.transport is not None:
            self.transport.close()

    # ------------------------------------------------------------------------------------------------------------------

    def _end(self, why: str) -> None:
        if not self._ended:
            self._ended = True
            self._owner.ends(self, why)

    def _wait(self, data: bytes) -> None:
        self._waits += len(data)
        if self._waits <= UNWRITTEN:
            self._waiting.append(data)

    def _refuse(self, fault: FramingFault) -> None:
        answer = refusal(fault, self.hop, self._owner.tag())
        if answer is not None:
            self.send(answer)
        self.finish(f"framing: {fault}")
