"""What comes back on one connection to Redis, once redis-py has opened it.

redis-py's own reading and writing takes three times the processor of this (`docs/performance.md`), and every call
crosses here several times. Its handshake, its errors and hiredis's packing and parsing stay.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis
from redis.exceptions import InvalidResponse, ResponseError

Argument = bytes | str | int | float
Command = Sequence[Argument]
Reply = Any
AtOnce = Callable[[list[Reply]], None]
"""Is given a row's replies in the moment when the last one is there, before any task has its turn."""
_pack: Callable[[tuple[Argument, ...]], bytes] = cast("Any", hiredis.pack_command)


class Replies(asyncio.Protocol):
    """transport: connected and signed in; it is ours from now on. error: what an error reply is, from its text. One row
    of commands at a time."""

    def __init__(self, transport: asyncio.Transport, error: Callable[[str], Exception]) -> None:
        self._transport = transport
        self._reader = hiredis.Reader(protocolError=InvalidResponse, replyError=cast("Any", error))
        self._waiting: asyncio.Future[list[Reply]] | None = None
        self._come: list[Reply] = []
        self._wanted = 0
        self._at_once: AtOnce | None = None
        self._is_over = False
        self._is_stray = False
        transport.set_protocol(self)

    @property
    def is_quiet(self) -> bool:
        """Nothing came that nobody asked for, and the other end is still open."""
        return not (self._is_over or self._is_stray or self._transport.is_closing())

    def say(self, commands: Sequence[Command], at_once: AtOnce | None = None) -> bool:
        """They are on their way, and `heard` has their replies, behind at_once; where that raises, the loop logs it and
        ends the connection. False: it is not quiet, and nothing was sent."""
        if not self.is_quiet:
            return False
        self._waiting, self._come = asyncio.get_running_loop().create_future(), []
        self._wanted, self._at_once = len(commands), at_once
        self._transport.write(b"".join([_pack(tuple(command)) for command in commands]))
        return True

    async def heard(self, wait: float) -> list[Reply]:
        """The replies in order; an error reply stands in its place as a ResponseError. wait: seconds for all of them.
        Raises OSError (TimeoutError is one) and RedisError; then, or cancelled, nobody knows what still comes."""
        assert self._waiting is not None, "something was said"
        late = asyncio.get_running_loop().call_later(wait, self._fail, TimeoutError())
        try:
            return await self._waiting
        finally:
            late.cancel()
            self._waiting = None

    def forget(self) -> None:
        """Nobody waits any more."""
        self._waiting = None

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                self._take(reply)
        except InvalidResponse as error:  # these are no bytes of a Redis
            self._is_stray = True
            self._fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over = True
        self._fail(exc if isinstance(exc, OSError) else ConnectionResetError("connection closed by server"))

    def _take(self, reply: Reply) -> None:
        waiting = self._waiting
        if waiting is None or waiting.done():
            self._is_stray = True
            return
        if isinstance(reply, Exception) and not isinstance(reply, ResponseError):
            self._fail(reply)  # such as LOADING: redis-py takes it for the connection's end
            return
        self._come.append(reply)
        if len(self._come) == self._wanted:
            if self._at_once is not None:
                self._at_once(self._come)
            if not waiting.done():  # what came may have ended who waits for it
                waiting.set_result(self._come)

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
