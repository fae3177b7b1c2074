"""Redis for the tests of this room, started once for each module that wants it and emptied before each test."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from tests.peers.authority import Authority
from tests.peers.ports import Loopback
from tests.peers.redis import RedisCluster, RedisServer, Sentinels, redis_running

Reach = Callable[..., Redis]


@pytest.fixture(scope="module")
def addresses() -> Iterator[Loopback]:
    with Loopback() as given:
        yield given


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_running(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def secure_server(
    tmp_path_factory: pytest.TempPathFactory, addresses: Loopback, authority: Authority
) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path_factory.mktemp("redis-tls"), addresses, authority=authority)
    asyncio.run(running.start())
    yield running
    running.kill()


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory, addresses: Loopback) -> Iterator[Sentinels]:
    running = Sentinels(tmp_path_factory.mktemp("sentinels"), addresses)
    asyncio.run(running.start())
    yield running
    running.kill()


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """One for the whole run: it takes two seconds to stand."""
    with Loopback() as addresses:
        running = RedisCluster(tmp_path_factory.mktemp("redis-cluster"), addresses)
        asyncio.run(running.start())
        yield running
        running.kill()


@pytest.fixture
def empty(server: RedisServer) -> RedisServer:
    """The stand-alone server, with nothing in it."""
    server.say("FLUSHALL")
    return server


def reach(url: str, password: str | None = None, sentinel_password: str | None = None, **more: Any) -> Redis:
    """As node `here` with these settings."""
    settings = msgspec.convert({"url": url, **more}, RedisSettings)
    return Redis(RedisAccess(settings, password, sentinel_password), "here")
