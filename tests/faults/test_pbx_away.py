"""The PBX restarts and has forgotten every line; or nothing passes to it for a while. Lines come back, calls pop, once.

`make test` restarts it twice, and keeps it out of reach for four seconds; CTIBRIDGE_RESTARTS=20 and
CTIBRIDGE_AWAY=600 (`make soak`) are the issue's, with the time for which a PBX usually lets a line in.
"""

import asyncio
import os
import random
import sys
import time

import pytest

from ctibridge.sip.turns import IN_FLIGHT, PACE
from tests.faults import footprint
from tests.faults.figures import figures, spread
from tests.faults.harness import Bridge
from tests.faults.storm import most_in
from tests.peers.ports import Loopback
from tests.peers.process import until

pytestmark = pytest.mark.e2e

RESTARTS = int(os.environ.get("CTIBRIDGE_RESTARTS", "2"))
AWAY = float(os.environ.get("CTIBRIDGE_AWAY", "4"))
LONG = 60.0
"""From so many seconds on the trunk notices, and its lines ask all at once when the PBX is back."""
AGENTS = ("ana", "ben", "chloe")
RATE = 10
EXPIRY = 3
GRANTS = 3
LONG_GRANTS = 120
STARTS = (0.0, 2.0)
"""Seconds that the PBX needs to be there again."""
BACK = LONG_GRANTS + 30.0


def lines(count: int) -> dict[str, list[str]]:
    return {str(6001 + number): [AGENTS[number % len(AGENTS)]] for number in range(count)}


def busiest(bridge: Bridge, since: float) -> int:
    """REGISTERs in the busiest second. A turn may be answered, and asked again for what was lost."""
    found = most_in(1.0, (at for at in bridge.pbx.registers if at >= since))
    assert found <= 1 / PACE + 2 * IN_FLIGHT
    return found


async def test_restarted(loopback: Loopback) -> None:
    chance, deaf, began = random.Random(1), [], time.monotonic()
    grants = GRANTS if RESTARTS < 20 else LONG_GRANTS // 10
    async with Bridge.open(loopback, lines(6), grants=grants, ring_expiry=EXPIRY) as bridge:
        async with bridge.callers(RATE):
            for _ in range(RESTARTS):
                rung = len(bridge.record.rang)
                await until(lambda rung=rung: len(bridge.record.rang) >= rung + RATE, "some calls")  # type: ignore[misc]
                await bridge.pbx.end()
                await asyncio.sleep(chance.uniform(*STARTS))  # real time: it starts
                await bridge.pbx.begin()
                back = time.monotonic()
                await bridge.up(BACK)
                deaf.append(time.monotonic() - back)
            rung = len(bridge.record.rang)
            await until(lambda: len(bridge.record.rang) >= rung + RATE, "calls after the last")
        await bridge.finish()
    record = bridge.record
    sys.stdout.write(
        figures(
            record, {"deaf": f"{spread(deaf)}; granted {grants} s", "busiest": f"{busiest(bridge, began)} REGISTER"}
        )
    )
    assert bridge.complaints() == []
    assert record.cut, "calls rang when it went"
    assert max(deaf) < grants + 30.0
    assert all(link.resumed or link.asked is None for link in record.links)


async def test_out_of_reach(loopback: Loopback) -> None:
    is_long = AWAY >= LONG
    grants = LONG_GRANTS if is_long else GRANTS
    async with Bridge.open(loopback, lines(300 if is_long else 12), grants=grants, ring_expiry=EXPIRY) as bridge:
        pid = bridge.daemon.process.pid
        held = footprint.descriptors(pid), footprint.threads(pid)
        async with bridge.callers(RATE):
            await until(lambda: len(bridge.record.rang) > RATE, "some calls")
            with bridge.pbx.silent():
                await asyncio.sleep(AWAY)  # real time: nothing passes
                await until(lambda: not any(map(bridge.pbx.up, bridge.lines)), "every line ran out")
            back = time.monotonic()
            await bridge.up(BACK)
            up = time.monotonic() - back
            rung = len(bridge.record.rang)
            await until(lambda: len(bridge.record.rang) >= rung + RATE, "some calls")
        await until(lambda: footprint.descriptors(pid) <= held[0], "no descriptor is left")
        await bridge.finish()
        assert footprint.threads(pid) <= held[1]
    row = {
        "up": f"{len(bridge.lines)} lines {up:.3f} s after",
        "busiest": f"{busiest(bridge, back)} REGISTER in a second",
    }
    sys.stdout.write(figures(bridge.record, row))
    assert bridge.complaints() == []
    assert all(link.resumed or link.asked is None for link in bridge.record.links)
