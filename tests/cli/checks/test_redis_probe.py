"""What `check` sees of a real Redis."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctibridge.cli.checks import redis_probe
from ctibridge.cli.checks.redis_probe import People
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from ctibridge.cluster.view import Node, Record, View
from tests.peers.ports import Loopback
from tests.peers.redis import RedisServer


@pytest.fixture
def server(tmp_path: Path, loopback: Loopback) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path / "redis", loopback, {"maxmemory-policy": "allkeys-lru"})
    asyncio.run(running.start())
    yield running
    running.kill()


@pytest.mark.peer("redis-server")
def test_what_it_is(server: RedisServer) -> None:
    seen = redis_probe.look(RedisAccess(RedisSettings(server.url)))
    assert (seen.place, seen.fault) == (server.host, None)
    assert seen.server is not None
    assert seen.server.may_evict
    assert 0 < seen.round_trip < 1
    assert abs(seen.ahead) < 1
    assert seen.view == View("")
    assert seen.people is None
    shared = redis_probe.look(RedisAccess(RedisSettings(server.url, directory="redis")))
    assert shared.people == People(None, 0)
    assert server.say("DBSIZE") == 0


def test_nobody_there() -> None:
    seen = redis_probe.look(RedisAccess(RedisSettings("redis://127.0.0.1:1")))
    assert seen.fault is not None
    assert seen.fault.startswith("127.0.0.1:1: nobody listens there; ")


def test_a_ca_file_that_is_none() -> None:
    seen = redis_probe.look(RedisAccess(RedisSettings("rediss://127.0.0.1:1", ca_file="/nowhere/ca.pem")))
    assert seen.fault == (
        "redis: ca_file /nowhere/ca.pem: No such file or directory; name a PEM file with the authority's certificate"
    )


class Looks:
    """A registry in which one look differs from the next."""

    def __init__(self, *views: View) -> None:
        self.views = list(views)

    async def look(self) -> View:
        return self.views.pop(0)


async def test_it_waits_until_lots_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_probe, "AGAIN", 0.001)
    alone = View("b", nodes={"n1": Node("i")})
    whole = View("b", nodes=alone.nodes, lots=dict.fromkeys(range(LOTS), Record("n1", "i", 1)))
    assert await redis_probe._calm(Looks(alone, alone, whole), 60.0) == whole
    assert await redis_probe._calm(Looks(alone), 0.0) == alone, "for so long"
    assert await redis_probe._calm(Looks(View("b")), 60.0) == View("b"), "nobody will take them"
