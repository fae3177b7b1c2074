"""SIGSTOP, and SIGCONT when PBX and desks have given up: lines come back, desks resume, no pop is doubled.

`make test` stops it for three seconds, CTIBRIDGE_STOPPED=60 (`make soak`) for so many.
"""

import asyncio
import os
import signal
import sys
import time

import pytest

from tests.faults.figures import figures
from tests.faults.harness import Bridge
from tests.peers.ports import Loopback
from tests.peers.process import until

pytestmark = pytest.mark.e2e

STOPPED = float(os.environ.get("CTIBRIDGE_STOPPED", "3"))
RATE = min(40, round(600 / STOPPED))
"""Calls a second, so that no desk misses more than the 1,000 events that are kept."""


async def test_stopped_and_woken(loopback: Loopback) -> None:
    async with Bridge.open(loopback, grants=int(STOPPED)) as bridge:
        pid = bridge.daemon.process.pid
        async with bridge.callers(RATE):
            await until(lambda: len(bridge.record.over) > RATE, "a second of calls")
            with bridge.standing_still():
                os.kill(pid, signal.SIGSTOP)
                await bridge.leave()  # a proxy has cut them
                bridge.sit()
                await asyncio.sleep(STOPPED)  # real time: it stands still
                await until(lambda: not any(map(bridge.pbx.up, bridge.lines)), "the PBX has forgotten every line")
                os.kill(pid, signal.SIGCONT)
                woken = time.monotonic()
            await bridge.up()
            up = time.monotonic() - woken
            behind = len(bridge.record.rang)
            await until(lambda: len(bridge.record.rang) > behind + RATE, "a second of calls")
        await bridge.finish()
    sys.stdout.write(figures(bridge.record, {"up": f"{up:.3f} s from SIGCONT until lines and desks are back"}))
    assert bridge.complaints() == []
    assert len(bridge.record.lives) == 1
    # Nobody acknowledged what he did not hear, so nobody is told to begin anew.
    assert all(link.resumed or link.asked is None for link in bridge.record.links)
