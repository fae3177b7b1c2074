"""The same under Sentinels, in a Redis Cluster, and over a network that swallows what is sent: who holds our keys dies
and another one takes its place, without the last writes; a node's link to Redis goes down. Judged from outside, as in
tests/faults.

`make test` does each once, CTIBRIDGE_REDIS_FAULTS=20 (`make soak`) so many times.
"""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.crc import key_slot

from ctibridge.cluster.keys import Keys
from tests.cluster.house import TAKES_OVER, House
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.redis import PRIMARY, RedisCluster, RedisServer, Sentinels
from tests.peers.space import Space

pytestmark = [pytest.mark.e2e, pytest.mark.peer("redis-server")]

TIMES = int(os.environ.get("CTIBRIDGE_REDIS_FAULTS", "1"))
RATE = 15
"""Calls a second, also of the long form: what is looked for is what a failover loses, not what a busy machine does."""
LACKS = 0.4
"""Seconds of writes that the replica has not got when it takes over."""


@pytest.fixture
async def doubled(tmp_path: Path, loopback: Loopback) -> AsyncIterator[RedisCluster]:
    """Each server has a replica."""
    running = RedisCluster(tmp_path, loopback, replicas=1)
    try:
        await running.start()
        yield running
    finally:
        running.kill()


async def at(server: RedisServer, house: House) -> None:
    """Every node is there, and every desk and line is served."""
    await until(lambda: set(house.nodes) <= server.names(), "each node found who took over", TAKES_OVER)
    await house.shared()


@asynccontextmanager
async def house_under(watched: Sentinels, loopback: Loopback) -> AsyncIterator[House]:
    try:
        await watched.start()
        where = f'url = "redis://{PRIMARY}"\nsentinels = {json.dumps(watched.hosts)}'
        async with House.open(loopback, [where, where]) as house:
            yield house
    finally:
        watched.kill()


async def lacking(server: RedisServer) -> None:
    """Who follows this one lacks what is said from now on, for a moment."""
    server.part()
    await asyncio.sleep(LACKS)  # real time: under load


@pytest.mark.peer("ip")
@pytest.mark.parametrize("how", ["vanishes", "dies"] if TIMES > 1 else ["vanishes"])
async def test_the_primary_goes_under_sentinels(loopback: Loopback, space: Space, tmp_path: Path, how: str) -> None:
    """With its machine: what is sent there is swallowed; or its process alone, which comes back as the replica."""
    chance, vanishes = random.Random(1), how == "vanishes"
    watched = Sentinels(tmp_path, loopback, space if vanishes else None)
    async with house_under(watched, loopback) as house:
        async with house.callers(RATE):
            for number in range(1 if vanishes else TIMES):
                await asyncio.sleep(chance.uniform(0.2, 0.8))  # real time: at any moment of the load
                if number % 2 == 0:
                    await lacking(watched.primary)
                (space.pull if vanishes else watched.primary.kill)()
                await at(await watched.failed_over(), house)
                if not vanishes:
                    await watched.again()
        await house.finish()
        assert house.judged() == ""


async def test_the_master_of_our_slot_dies_in_a_redis_cluster(loopback: Loopback, doubled: RedisCluster) -> None:
    """One node began at that one, the other at another one."""
    chance = random.Random(1)
    slot = key_slot(Keys("ctibridge").all.encode())
    holder = doubled.holder(slot)
    other = next(server for server in doubled.servers if server is not holder)
    ways = [f'url = "{server.url}"\ncluster = true' for server in (holder, other)]
    async with House.open(loopback, ways) as house:
        async with house.callers(RATE):
            for number in range(TIMES):
                await asyncio.sleep(chance.uniform(0.2, 0.8))  # real time: at any moment of the load
                if number % 2 == 0:
                    await lacking(holder)
                dead, holder = await doubled.fail_over(slot)
                await at(holder, house)
                if number + 1 < TIMES:
                    await doubled.again(dead)
        await house.finish()
        assert house.judged() == ""


@pytest.mark.peer("ip")
async def test_a_node_whose_link_to_redis_is_down(loopback: Loopback, space: Space, tmp_path: Path) -> None:
    """Redis is in a network of its own, each node has a link there."""
    server = RedisServer(tmp_path, loopback, space=space)
    await server.start()
    try:
        async with House.open(loopback, [space.strand(server.port) for _ in range(2)]) as house:
            async with house.callers(RATE):
                for number in range(TIMES):
                    name = f"n{number % 2 + 1}"
                    await asyncio.sleep(0.3)  # real time: under load
                    async with house.apart(name):
                        await house.taken_over(name, TAKES_OVER)
                        await asyncio.sleep(1)  # real time: both serve what they have
                    await house.shared()
            await house.finish()
            assert house.judged() == ""
    finally:
        server.kill()
