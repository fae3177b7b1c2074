"""A loop that hangs is a daemon that hangs: the watchdog is not fed, systemd aborts and starts again, calls pop."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.figures import figures
from tests.faults.hanging import hanging
from tests.faults.harness import Bridge
from tests.faults.record import RINGING
from tests.peers.ports import Loopback
from tests.peers.process import until

WATCHDOG = 3.0
RATE = 40
POPS_AGAIN = 20.0
"""Seconds behind the abort, on a machine that others use."""

_TWO_THREADS = """
import threading, time
def count(name):
    n = 0
    while True:
        n += 1
        open(name, "w").write(str(n))
        time.sleep(0.001)
threading.Thread(target=count, args=("side",), daemon=True).start()
count("main")
"""


def age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


async def test_one_thread_hangs_and_the_others_do_not(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", _TWO_THREADS], cwd=tmp_path)
    main, side = tmp_path / "main", tmp_path / "side"
    try:
        await until(lambda: main.exists() and side.exists(), "both threads")
        with hanging(child.pid):
            await until(lambda: age(main) > 0.3 and age(side) < 0.1, "one stands, one runs")
        await until(lambda: age(main) < 0.1, "both run")
    finally:
        child.kill()
        child.wait()


@pytest.mark.e2e
async def test_a_loop_that_hangs_is_started_again(loopback: Loopback) -> None:
    async with Bridge.open(loopback, watchdog=WATCHDOG) as bridge:
        pid = bridge.daemon.process.pid
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        async with bridge.callers(RATE):
            await bridge.notify.fed(2)
            with bridge.standing_still(), hanging(pid):
                hung = time.monotonic()
                await bridge.notify.bites()
                bitten = time.monotonic()
                await bridge.abort()
            await bridge.start()
            await until(lambda: bridge.record.events[-1].at > bitten and pops(bridge) > bitten, "a pop", POPS_AGAIN)
            again = pops(bridge)
            await bridge.up()
        await bridge.finish()
    more = {
        "watchdog": f"bites {bitten - hung:.1f} s behind the hang",
        "again": f"pops {again - bitten:.3f} s behind that",
    }
    sys.stdout.write(figures(bridge.record, more))
    assert bridge.complaints() == []


def pops(bridge: Bridge) -> float:
    """When the newest came."""
    return max(event.at for event in bridge.record.events if event.type == RINGING)
