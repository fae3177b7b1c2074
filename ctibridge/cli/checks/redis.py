"""The Redis that joins the nodes: is it there, may we use it, will it keep what we give it? Pure."""

from collections.abc import Iterator

from ctibridge.cli.checks.redis_probe import People, Seen
from ctibridge.cli.checks.wording import size, span
from ctibridge.cluster.server import POLICY, Server
from ctibridge.domain.finding import Finding, note

NOT_IN_USE = Finding("redis", "not in use: one node")
SLOW = 0.05
"""Seconds: a pop on another node comes later by this much."""
APART = 60.0
"""Seconds between two calendars; less is what no minute shows."""


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
    if abs(seen.ahead) > APART:
        text = f"this machine's is {span(abs(seen.ahead))} {'ahead of' if seen.ahead > 0 else 'behind'} Redis's"
        yield note("clocks", f"{text}; tokens, grants and lists go by each node's own", "set the one that is wrong")
    else:
        yield Finding("clocks", "this machine's and Redis's agree")
    if seen.people is not None:
        yield _people(seen.people)


def _people(found: People) -> Finding:
    if not found.head:
        return note("people", "there is no directory yet", "ctibridge import PATH")
    if found.version is None:
        text = "Redis has none: who calls is named by the nodes alone that keep people on their disk"
        mend = "start a node that keeps them, which writes them anew; is there none, restore a backup of one"
        return Finding("people", text, mend)
    if found.version < found.head:
        text = f"in Redis as of version {found.version:,}, and the directory is at {found.head:,}"
        return note("people", text, "look again in a moment; a node that keeps them has to run")
    return Finding("people", "in Redis, as the directory has them")


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
