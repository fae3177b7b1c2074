"""What becomes of calls and desks when Redis dies, stands still, or cannot be reached by one node, and when nodes are
restarted one after the other: judged from outside, as in tests/faults.

`make test` does each once, CTIBRIDGE_REDIS_FAULTS=20 (`make soak`) so many times, and then a way on which nothing
passes, too.
"""

import asyncio
import os
import random

import pytest

from tests.cluster.house import LEASE, TAKES_OVER, House, straight
from tests.peers.ports import Loopback
from tests.peers.redis import RedisServer, stopped

pytestmark = [pytest.mark.e2e, pytest.mark.peer("redis-server")]

TIMES = int(os.environ.get("CTIBRIDGE_REDIS_FAULTS", "1"))
RATE = float(os.environ.get("CTIBRIDGE_RATE", "40" if TIMES > 1 else "15"))
"""Calls a second; a busy machine is late with more, and what is late is not what is looked for every day."""
ROUNDS = min(TIMES, 5)
in_parts = pytest.mark.parametrize("part", range(-(-TIMES // ROUNDS)))
"""Each with a house of its own: at this rate a desk would have a thousand calls of the last half hour after a while,
and who comes anew gets all of them."""
LONGER = 2 * float(LEASE.removesuffix("s"))
"""Seconds: longer than the lease, and than anybody needs to notice."""


@in_parts
async def test_redis_is_killed_and_comes_back_empty(loopback: Loopback, empty: RedisServer, part: int) -> None:
    chance = random.Random(part)
    async with House.open(loopback, straight(empty), chance=part) as house:
        async with house.callers(RATE):
            for _ in range(ROUNDS):
                await asyncio.sleep(chance.uniform(0.2, 0.8))  # real time: at any moment of the load
                empty.kill()
                await asyncio.sleep(chance.choice((0.0, LONGER)) if TIMES > 1 else LONGER)  # real time: Redis is away
                await empty.start()
                await house.shared()
        await house.finish()
        assert house.judged() == ""


@in_parts
async def test_redis_stands_still_longer_than_the_lease(loopback: Loopback, empty: RedisServer, part: int) -> None:
    async with House.open(loopback, straight(empty), chance=part) as house:
        async with house.callers(RATE):
            for _ in range(ROUNDS):
                await asyncio.sleep(0.3)  # real time: under load
                async with stopped(empty):
                    await asyncio.sleep(LONGER)  # real time: leases run out
                await house.shared()
        await house.finish()
        assert house.judged() == ""


@pytest.mark.parametrize("how", ["cut", "stalled"] if TIMES > 1 else ["cut"])
@in_parts
async def test_one_node_is_parted_from_redis(loopback: Loopback, empty: RedisServer, how: str, part: int) -> None:
    async with House.open(loopback, (empty.address, empty.port), chance=part) as house:
        async with house.callers(RATE):
            for number in range(ROUNDS):
                name = f"n{number % 2 + 1}"
                await asyncio.sleep(0.3)  # real time: under load
                async with house.apart(name, stalled=how == "stalled"):
                    await house.taken_over(name, TAKES_OVER)
                    await asyncio.sleep(1)  # real time: both serve what they have
                await house.shared()
        await house.finish()
        assert house.judged() == ""


@in_parts
async def test_three_nodes_are_restarted_one_after_the_other(loopback: Loopback, empty: RedisServer, part: int) -> None:
    async with House.open(loopback, straight(empty, 3), nodes=3, chance=part) as house:
        await house.shared()
        before = len(house.record.links)
        async with house.callers(RATE):
            for _ in range(ROUNDS):
                for name in house.nodes:
                    await house.restart(name)
        anew = [link for link in house.record.links[before:] if not link.resumed]
        await house.finish()
    assert anew == []
    assert house.judged() == ""


@in_parts
async def test_two_nodes_register_each_line(loopback: Loopback, empty: RedisServer, part: int) -> None:
    chance = random.Random(part)
    async with House.open(loopback, straight(empty), chance=part, more='redundancy = "both"') as house:
        await house.doubled()
        async with house.callers(RATE):
            for number in range(ROUNDS):
                name = f"n{number % 2 + 1}"
                await asyncio.sleep(chance.uniform(0.5, 1.0))  # real time: at any moment of the load
                house.kill(name)
                await house.start(name)
                await house.doubled()
        await house.finish()
        assert house.judged() == ""
