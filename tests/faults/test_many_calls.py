"""Callers by the hundred thousand, in minutes instead of weeks: forks, cancels, losses, and nothing that stays behind.

`make test` sends 1,500; `CTIBRIDGE_CALLS=100000` (`make soak`) sends the issue's number. The memory's slope is judged
only there: a process that has just begun still fills its tables.
"""

import asyncio
import os
import sys
from functools import partial

import pytest

from ctibridge import sweep
from tests.faults import footprint
from tests.faults.figures import figures
from tests.faults.harness import Bridge
from tests.faults.record import RINGING
from tests.peers.ports import Loopback
from tests.peers.process import until

pytestmark = pytest.mark.e2e

CALLS = int(os.environ.get("CTIBRIDGE_CALLS", "1500"))
LONG = 20_000
"""From so many calls on the memory's slope says something."""
LINES = {"6001": ["ana"], "6002": ["ben"], "6003": ["chloe"]}
"""Each agent has one: where a lost INVITE arrives behind the end of the other leg, the call comes back in a second
round, which is right and would have to be told from a pop that is doubled."""
RATE = 250.0
LOSSES = 0.03
LOOK_EVERY = 100
PORTION = 5_000
NIGHT = 1.5 * (sweep.LOOK_EVERY + sweep.QUIET)
"""Seconds."""
FULL_AFTER = 0.4
"""The share of the calls after which every table is as full as it gets."""
MOST_GROWTH = 1 << 20
"""Bytes for 10,000 calls."""


async def test_no_pop_is_lost_or_doubled_and_nothing_stays_behind(loopback: Loopback) -> None:
    async with Bridge.open(loopback, LINES) as bridge:
        pid = bridge.daemon.process.pid
        before = footprint.descriptors(pid)
        tasks = footprint.gauge(bridge.daemon.web, "ctibridge_tasks")
        bridge.pbx.loses = LOSSES
        points = await _called(bridge, pid)
        await bridge.finish(timeout=120)
        with_desks = before - len(bridge.seats)  # they have left
        await until(lambda: footprint.descriptors(pid) <= with_desks, f"at most {with_desks} descriptors", 20)
        await until(lambda: _open(bridge) == (0, 0), "no call and no transaction open", 60)
        assert footprint.gauge(bridge.daemon.web, "ctibridge_tasks") <= tasks
    record = bridge.record
    assert bridge.complaints(ready_within=float("inf")) == []
    assert len({event.call for event in record.events if event.type == RINGING}) > 0.95 * CALLS
    growth = _growth(points)
    sys.stdout.write(
        figures(record, {"memory": f"{points[-1][1] / 2**20:.1f} MiB, {growth / 2**10:.0f} KiB in 10,000"})
    )
    assert growth < MOST_GROWTH or CALLS < LONG


def _open(bridge: Bridge) -> tuple[float, float]:
    """Calls, and SIP transactions."""
    gauges = ("ctibridge_open_calls", "ctibridge_sip_transactions")
    calls, transactions = (footprint.gauge(bridge.daemon.web, name) for name in gauges)
    return calls, transactions


def _growth(points: list[tuple[float, float]]) -> float:
    """Bytes in 10,000 calls, where the tables are full."""
    return 10_000 * footprint.slope([point for point in points if point[0] >= FULL_AFTER * CALLS])


def _have_called(bridge: Bridge, calls: int) -> bool:
    return len(bridge.record.sent) >= calls


async def _called(bridge: Bridge, pid: int) -> list[tuple[float, float]]:
    """All of them; by the number of calls how much memory the daemon had. In the long form behind quiet seconds, as a
    desk has them: cyclic garbage is looked for then (ctibridge/sweep.py)."""
    points: list[tuple[float, float]] = []
    while len(bridge.record.sent) < CALLS:
        portion = len(bridge.record.sent) + (PORTION if CALLS >= LONG else LOOK_EVERY)
        async with bridge.callers(RATE):
            await until(partial(_have_called, bridge, portion), f"{portion} calls", 2 * portion / RATE + 60)
        await asyncio.sleep(NIGHT if CALLS >= LONG else 0)  # real time: the daemon waits for a quiet second
        points.append((float(len(bridge.record.sent)), float(footprint.resident(pid))))
        sys.stdout.write(f"{points[-1][0]:.0f} calls: {points[-1][1] / 2**20:.1f} MiB\n")
    return points
