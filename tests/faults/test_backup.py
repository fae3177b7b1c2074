"""Backups under load, restored: no pop is late for them, what is killed leaves all or nothing, and a desk that had seen
more than the backup has begins anew.

`make test` kills each command at one point, CTIBRIDGE_BACKUPS=50 (`make soak`) at so many.
"""

import asyncio
import os
import random
import re
import sys
import time
from pathlib import Path

import pytest

from ctibridge.cli.backups import archive
from tests.e2e.daemon import ROOT
from tests.e2e.desk import Desk
from tests.faults.figures import spread
from tests.faults.harness import Bridge
from tests.faults.record import RINGING
from tests.peers.ports import Loopback
from tests.peers.process import Process

pytestmark = pytest.mark.e2e

PEOPLE = os.environ.get("CTIBRIDGE_DIRECTORY")
"""More directory files, as of `python -m bench.people`: how long a backup takes depends on them."""
KILLS = int(os.environ.get("CTIBRIDGE_BACKUPS", "1"))
RATE = 60
LIVES = (0.1, 1.2)
"""Seconds behind exec at which a command is killed: while it starts, copies, packs, unpacks, moves, or has ended."""
REGULA = "+41790000017"


def command(bridge: Bridge, log: Path, *words: str) -> Process:
    argv = [sys.executable, "-m", "ctibridge", *words, "--config", str(bridge.daemon.config)]
    process = Process(argv, log=log, cwd=ROOT)
    process.start()
    return process


async def done(process: Process) -> None:
    assert await process.wait(60) == 0, process.output()


async def killed(process: Process, chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(*LIVES))  # real time: at any moment of its work
    process.kill()


def whole(path: Path) -> bool:
    """Can it be read to its end, and is it what it says?"""
    with path.open("rb") as file, archive.opened(file) as opened, Path(os.devnull).open("wb") as nowhere:
        for member in opened.manifest.members:
            opened.extract(member, nowhere, lambda *_: None)
        opened.end()
    return True


async def test_under_load_and_restored(loopback: Loopback, tmp_path: Path) -> None:
    chance, backups = random.Random(8), tmp_path / "backups"
    backups.mkdir()
    async with Bridge.open(loopback) as bridge:
        state = bridge.folder / "d" / "state"
        if PEOPLE is not None:
            await done(command(bridge, tmp_path / "i.log", "import", PEOPLE))
        async with bridge.callers(RATE):
            began = time.monotonic()
            for turn in range(KILLS):
                await killed(command(bridge, tmp_path / f"k{turn}.log", "backup", str(backups / f"k{turn}")), chance)
            taking = time.monotonic()
            await done(command(bridge, tmp_path / "b.log", "backup", str(backups / "b")))
            taken = time.monotonic()
            await asyncio.sleep(taken - began)  # real time: as many calls without a backup, to compare
        await bridge.finish()
        assert bridge.complaints() == []
        assert [path.name for path in backups.iterdir() if not whole(path)] == []
        assert "b" in {path.name for path in backups.iterdir()} <= {"b", *(f"k{turn}" for turn in range(KILLS))}
        sys.stdout.write(f"\n  {compared(bridge, began, taken)}; the one took {taken - taking:.2f} s\n")

        known = known_of(bridge)
        await bridge.stop()
        for turn in range(KILLS):
            log = tmp_path / f"r{turn}.log"
            await killed(command(bridge, log, "restore", str(backups / "b"), "--replace"), chance)
            assert known_of(bridge) == known, "a store is there, and it is whole"
            assert not [path.name for path in state.iterdir() if path.name.startswith("restore-")]
        said = bridge.daemon.command("restore", str(backups / "b"), "--replace")
        assert "tokens that were taken back hold again" in said
        await comes_back(bridge, known)


def known_of(bridge: Bridge) -> str:
    """What is said of her, without the time where she is: a minute may pass between two looks."""
    return re.sub(r'"local_time":"[0-9:]+"', "", bridge.daemon.command("lookup", REGULA, "--json"))


def compared(bridge: Bridge, began: float, taken: float) -> str:
    """How long after its INVITE each pop came: of calls that began while backups were made, and of the others."""
    sent = {one.call: one.at for one in bridge.record.sent}
    events = sorted(bridge.record.events, key=lambda event: event.at, reverse=True)
    first = {(event.call, event.desk): event.at for event in events if event.type == RINGING and event.call in sent}
    pops = [(sent[call or 0], at) for (call, _), at in first.items()]
    during = [at - invited for invited, at in pops if began <= invited < taken]
    others = [at - invited for invited, at in pops if not began <= invited < taken]
    assert during
    return f"pops during backups: {spread(during)}; without: {spread(others)}"


async def comes_back(bridge: Bridge, known: str) -> None:
    """Each desk, with the place that it had before the store went back in time."""
    ids = {event.id for event in bridge.record.events}
    await bridge.start()
    assert known_of(bridge) == known
    for seat in bridge.seats.values():
        assert seat.place is not None
        epoch, sequence = seat.place
        async with Desk(bridge.daemon.web, seat.token, {"epoch": epoch, "sequence": sequence}) as desk:
            assert desk.welcome["resumed"] is False
            assert desk.welcome["epoch"] != epoch
            if seat.agent == "ana":
                await desk.lines({"6001": "registered"})
                bridge.call("6001")
                await desk.ringing()
                assert not {event["id"] for event in desk.events} & ids, "an id never names two different events"
