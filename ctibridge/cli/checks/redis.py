"""The Redis that joins the nodes: is it there, may we use it, will it keep what we give it? Pure."""

from collections.abc import Iterator

from ctibridge.cli.checks.redis_probe import Seen
from ctibridge.cli.checks.wording import size
from ctibridge.cluster.server import POLICY, Server
from ctibridge.domain.finding import Finding, note

NOT_IN_USE = Finding("redis", "not in use: one node")
SLOW = 0.05
"""Seconds: a pop on another node comes later by this much."""


def findings(seen: Seen) -> Iterator[Finding]:
    if seen.fault is not None or seen.server is None:
        text, _, mend = (seen.fault or "").rpartition("; ")
        yield Finding("redis", text, mend)
        return
    took = f"{1000 * seen.round_trip:.1f} ms"
    if seen.round_trip > SLOW:
        mend = "bring it nearer: a pop on another node comes later by as much"
        yield note("redis", f"{seen.place} answers after {took}", mend)
    else:
        yield Finding("redis", f"{seen.place} answers after {took}, {seen.server.mode}")
    yield from _of(seen.server)


def _of(server: Server) -> Iterator[Finding]:
    if server.too_old:
        yield Finding("redis version", f"version {server.version} is too old", "install Redis 7 or newer")
    else:
        yield Finding("redis version", server.version)
    if server.may_evict:
        text = f"maxmemory-policy is {server.policy}: when it is full, lines lose their owner"
        yield Finding("eviction", text, f"CONFIG SET maxmemory-policy {POLICY}, and the same in redis.conf")
    else:
        most = size(server.most) if server.most else "no limit"
        yield Finding("eviction", f"{POLICY}; {size(server.used)} in use, {most}")
    kept = "it keeps an append-only file" if server.keeps else "no append-only file"
    yield Finding("redis disk", f"{kept}; nothing that was acknowledged lies there alone")
