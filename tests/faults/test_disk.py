"""A disk that is full, broken or read-only, at the N-th write: pops go on, and everything is stored afterwards.

`make test` takes a few N, CTIBRIDGE_DISK=100 (`make soak`) each from 1 to 100, for both errors, while the daemon runs
and while it starts.
"""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.asking import calls, says, starts_or_refuses, stores_again
from tests.faults.figures import figures
from tests.faults.harness import Bridge
from tests.faults.sick_disk import BROKEN, FULL, READ_ONLY, SickDisk
from tests.peers.ports import Loopback
from tests.peers.process import until

pytestmark = [pytest.mark.e2e, pytest.mark.peer("gcc")]

MOST = int(os.environ.get("CTIBRIDGE_DISK", "0"))
RUNNING = range(1, MOST + 1) if MOST else (1, 6)
STARTING = [(error, first) for error in (FULL, BROKEN) for first in range(1, min(MOST, 50) + 1)] or [
    (FULL, 2),
    (BROKEN, 14),
]
"""A start writes some 35 times."""
LASTING = (FULL, BROKEN, READ_ONLY) if MOST else (READ_ONLY,)
RATE = 60
DESKS = "/state/desks.db"


async def test_the_nth_write_fails_while_it_runs(loopback: Loopback, tmp_path: Path) -> None:
    disk = SickDisk(tmp_path)
    async with Bridge.open(loopback, environment=disk.environment) as bridge:
        async with bridge.callers(RATE):
            for error in (FULL, BROKEN):
                for first in RUNNING:
                    await _fails_once(bridge, disk, error, first)
            for error in LASTING:
                disk.fail(error)
                await says(bridge, "events cannot be stored: ")
                await calls(bridge, stored=False)
                disk.heal()
                await says(bridge, "")
        await stores_again(bridge)
        await says(bridge, "")
        bridge.kill()
        await bridge.start()
        await bridge.up()
        await bridge.finish()
    sys.stdout.write(figures(bridge.record))
    assert bridge.complaints() == []


async def _fails_once(bridge: Bridge, disk: SickDisk, error: int, first: int) -> None:
    """And is over: what fails while the file is opened again is part of the same failure, and is not said twice."""
    told = _told(bridge)
    disk.fail(error, DESKS, first, many=1)
    await until(lambda: disk.failed == 1 and _told(bridge) > told, f"write {first} fails, and is said", 30, poll=0.1)
    await says(bridge, "")
    await stores_again(bridge)


def _told(bridge: Bridge) -> int:
    return Counter(line["event"] for line in bridge.daemon.log)["outbox.write_failed"]


async def test_the_nth_write_fails_while_it_starts(loopback: Loopback, tmp_path: Path) -> None:
    """It starts, or says in one line what is wrong and how to mend it; then systemd tries again."""
    disk = SickDisk(tmp_path)
    async with Bridge.open(loopback, environment=disk.environment) as bridge:
        await until((bridge.daemon.folder / "state/reserve").exists, "room for a start is taken")
        for error, first in STARTING:
            await calls(bridge)
            bridge.kill()
            disk.fail(error, first=first, many=1)
            await starts_or_refuses(bridge)
            disk.heal()
            await bridge.start()
            await bridge.up()
        await calls(bridge)
        await bridge.stop()
        disk.fail(FULL, spare=("/state/reserve", 20))
        await bridge.start()
        await says(bridge, "events cannot be stored: ")
        await bridge.up()
        await calls(bridge, stored=False)
        disk.heal()
        await says(bridge, "")
        await bridge.finish()
    sys.stdout.write(figures(bridge.record))
    assert bridge.complaints() == []
