"""What becomes of calls and desks when a node dies, stands still, stops, or comes: judged from outside, as in
tests/faults.

`make test` does each a few times, CTIBRIDGE_NODE_FAULTS=20 (`make soak`) so many times.
"""

import asyncio
import os
import random
import sys
import time

import pytest

from tests.cluster.house import TAKES_OVER, House, straight
from tests.peers.ports import Loopback
from tests.peers.redis import RedisServer

pytestmark = [pytest.mark.e2e, pytest.mark.peer("redis-server")]

TIMES = int(os.environ.get("CTIBRIDGE_NODE_FAULTS", "1"))
RATE = float(os.environ.get("CTIBRIDGE_RATE", "40" if TIMES > 1 else "15"))
"""Calls a second; a busy machine is late with more, and what is late is not what is looked for every day."""
ROUNDS = min(TIMES, 5)
in_parts = pytest.mark.parametrize("part", range(-(-TIMES // ROUNDS)))
"""Each with a house of its own: at this rate a desk would have a thousand calls of the last half hour after a while,
and who comes anew gets all of them."""


@in_parts
async def test_a_node_is_killed_while_calls_ring(loopback: Loopback, empty: RedisServer, part: int) -> None:
    chance, took = random.Random(part), list[float]()
    async with House.open(loopback, straight(empty), chance=part) as house:
        async with house.callers(RATE):
            for number in range(ROUNDS):
                name = f"n{number % 2 + 1}"
                await asyncio.sleep(chance.uniform(0.2, 0.8))  # real time: at any moment of the load
                killed = time.monotonic()
                house.kill(name)
                await house.up(TAKES_OVER)
                took.append(time.monotonic() - killed)
                await house.start(name)
                await house.shared()
        await house.finish()
        sys.stdout.write(f"taken over after {', '.join(f'{one:.1f}' for one in took)} s\n")
        assert house.judged() == ""


@in_parts
async def test_a_node_stands_still_past_its_lease_and_wakes(loopback: Loopback, empty: RedisServer, part: int) -> None:
    async with House.open(loopback, straight(empty), chance=part) as house:
        async with house.callers(RATE):
            for number in range(ROUNDS):
                name = f"n{number % 2 + 1}"
                await asyncio.sleep(0.3)  # real time: under load
                with house.standing_still(name):
                    await house.up(TAKES_OVER, without=name)
                await house.shared()
        await house.finish()
        assert house.judged() == ""


@in_parts
async def test_a_node_stops_and_hands_over_what_it_has(loopback: Loopback, empty: RedisServer, part: int) -> None:
    async with House.open(loopback, straight(empty), chance=part) as house:
        async with house.callers(RATE):
            for number in range(ROUNDS):
                name = f"n{number % 2 + 1}"
                await asyncio.sleep(0.3)  # real time: under load
                await house.restart(name)
        await house.finish()
        assert house.judged() == ""
