"""Redis as the rest of the room uses it: `Redis` opens `Link`s, a `Link` carries commands to the server of its keys.

One connection for each link, one command or row of commands on it at a time; whoever comes meanwhile waits. Cancelled
or late, it is cut (`wire.py`), and the next command opens a new one. Sent again is only what Redis says it did not do:
MOVED, ASK, NOSCRIPT. Whether a command without an answer was carried out nobody knows here; who sent it decides.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError

from ctibridge.cluster.adapters.dialling import Dialling
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.script import Script
from ctibridge.cluster.adapters.ways import way
from ctibridge.cluster.adapters.wire import ANSWER, Argument, AtOnce, Command, Reply, Wire
from ctibridge.cluster.settings import Place, RedisAccess

REDIRECTIONS = 5
"""Of one command; more would be two servers that send us to each other."""


class Redis:
    """Where our Redis is and how to sign in. name: of this node. Raises RedisFault for a `ca_file` that is none."""

    def __init__(self, access: RedisAccess, name: str) -> None:
        self._dialling = Dialling(access, name)
        self._way = way(access.settings, self._dialling)
        self.prefix = access.settings.prefix
        self.is_shared_out = access.settings.cluster

    def link(self, key: str) -> "Link":
        """For this key and those with its hash tag. Nothing is opened yet."""
        return Link(self._way.open, self._dialling, key_slot(key.encode()))

    async def open(self, slot: int) -> Wire:
        """To whoever holds it. Raises RedisFault."""
        return await self._way.open(slot)

    async def dial(self, place: Place) -> Wire:
        """To this server of ours. Raises RedisFault."""
        return await self._dialling.redis(place)

    def explain(self, error: ResponseError) -> RedisFault:
        return self._dialling.explain(error)


class Link:
    """opening: connects to whoever holds the slot."""

    def __init__(self, opening: Callable[[int], Awaitable[Wire]], dialling: Dialling, slot: int) -> None:
        self._opening, self._dialling, self._slot = opening, dialling, slot
        self._turn = asyncio.Lock()
        self._wire: Wire | None = None
        self._said: Wire | None = None

    async def call(self, *command: Argument, wait: float = ANSWER) -> Reply:
        """One command's reply. wait: seconds for the answer. Raises RedisFault; an error reply is one, too."""
        (reply,) = await self.calls([command], wait)
        return self.good(reply)

    async def calls(self, commands: Sequence[Command], wait: float = ANSWER) -> list[Reply]:
        """All at once; the replies in order, error replies in their places (`good` raises them). Raises RedisFault."""
        async with self._turn:
            return await self._followed(commands, await self._ask(commands, wait), wait)

    async def listen(self, command: Command, wait: float, hear: Callable[[Reply], None]) -> None:
        """As `call`. hear: is given the reply in the moment when it is there, before any task has its turn; where Redis
        sent us elsewhere for it, when that was done."""

        def at_once(replies: list[Reply]) -> None:
            if not isinstance(replies[0], ResponseError):
                hear(replies[0])

        async with self._turn:
            said = await self._ask([command], wait, at_once)
            (reply,) = await self._followed([command], said, wait)
        if isinstance(said[0], ResponseError):
            hear(self.good(reply))

    def say(self, commands: Sequence[Command]) -> bool:
        """The first half of `calls`: they are on their way when this returns. False: there is no connection that could
        take them at once, and nothing was done."""
        if self._turn.locked() or self._wire is None or not self._wire.say(commands):
            return False
        self._said, self._wire = self._wire, None
        return True

    async def heard(self, commands: Sequence[Command], wait: float = ANSWER) -> list[Reply]:
        """The second half. Nothing else may be asked of this link in between."""
        async with self._turn:
            assert self._said is not None, "something was said"
            wire, self._said = self._said, None
            replies = await wire.heard(wait)
            self._wire = wire
            return await self._followed(commands, replies, wait)

    async def run(self, script: Script, keys: Sequence[str], *arguments: Argument) -> Reply:
        """See `Script.run`. Raises RedisFault, also for an error reply."""
        return self.good(await script.run(self.calls, keys, *arguments))

    def good(self, reply: Reply) -> Reply:
        """The reply, if it is none of an error. Raises RedisFault."""
        if isinstance(reply, ResponseError):
            raise self.explain(reply)
        return reply

    def explain(self, error: ResponseError) -> RedisFault:
        return self._dialling.explain(error)

    def cut(self) -> None:
        for wire in (self._wire, self._said):
            if wire is not None:
                wire.cut()
        self._wire = self._said = None

    async def close(self) -> None:
        """The loop gets the turn in which it forgets the socket."""
        self.cut()
        await asyncio.sleep(0)

    async def _ask(self, commands: Sequence[Command], wait: float, at_once: AtOnce | None = None) -> list[Reply]:
        """The wire is out of reach while it is used: what breaks off in here never comes back."""
        wire, self._wire = self._wire, None
        if wire is not None and not await wire.quiet():
            wire.cut()  # closed by Redis meanwhile: nothing was sent on it
            wire = None
        wire = wire or await self._opening(self._slot)
        replies = await wire.ask(commands, wait, at_once)
        self._wire = wire
        return replies

    async def _followed(self, commands: Sequence[Command], replies: list[Reply], wait: float) -> list[Reply]:
        """To where their keys are now."""
        if not any(isinstance(reply, ResponseError) for reply in replies):
            return replies
        for _ in range(REDIRECTIONS):
            if not any(isinstance(reply, AskError) for reply in replies):
                break
            replies = await self._redirected(commands, replies, wait)
        if any(isinstance(reply, ReadOnlyError | ClusterDownError) for reply in replies):
            self.cut()  # whoever took its place is found when the next connection is opened
        return replies

    async def _redirected(self, commands: Sequence[Command], replies: list[Reply], wait: float) -> list[Reply]:
        """Redis Cluster did not carry these out: the slot has moved, or the key while it moves. Their order stays."""
        assert self._wire is not None, "it has just answered"
        first = next(reply for reply in replies if isinstance(reply, AskError))
        turned = [at for at, reply in enumerate(replies) if type(reply) is type(first)]
        place = Place(first.host or self._wire.place.host, first.port)
        wire = await self._dialling.redis(place)
        asking: list[Command] = [] if isinstance(first, MovedError) else [("ASKING",)]
        again = await wire.ask([one for at in turned for one in (*asking, commands[at])], wait)
        if asking:
            wire.cut()
        else:
            self.cut()
            self._wire = wire
        found = dict(zip(turned, again[len(asking) :: len(asking) + 1], strict=True))
        return [found.get(at, reply) for at, reply in enumerate(replies)]
