"""Which server holds our keys now: the one of the url, the one that Sentinels call the primary, or of a Redis Cluster
the one that has our slot. Each is asked anew whenever a connection is opened, so a failover is followed by itself."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from ctibridge.cluster.adapters.dialling import Dialling
from ctibridge.cluster.adapters.faults import RedisFault, Refused, Unreachable
from ctibridge.cluster.adapters.wire import Reply, Wire
from ctibridge.cluster.settings import Place, RedisSettings

MOST_KNOWN = 64
"""Servers that we may ask for the way."""


class Way(Protocol):
    async def open(self, slot: int) -> Wire:
        """A connection to the server that holds this slot and takes writes. Raises RedisFault."""


class Straight:
    """A stand-alone Redis. A replica says READONLY to the first write."""

    def __init__(self, dialling: Dialling, place: Place) -> None:
        self._dialling, self._place = dialling, place

    async def open(self, slot: int) -> Wire:
        return await self._dialling.redis(self._place)


class Turn:
    """Servers that know the way, in the order in which they are asked: who answered last first. Who is asked goes to
    the end until it answers: a machine that is gone swallows what is sent, and who waits for it may be cut short."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = list(places)

    def __iter__(self) -> Iterator[Place]:
        for place in list(self._places):
            self._places = [*(one for one in self._places if one != place), place]
            yield place

    def answered(self, place: Place, named: Iterable[Place] = ()) -> None:
        """named: others, of which it spoke."""
        self._places = list(dict.fromkeys([place, *named, *self._places]))[:MOST_KNOWN]


class BySentinels:
    """As in Redis's own "Guidelines for Redis clients with support for Sentinel": ask the Sentinels in turn, the one
    that answered last time first, and look whether the server that they name is a primary indeed."""

    def __init__(self, dialling: Dialling, sentinels: Iterable[Place], name: str) -> None:
        self._dialling, self._sentinels, self._name = dialling, Turn(sentinels), name

    async def open(self, slot: int) -> Wire:
        wire = await self._dialling.redis(await self._primary())
        role = await wire.one("ROLE")
        if role[0] != b"master":
            wire.cut()
            raise Unreachable(f"{wire.where} is no primary now; wait for the failover of the Sentinels")
        return wire

    async def _primary(self) -> Place:
        last: RedisFault | None = None
        for sentinel in self._sentinels:
            try:
                found = await self._ask(sentinel)
            except RedisFault as fault:
                last = last or fault
                continue
            self._sentinels.answered(sentinel)
            return found
        raise last or Unreachable("no Sentinel is named; write sentinels")

    async def _ask(self, sentinel: Place) -> Place:
        wire = await self._dialling.sentinel(sentinel)
        try:
            found = await wire.one("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._name)
        finally:
            wire.cut()
        if found is None:
            mend = "write the name that SENTINEL MASTERS shows as the host of url"
            raise Refused(f"Sentinel {sentinel} knows no primary {self._name}; {mend}", "NOMASTER")
        return Place(found[0].decode(), int(found[1]))


class InCluster:
    """Any server of a Redis Cluster knows who holds a slot. Those that it names are asked when that of url is gone."""

    def __init__(self, dialling: Dialling, seed: Place) -> None:
        self._dialling, self._known = dialling, Turn([seed])

    async def open(self, slot: int) -> Wire:
        return await self._dialling.redis(await self._holder_of(slot))

    async def _holder_of(self, slot: int) -> Place:
        last: RedisFault | None = None
        for place in self._known:
            try:
                shards = await self._slots(place)
            except RedisFault as fault:
                last = last or fault
                continue
            self._known.answered(place, (named(server, place) for shard in shards for server in shard[2:]))
            holder = next((shard[2] for shard in shards if shard[0] <= slot <= shard[1]), None)
            if holder is not None:
                return named(holder, place)
        raise last or Unreachable("the Redis Cluster is down: nobody holds our slot; see CLUSTER SLOTS there")

    async def _slots(self, place: Place) -> list[Reply]:
        wire = await self._dialling.redis(place)
        try:
            shards: list[Reply] = await wire.one("CLUSTER", "SLOTS")
        finally:
            wire.cut()
        return shards


def way(settings: RedisSettings, dialling: Dialling) -> Way:
    if settings.sentinels:
        return BySentinels(dialling, settings.sentinel_places, settings.primary)
    return InCluster(dialling, settings.place) if settings.cluster else Straight(dialling, settings.place)


def named(server: Reply, told_by: Place) -> Place:
    """A server that does not know its own address leaves the host empty: it is the one we asked."""
    return Place((server[0] or b"").decode() or told_by.host, int(server[1]))
