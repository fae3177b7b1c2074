"""The daemon's network is gone, and is there again; then the daemon has another address.

`make test` pulls the cable for four seconds, CTIBRIDGE_AWAY=600 (`make soak`) for the issue's ten minutes.
"""

import asyncio
import sys
import time

import pytest

from tests.faults import footprint
from tests.faults.figures import figures
from tests.faults.harness import Bridge
from tests.faults.test_pbx_away import AWAY, BACK, EXPIRY, GRANTS, LONG, LONG_GRANTS, RATE, busiest, lines
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.space import Space

pytestmark = [pytest.mark.e2e, pytest.mark.peer("ip")]


async def some_calls(bridge: Bridge) -> None:
    async with bridge.callers(RATE):
        rung = len(bridge.record.rang)
        await until(lambda: len(bridge.record.rang) >= rung + RATE, "some calls")
    await until(lambda: not bridge.pbx.waiting, "all of them over")


async def away(bridge: Bridge, space: Space) -> None:
    """Calls go on while nothing passes. Who waits for minutes has a screen that notices, and comes again."""
    async with bridge.callers(RATE):
        await until(lambda: len(bridge.record.rang) > RATE, "some calls")
        with bridge.pbx.silent():
            space.pull()
            if AWAY >= LONG:
                await bridge.leave()
                bridge.sit()
            await asyncio.sleep(AWAY)  # real time: nothing passes
            await until(lambda: not any(map(bridge.pbx.up, bridge.lines)), "every line ran out")
            space.plug()


async def test_the_cable_is_pulled_and_the_address_is_another_one(loopback: Loopback, space: Space) -> None:
    is_long = AWAY >= LONG
    grants = LONG_GRANTS if is_long else GRANTS
    found = lines(300 if is_long else 6)
    async with Bridge.open(loopback, found, grants=grants, ring_expiry=EXPIRY, space=space) as bridge:
        pid = bridge.daemon.process.pid
        descriptors = footprint.descriptors(pid)
        await away(bridge, space)
        back = time.monotonic()
        await bridge.up(BACK)
        up = time.monotonic() - back
        await some_calls(bridge)
        await until(lambda: footprint.descriptors(pid) <= descriptors, "no descriptor is left", 60)
        space.readdress()
        changed = time.monotonic()
        is_there = [space.inside]
        await until(
            lambda: all(bridge.pbx.places(line) == is_there for line in bridge.lines), "it is called there", BACK
        )
        moved = time.monotonic() - changed
        await some_calls(bridge)
        await bridge.finish()
        errors = [line for line in bridge.daemon.log if line["level"] in ("error", "critical")]
    rows = {"up": f"{len(found)} lines {up:.3f} s after", "busiest": f"{busiest(bridge, back)} REGISTER in a second"}
    sys.stdout.write(figures(bridge.record, rows | {"moved": f"{moved:.3f} s until called at the other address"}))
    assert bridge.complaints() == []
    assert errors == []
    assert all(link.resumed or link.asked is None for link in bridge.record.links)
