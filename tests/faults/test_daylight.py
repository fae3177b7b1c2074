"""Somebody sets the clock, a day ahead and a day back, while calls ring: pops come, nothing is purged, and what ends by
the calendar ends by the calendar."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.e2e.house import REGULA
from tests.faults.daylight import DAY, Daylight
from tests.faults.figures import figures
from tests.faults.harness import Bridge
from tests.faults.record import Clock
from tests.faults.seat import opens
from tests.peers.ports import Loopback
from tests.peers.process import until

pytestmark = pytest.mark.peer("gcc")

RATE = 20
_TWO_CLOCKS = "import time; print(time.time(), time.monotonic(), flush=True)"


def test_one_clock_jumps_and_the_other_does_not(tmp_path: Path) -> None:
    daylight = Daylight(tmp_path)
    for ahead in (0, DAY, -DAY):
        daylight.jump(ahead)
        command = [sys.executable, "-c", _TWO_CLOCKS]
        said = subprocess.run(command, env=os.environ | daylight.environment, capture_output=True, check=True)
        calendar, monotonic = map(float, said.stdout.split())
        assert abs(calendar - time.time() - ahead) < 60
        assert abs(monotonic - time.monotonic()) < 60


@pytest.mark.e2e
async def test_the_clock_jumps_a_day_forth_and_back(loopback: Loopback, tmp_path: Path) -> None:
    daylight = Daylight(tmp_path)
    async with Bridge.open(loopback, environment=daylight.environment) as bridge:
        token = bridge.daemon.token("ana", "--days", "1")
        for ahead in (DAY + 60, -DAY, 0):
            await calls(bridge, daylight, ahead)
            # A day's token is a day's: it has ended where the day has, and holds again where it has not.
            assert await opens(bridge.daemon.web, token) == (ahead <= DAY)
            if ahead > DAY:
                await bridge.stop()
                await bridge.start()
                await bridge.up()
        await bridge.finish()
        found = json.loads(bridge.daemon.command("lookup", REGULA, "--json"))
    sys.stdout.write(figures(bridge.record))
    assert bridge.complaints() == []
    # No desk had to begin anew, and each event could be sent once more: nothing has left the store.
    assert all(link.resumed or link.asked is None for link in bridge.record.links)
    assert found["resolution"]["status"] == "identified"


async def calls(bridge: Bridge, daylight: Daylight, ahead: int) -> None:
    """A second's worth of them before the clock jumps, and one afterwards; all of them end."""
    async with bridge.callers(RATE):
        await enough(bridge)
        before = time.monotonic()
        daylight.jump(ahead)
        bridge.record.clocks.append(Clock(before, ahead, time.monotonic()))
        await enough(bridge)
    await until(lambda: not bridge.pbx.waiting, "every caller gone", 30)
    assert abs(calendar(bridge) - time.time() - ahead) < DAY / 2


async def enough(bridge: Bridge) -> None:
    over = len(bridge.record.over) + RATE
    await until(lambda: len(bridge.record.over) >= over, "a second of calls", 30)


def calendar(bridge: Bridge) -> float:
    """What the daemon takes for the time, by the newest line of its log."""
    return datetime.fromisoformat(bridge.daemon.log[-1]["time"]).timestamp()
