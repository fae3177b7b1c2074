"""Redis for the tests of what joins a node with others: one for the whole run, emptied before each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.joining.copies import Node
from tests.peers.redis import RedisServer, redis_running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_running(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def empty(server: RedisServer) -> RedisServer:
    """With nothing in it."""
    server.say("FLUSHALL")
    return server


@pytest.fixture
def redis(empty: RedisServer) -> RedisServer:
    return empty


@pytest.fixture
def nodes(redis: RedisServer, tmp_path: Path) -> tuple[Node, Node, Node]:
    return Node(tmp_path / "one", redis.url), Node(tmp_path / "two", redis.url), Node(tmp_path / "three", redis.url)


@pytest.fixture
def people_nodes(redis: RedisServer, tmp_path: Path) -> tuple[Node, Node, Node]:
    """Of a cluster whose people are in Redis."""
    one, two, three = (Node(tmp_path / name, redis.url, "redis") for name in ("one", "two", "three"))
    return one, two, three
