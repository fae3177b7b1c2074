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

pytestmark = pytest.mark.peer("libfaketime.so.1")

RATE = 20
SLOW = 30.0
"""Seconds until ready, for a process that asks a library for the time."""
_TWO_CLOCKS = "import time; print(time.time(), time.monotonic(), flush=True)"


def test_one_clock_jumps_and_the_other_does_not(tmp_path: Path) -> None:
    daylight = Daylight(tmp_path / "ahead")
    for ahead in (0.0, DAY, -DAY):
        daylight.jump(ahead)
        command = [sys.executable, "-c", _TWO_CLOCKS]
        said = subprocess.run(command, env=os.environ | daylight.environment, capture_output=True, check=True)
        calendar, monotonic = map(float, said.stdout.split())
        assert abs(calendar - time.time() - ahead) < 60
        assert abs(monotonic - time.monotonic()) < 60


@pytest.mark.e2e
async def test_the_clock_jumps_a_day_forth_and_back(loopback: Loopback, tmp_path: Path) -> None:
    daylight = Daylight(tmp_path / "ahead")
    async with Bridge.open(loopback, environment=daylight.environment) as bridge:
        token = bridge.daemon.token("ana", "--days", "1")
        for ahead in (DAY + 60, -DAY, 0.0):
            daylight.jump(ahead)
            await calls(bridge, ahead)
            # A day's token is a day's: it has ended where the day has, and holds again where it has not.
            assert await opens(bridge.daemon.web, token) == (ahead <= DAY)
            if ahead > DAY:
                await bridge.stop()
                await bridge.start()
                await bridge.up()
        await bridge.finish()
        found = json.loads(bridge.daemon.command("lookup", REGULA, "--json"))
    sys.stdout.write(figures(bridge.record))
    assert bridge.complaints(SLOW) == []
    # No desk had to begin anew, and each event could be sent once more: nothing has left the store.
    assert all(link.resumed or link.asked is None for link in bridge.record.links)
    assert found["resolution"]["status"] == "identified"


async def calls(bridge: Bridge, ahead: float) -> None:
    """While the clock jumps, and a second's worth of them afterwards; all of them end."""
    jumped = time.monotonic()
    async with bridge.callers(RATE):
        await until(lambda: abs(calendar(bridge) - time.time() - ahead) < DAY / 2, "the jump", 30, poll=0.1)
        bridge.record.clocks.append(Clock(jumped, ahead, time.monotonic()))
        over = len(bridge.record.over) + RATE
        await until(lambda: len(bridge.record.over) >= over, "a second of calls", 30)
    await until(lambda: not bridge.pbx.waiting, "every caller gone", 30)


def calendar(bridge: Bridge) -> float:
    """What the daemon takes for the time, by the newest line of its log."""
    return datetime.fromisoformat(bridge.daemon.log[-1]["time"]).timestamp()
