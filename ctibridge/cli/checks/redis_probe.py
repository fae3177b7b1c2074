"""Asks the Redis of `[redis]` what it is, for `check`; changes nothing there."""

import asyncio
from dataclasses import dataclass

from ctibridge.cluster.server import Server
from ctibridge.cluster.settings import RedisAccess


@dataclass(frozen=True, slots=True)
class Seen:
    """place: of the url. fault: why it cannot be used, with the mend behind a semicolon; else server, and round_trip:
    seconds of one command and its answer."""

    place: str
    fault: str | None = None
    server: Server | None = None
    round_trip: float = 0.0


def look(access: RedisAccess) -> Seen:
    """At most a few seconds: each connection and each answer has one."""
    return asyncio.run(_look(access))


async def _look(access: RedisAccess) -> Seen:
    # A check without [redis] does not pay for them.
    from ctibridge.cluster.adapters import looking  # noqa: PLC0415
    from ctibridge.cluster.adapters.connection import Redis  # noqa: PLC0415
    from ctibridge.cluster.adapters.faults import RedisFault  # noqa: PLC0415
    from ctibridge.cluster.keys import Keys  # noqa: PLC0415

    settings = access.settings
    place = settings.primary if settings.sentinels else str(settings.place)
    try:
        link = Redis(access, "check").link(Keys(settings.prefix).all)
        try:
            server = await looking.look(link)
            return Seen(place, server=server, round_trip=await looking.round_trip(link))
        finally:
            await link.close()
    except RedisFault as fault:
        return Seen(place, str(fault))
