"""kill -9 at any moment of the load: ready again in time, both databases whole, and nothing that was acknowledged lost.

`make test` kills at some points, CTIBRIDGE_KILLS=200 (`make soak`) at so many, in houses of 25 each: a desk keeps half
an hour of calls, and no desk hears thousands in one. With `-s` each house says what it cost.
"""

import asyncio
import os
import random
import sys

import pytest

from tests.faults.figures import figures
from tests.faults.harness import Bridge
from tests.peers.ports import Loopback

pytestmark = pytest.mark.e2e

KILLS = int(os.environ.get("CTIBRIDGE_KILLS", "6"))
HOUSE = 25
RATE = 80
LIVES = (0.0, 0.8)
"""Seconds behind READY=1 at which a process is killed; one in six is killed before it is ready."""
STARTS = (0.1, 0.9)


@pytest.mark.parametrize("house", range((KILLS + HOUSE - 1) // HOUSE))
async def test_killed_under_load(house: int, loopback: Loopback) -> None:
    chance = random.Random(house)
    kills = min(HOUSE, KILLS - house * HOUSE)
    async with Bridge.open(loopback, chance=house) as bridge:
        async with bridge.callers(RATE):
            for kill in range(kills):
                if kill % 6 == 5:
                    bridge.launch()
                    await asyncio.sleep(chance.uniform(*STARTS))  # real time: at any moment of the start
                elif kill:
                    await bridge.start()
                await asyncio.sleep(chance.uniform(*LIVES))  # real time: at any moment of the load
                bridge.kill()
                bridge.look_into_databases()
            await bridge.start()
            await bridge.up()
        await bridge.finish()
    sys.stdout.write(figures(bridge.record))
    assert bridge.complaints() == []
    assert len(bridge.record.lives) == kills + 1
    assert bridge.record.stored
