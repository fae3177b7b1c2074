"""One connection to one Redis server, for one command or one row of commands at a time.

A command that is cancelled or late leaves a reply on the way, which would be taken for the answer to the next one: so
the connection is cut in the same moment, by its owner, before anybody can use it again. redis-py's own clients and
pools are not used: they release such a connection to the next caller from several places, and repeat commands.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from hiredis import pack_command
from redis.asyncio.connection import Connection
from redis.exceptions import RedisError, ResponseError

from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.settings import Place

Argument = bytes | str | int | float
Command = Sequence[Argument]
Reply = Any


ANSWER = 1.0
"""Seconds for a connection to stand, and for an answer. Far above what a Redis in another city needs, and below the
shortest lease, so that a node can try again before it counts as gone."""


class Wire:
    """An open connection; after any exception from it, it is cut. explain: what redis-py raised, as
    one line."""

    def __init__(self, connection: Connection, place: Place, explain: Callable[[BaseException], RedisFault]) -> None:
        self._connection = connection
        self.place, self.where = place, str(place)
        self.explain = explain

    async def open(self) -> None:
        """Connects, signs in, chooses the database. Raises RedisFault."""
        async with self._cut_unless_whole(ANSWER):
            await self._connection.connect()  # type: ignore[no-untyped-call]

    async def ask(self, commands: Sequence[Command], wait: float = ANSWER) -> list[Reply]:
        """The replies, one for each, in order; an error reply stands in its place as a ResponseError. Nothing is sent
        twice. wait: seconds for all of them. Raises RedisFault where the connection fails."""
        async with self._cut_unless_whole(wait):
            if self._is_closing():
                raise ConnectionResetError("connection closed by server")
            # redis-py's own packing takes four times as long.
            packed = b"".join([pack_command(tuple(command)) for command in commands])  # type: ignore[arg-type]
            await self._connection.send_packed_command(packed, check_health=False)
            return [await self._reply() for _ in commands]

    async def one(self, *command: Argument) -> Reply:
        """Raises RedisFault for an error reply, too."""
        (reply,) = await self.ask([command])
        if isinstance(reply, ResponseError):
            raise self.explain(reply)
        return reply

    async def quiet(self) -> bool:
        """Nothing stands there unread, and the other end is still open: the next reply will be our own."""
        return self._connection.is_connected and not await self._connection.can_read() and not self._is_closing()

    def _is_closing(self) -> bool:
        """Reset: redis-py does not look for it, and uvloop raises a RuntimeError to who writes then."""
        writer = self._connection._writer
        return writer is not None and writer.transport.is_closing()

    def cut(self) -> None:
        """At once and without waiting: a cancelled task may be cancelled again at any await."""
        writer = self._connection._writer
        if writer is not None:
            writer.transport.abort()  # close() would still send what is buffered, to a server that may be stopped
        self._connection._close()  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def _cut_unless_whole(self, wait: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(wait):
                yield
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self.cut()
            raise self.explain(error) from None
        except BaseException:
            self.cut()
            raise

    async def _reply(self) -> Reply:
        try:
            return await self._connection.read_response()
        except ResponseError as error:
            return error
