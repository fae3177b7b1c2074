"""Asks the Redis of `[redis]` what it is and how the nodes stand, for `check` and `cluster status`; changes nothing
there, and has no lease."""

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ctibridge.cluster.member import nobody_for
from ctibridge.cluster.server import Server
from ctibridge.cluster.settings import RedisAccess
from ctibridge.cluster.standing import nobodys
from ctibridge.cluster.view import View

if TYPE_CHECKING:
    from ctibridge.cluster.adapters.connection import Redis

AGAIN = 0.25
"""Seconds until the next look."""


@dataclass(frozen=True, slots=True)
class People:
    """Of the directory that several nodes share in Redis. version: of those there; None: there are none. head: that
    the directory is at; 0: there is none yet."""

    version: int | None
    head: int


@dataclass(frozen=True, slots=True)
class Seen:
    """place: of the url. fault: why it cannot be used, with the mend behind a semicolon; else server, round_trip:
    seconds of one command and its answer, ahead: seconds of our calendar before Redis's, and view: how the nodes stand.
    people: None where each node has its own."""

    place: str
    fault: str | None = None
    server: Server | None = None
    round_trip: float = 0.0
    ahead: float = 0.0
    view: View | None = None
    people: People | None = None


def look(access: RedisAccess, patience: float | None = None) -> Seen:
    """A few seconds where Redis is slow: each connection and each answer has one. patience: where lots have no owner,
    it looks again for so many seconds, as long as a take-over may last by default."""
    lease = float(access.settings.lease)
    return asyncio.run(_look(access, nobody_for(lease) if patience is None else patience))


async def _look(access: RedisAccess, patience: float) -> Seen:
    # A check without [redis] does not pay for them.
    from ctibridge.cluster.adapters import looking  # noqa: PLC0415
    from ctibridge.cluster.adapters.connection import Redis  # noqa: PLC0415
    from ctibridge.cluster.adapters.faults import RedisFault  # noqa: PLC0415
    from ctibridge.cluster.adapters.registry import RedisRegistry  # noqa: PLC0415
    from ctibridge.cluster.keys import Keys  # noqa: PLC0415

    settings = access.settings
    place = settings.primary if settings.sentinels else str(settings.place)
    try:
        redis = Redis(access, "check")
        link, registry = redis.link(Keys(settings.prefix).all), RedisRegistry(redis)
        try:
            server, round_trip = await looking.look(link), await looking.round_trip(link)
            ahead, view = await looking.ahead(link), await _calm(registry, patience)
            people = await _people(redis) if settings.shares_people else None
            return Seen(place, None, server, round_trip, ahead, view, people)
        finally:
            await link.close()
            await registry.close()
    except RedisFault as fault:
        return Seen(place, str(fault))


async def _people(redis: "Redis") -> People:
    """Raises RedisFault."""
    from ctibridge.cluster.adapters.faults import Unreachable  # noqa: PLC0415
    from ctibridge.cluster.adapters.history import History  # noqa: PLC0415
    from ctibridge.cluster.adapters.spread import Spread  # noqa: PLC0415
    from ctibridge.lookup.adapters.shared import state  # noqa: PLC0415

    history, spread = History(redis), Spread(redis)
    try:
        head, found = await history.head(), await state.read(spread, redis.prefix)
    except OSError as fault:
        raise Unreachable(str(fault)) from None
    finally:
        await history.close()
        await spread.close()
    there = None if found.layout is None or found.at is None else found.at.version
    return People(there, 0 if head is None else head.version)


class _Registry(Protocol):
    async def look(self) -> View: ...


async def _calm(registry: _Registry, patience: float) -> View:
    """As soon as each lot has an owner, or nobody is there who could be it."""
    until = time.monotonic() + patience
    while True:
        view = await registry.look()
        if not view.nodes or not nobodys(view) or time.monotonic() >= until:
            return view
        await asyncio.sleep(AGAIN)
