"""Commands for keys that lie anywhere in Redis: each goes to the server of its key, those of one server in one row.

For the people of the directory: some connections to each server, so that a look-up waits for no other one, and whoever
is cancelled cuts only his own. Sent again is only what a Redis Cluster says that it did not do: MOVED, ASK.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError

from ctibridge.cluster.adapters.connection import REDIRECTIONS, Redis
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.ways import named
from ctibridge.cluster.adapters.wire import ANSWER, Command, Reply, Wire
from ctibridge.cluster.settings import Place

LANES = 4
"""Connections to one server; who comes meanwhile waits."""


class SpreadFault(ConnectionError):
    """As RedisFault, one line, for who knows nothing of this room: an OSError."""


class Spread:
    """wait: seconds for the answer to one row. Nothing is opened yet."""

    def __init__(self, redis: Redis, lanes: int = LANES, wait: float = ANSWER) -> None:
        self._redis, self._most, self._wait = redis, lanes, wait
        self._lanes: dict[Place | None, _Lanes] = {}
        self._holders: dict[int, Place] = {}
        self._learning = asyncio.Lock()

    async def ask(self, commands: Sequence[Command]) -> list[Reply]:
        """The replies in order. A command's key stands behind its name, a script's behind the count of its keys. Raises
        SpreadFault: a server cannot be reached, or refuses one of them; what the others were is not said then."""
        replies: dict[int, Reply] = {}
        left = list(range(len(commands)))
        try:
            for _ in range(REDIRECTIONS):
                await self._round(commands, left, replies)
                left = [at for at in left if isinstance(replies[at], AskError)]
                if not left:
                    break
            for reply in replies.values():
                if isinstance(reply, ResponseError):
                    raise self._redis.explain(reply)
        except RedisFault as fault:
            raise SpreadFault(str(fault)) from fault
        return [replies[at] for at in range(len(commands))]

    async def close(self) -> None:
        """The loop gets the turn in which it forgets the sockets."""
        for lanes in self._lanes.values():
            lanes.cut()
        await asyncio.sleep(0)

    async def _round(self, commands: Sequence[Command], left: Sequence[int], replies: dict[int, Reply]) -> None:
        by_server: dict[Place | None, list[int]] = {}
        for at in left:
            by_server.setdefault(await self._server(commands[at]), []).append(at)
        rows = [self._row(server, [(at, commands[at]) for at in some], replies) for server, some in by_server.items()]
        if len(rows) == 1:
            await rows[0]
            return
        # All of them end before one is raised: none goes on behind our back.
        for ended in await asyncio.gather(*rows, return_exceptions=True):
            if ended is not None:
                raise ended

    async def _row(self, server: Place | None, some: list[tuple[int, Command]], replies: dict[int, Reply]) -> None:
        lanes = self._lanes.get(server)
        if lanes is None:
            lanes = self._lanes[server] = _Lanes(lambda: self._open(server), self._most)
        try:
            place, found = await lanes.ask([command for _, command in some], self._wait)
        except RedisFault:
            self._forget(server)
            raise
        for (at, command), reply in zip(some, found, strict=True):
            replies[at] = await self._turned(place, command, reply) if isinstance(reply, AskError) else reply
        if any(isinstance(reply, ReadOnlyError | ClusterDownError) for reply in found):
            self._forget(server)

    async def _turned(self, asked: Place, command: Command, reply: AskError) -> Reply:
        """Elsewhere from now on; or this once, while its slot is on its way."""
        place = Place(reply.host or asked.host, reply.port)
        if isinstance(reply, MovedError):
            self._holders[_slot(command)] = place
            return reply
        wire = await self._redis.dial(place)
        try:
            return (await wire.ask([("ASKING",), command], self._wait))[1]
        finally:
            wire.cut()

    # -- which server --------------------------------------------------------------------------------------------------

    async def _server(self, command: Command) -> Place | None:
        """None: the one that there is. Raises RedisFault."""
        if not self._redis.is_shared_out:
            return None
        slot = _slot(command)
        if slot not in self._holders:
            async with self._learning:
                if slot not in self._holders:
                    await self._learn(slot)
        return self._holders[slot]

    async def _learn(self, slot: int) -> None:
        wire = await self._redis.open(slot)
        try:
            shards = await wire.one("CLUSTER", "SLOTS")
        finally:
            wire.cut()
        for first, last, holder, *_ in shards:
            self._holders |= dict.fromkeys(range(first, last + 1), named(holder, wire.place))
        self._holders.setdefault(slot, wire.place)

    def _forget(self, server: Place | None) -> None:
        """Whoever took its place is found by the next one who asks."""
        lanes = self._lanes.pop(server, None)
        if lanes is not None:
            lanes.cut()
        self._holders = {slot: place for slot, place in self._holders.items() if place != server}

    async def _open(self, server: Place | None) -> Wire:
        return await (self._redis.open(0) if server is None else self._redis.dial(server))


class _Lanes:
    """Connections to one server, each for one row at a time."""

    def __init__(self, opening: Callable[[], Awaitable[Wire]], most: int) -> None:
        self._opening = opening
        self._room = asyncio.Semaphore(most)
        self._idle: list[Wire] = []
        self._over = False

    async def ask(self, commands: Sequence[Command], wait: float) -> tuple[Place, list[Reply]]:
        """The wire is out of reach while it is used: what breaks off in here never comes back."""
        async with self._room:
            wire = await self._quiet() or await self._opening()
            replies = await wire.ask(commands, wait)
            if self._over:
                wire.cut()
            else:
                self._idle.append(wire)
            return wire.place, replies

    def cut(self) -> None:
        """Those that are in use are cut when they have their answer."""
        self._over = True
        while self._idle:
            self._idle.pop().cut()

    async def _quiet(self) -> Wire | None:
        while self._idle:
            wire = self._idle.pop()
            good = False
            try:
                good = await wire.quiet()
            finally:
                if not good:
                    wire.cut()  # closed by Redis meanwhile, or given up by who asks
            if good:
                return wire
        return None


def _slot(command: Command) -> int:
    key = command[3] if command[0] in ("EVAL", "EVALSHA") else command[1]
    return int(key_slot(key if isinstance(key, bytes) else str(key).encode()))
