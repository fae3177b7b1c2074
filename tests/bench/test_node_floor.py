"""Plain sockets between two processes and a Redis: each call pops at the screens that it has, and nowhere else."""

from pathlib import Path

import pytest

from bench.node_floor import floor
from bench.node_stage import OTHER, OWN, anywhere, both
from tests.peers.ports import Loopback
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")


async def test_a_call_pops_at_the_screens_that_it_has(loopback: Loopback, tmp_path: Path) -> None:
    redis = RedisServer(tmp_path / "redis", loopback)
    await redis.start()
    try:
        with floor(redis, loopback) as plain:
            two, one = plain.round(both, 500, 20), plain.round(anywhere, 500, 20)
    finally:
        redis.kill()
    assert {place: len(took) for place, took in two.took.items()} == {OWN: 20, OTHER: 20}
    assert {place: len(took) for place, took in one.took.items()} == {OWN: 10, OTHER: 10}
    assert all(took > 0 for found in (two, one) for times in found.took.values() for took in times)
