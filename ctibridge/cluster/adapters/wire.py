"""One connection to one Redis server, for one command or one row of commands at a time.

A command that is cancelled or late leaves a reply on the way, which would be taken for the answer to the next one: so
the connection is cut in the same moment, by its owner, before anybody can use it again. redis-py's own clients and
pools are not used: they release such a connection to the next caller from several places, and repeat commands.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from redis.asyncio.connection import Connection
from redis.exceptions import RedisError, ResponseError

from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.replies import Argument, AtOnce, Command, Replies, Reply
from ctibridge.cluster.settings import Place

__all__ = ["ANSWER", "Argument", "AtOnce", "Command", "Reply", "Wire"]

ANSWER = 1.0
"""Seconds for a connection to stand, and for an answer. Far above what a Redis in another city needs, and below the
shortest lease, so that a node can try again before it counts as gone."""


class Wire:
    """An open connection; after any exception from it, it is cut. explain: what redis-py raised, as
    one line."""

    def __init__(self, connection: Connection, place: Place, explain: Callable[[BaseException], RedisFault]) -> None:
        self._connection = connection
        self._replies: Replies | None = None
        self.place, self.where = place, str(place)
        self.explain = explain

    async def open(self) -> None:
        """Connects, signs in, chooses the database. Raises RedisFault."""
        try:
            async with asyncio.timeout(ANSWER):
                await self._connection.connect()  # type: ignore[no-untyped-call]
            writer = self._connection._writer
            assert writer is not None, "it is connected"
            self._replies = Replies(cast("asyncio.Transport", writer.transport), self._connection._parser.parse_error)
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self.cut()
            raise self.explain(error) from None
        except BaseException:
            self.cut()
            raise

    async def ask(
        self, commands: Sequence[Command], wait: float = ANSWER, at_once: AtOnce | None = None
    ) -> list[Reply]:
        """The replies, one for each, in order; an error reply stands in its place as a ResponseError. Nothing is sent
        twice. wait: seconds for all of them. Raises RedisFault where the connection fails."""
        if not self.say(commands, at_once):
            self.cut()
            raise self.explain(ConnectionResetError("connection closed by server"))
        return await self.heard(wait)

    def say(self, commands: Sequence[Command], at_once: AtOnce | None = None) -> bool:
        """The first half of `ask`: they go out at once. False: it is not quiet, and nothing was sent."""
        return self._replies is not None and self._replies.say(commands, at_once)

    async def heard(self, wait: float = ANSWER) -> list[Reply]:
        """The second half. Nothing else may be asked in between."""
        try:
            if self._replies is None:
                raise ConnectionResetError("connection closed by server")
            return await self._replies.heard(wait)
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self.cut()
            raise self.explain(error) from None
        except BaseException:
            self.cut()
            raise

    async def one(self, *command: Argument) -> Reply:
        """Raises RedisFault for an error reply, too."""
        (reply,) = await self.ask([command])
        if isinstance(reply, ResponseError):
            raise self.explain(reply)
        return reply

    async def quiet(self) -> bool:
        """Nothing stands there unread, and the other end is still open: the next reply will be our own."""
        return self._replies is not None and self._replies.is_quiet

    def cut(self) -> None:
        """At once and without waiting: a cancelled task may be cancelled again at any await."""
        if self._replies is not None:
            self._replies.forget()
        self._replies = None
        writer = self._connection._writer
        if writer is not None:
            writer.transport.abort()  # close() would still send what is buffered, to a server that may be stopped
        self._connection._close()  # type: ignore[no-untyped-call]
