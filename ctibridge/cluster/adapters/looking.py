"""Asks a Redis what it is: when a node opens it, and for `check`."""

import time
from collections.abc import Callable

from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import Refused
from ctibridge.cluster.server import Server, parse

TOO_OLD = "VERSION"
"""The code of what `fit` refuses."""
SECTIONS = ("server", "memory", "persistence")
# What CONFIG GET would say stands in INFO, too, which an ACL user may be given without harm.


async def look(link: Link) -> Server:
    """Raises RedisFault."""
    replies = [link.good(reply) for reply in await link.calls([("INFO", section) for section in SECTIONS])]
    try:
        return parse(b"\r\n".join(replies))
    except ValueError:
        raise Refused("redis: what it says of itself is not Redis; mend url", "INFO") from None


async def fit(link: Link) -> Server:
    """As `look`, and refused in one line where it is too old. Raises RedisFault."""
    server = await look(link)
    if server.too_old:
        raise Refused(f"redis: it is version {server.version}; install Redis 7 or newer", TOO_OLD)
    return server


async def round_trip(link: Link, times: int = 20) -> float:
    """Seconds of one command and its answer, the middle one of so many. Raises RedisFault."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        await link.call("TIME")
        took.append(time.perf_counter() - begin)
    return sorted(took)[times // 2]


async def ahead(link: Link, now: Callable[[], float] = time.time) -> float:
    """Seconds by which this machine's calendar is ahead of Redis's, as far as half an answer's time lets us see. now:
    seconds since the epoch. Raises RedisFault."""
    begin = now()
    seconds, micros = await link.call("TIME")
    return (begin + now()) / 2 - int(seconds) - int(micros) / 1e6
