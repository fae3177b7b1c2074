"""The house of several nodes itself, on a quiet day."""

import asyncio

import pytest

from tests.cluster.house import House
from tests.peers.ports import Loopback
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.e2e


async def test_a_quiet_day(loopback: Loopback, server: RedisServer) -> None:
    async with House.open(loopback, (server.address, server.port), nodes=2) as house:
        for _ in range(30):
            house.call()
            await asyncio.sleep(0.02)
        await house.finish()
        rang = [sum(line["event"] == "ringing" for line in node.daemon.log) for node in house.nodes.values()]
        assert house.judged() == ""
    assert house.record.events
    assert all(rang), "each has desks that were rung"
