"""The registry in Redis: `Registry` of the core, as a script (`ask.lua`).

Asked twice it does nothing more, by its count: so a request without an answer may be sent again by who asked.
"""

import msgspec

from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.script import Script
from ctibridge.cluster.adapters.wire import Argument, Reply
from ctibridge.cluster.beat import Beat, Refused
from ctibridge.cluster.keys import Keys
from ctibridge.cluster.view import View, parse

_REFUSED = {b"taken": Refused("taken"), b"overtaken": Refused("overtaken")}


class RedisRegistry:
    """On a connection of its own, so that a sign of life waits for nothing else."""

    def __init__(self, redis: Redis) -> None:
        keys = Keys(redis.prefix)
        self._keys = (keys.registry, keys.leases, keys.lots)
        self._link = redis.link(keys.registry)
        self._ask, self._look = Script("ask"), Script("look")

    async def ask(self, beat: Beat) -> View | Refused:
        """Atomic. Raises RedisFault where Redis does not answer (the request may have been carried out), or answers
        what is no view."""
        return _answer(await self._link.run(self._ask, self._keys, *_arguments(beat)))

    async def look(self) -> View:
        """How all stands, for who is no node: nothing is written. Atomic. Raises RedisFault as `ask` does."""
        answer = _answer(await self._link.run(self._look, self._keys))
        assert isinstance(answer, View), "a look is never refused"
        return answer

    def cut(self) -> None:
        self._link.cut()

    async def close(self) -> None:
        await self._link.close()


def _arguments(beat: Beat) -> list[Argument]:
    info, lease = msgspec.json.encode(beat.info), round(1000 * beat.lease)
    changes = [word for change in beat.changes for word in (change.op, change.lot, change.token)]
    who: list[Argument] = [beat.node, beat.incarnation, beat.replaces, beat.count]
    return [*who, lease, info, int(beat.leaves), beat.birth, *changes]


def _answer(reply: Reply) -> View | Refused:
    refused = _REFUSED.get(reply[0]) if len(reply) == 1 else None
    if refused is not None:
        return refused
    try:
        return parse(reply)
    except (msgspec.DecodeError, ValueError, TypeError):
        told = "redis: what stands under our keys is no registry; see whether another program has the same prefix"
        raise RedisFault(told) from None
