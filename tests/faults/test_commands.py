"""Commands that are killed, and the daemon with them: what one printed holds, an import is there whole or not at all.

`make test` plays one round, CTIBRIDGE_COMMANDS=10 (`make soak`) so many.
"""

import asyncio
import csv
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.daemon import ROOT
from tests.faults.harness import Bridge
from tests.faults.record import Looked, Printed
from tests.faults.seat import opens
from tests.peers.ports import Loopback
from tests.peers.process import Process, until

pytestmark = pytest.mark.e2e

ROUNDS = int(os.environ.get("CTIBRIDGE_COMMANDS", "1"))
RATE = 30
PEOPLE = 3_000
IMPORTS = (0.5, 4.0)
"""Seconds behind exec at which an import is killed: while it starts, reads, writes, or has ended."""


def number(person: int) -> str:
    return f"+4940777{person:05}"


ASKED = tuple(map(number, (0, PEOPLE // 2, PEOPLE - 1)))


def directory(folder: Path, version: int) -> Path:
    """All people of one customer, each with the version as his job."""
    file = folder / f"v{version}" / "people.csv"
    file.parent.mkdir()
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["account", "id", "name", "job_title", "phones"])
        rows.writerows(["acme", f"n{n}", f"Somebody {n}", f"v{version}", f"mobile:{number(n)}"] for n in range(PEOPLE))
    return file


async def run(bridge: Bridge, log: Path, *words: str, seconds: float = 60.0) -> str:
    """What it printed until it was killed: as soon as it had printed anything, at the latest after these seconds."""
    command = [sys.executable, "-m", "ctibridge", *words, "--config", str(bridge.daemon.config)]
    process, began = Process(command, log=log, cwd=ROOT), time.monotonic()
    process.start()
    try:
        await until(
            lambda: time.monotonic() - began > seconds or "\n" in process.output() or not process.running,
            f"{words[0]} prints", seconds + 10,
        )  # fmt: skip
    finally:
        process.kill()
    return process.output().strip()


def versions(bridge: Bridge) -> set[str | None]:
    """Of the people whom the look-up finds under three numbers of the directory."""
    asked = "\n".join(json.dumps({"number": one}) for one in ASKED)
    command = [
        sys.executable,
        "-m",
        "ctibridge",
        "lookup",
        "--batch",
        "-",
        "--json",
        "--config",
        str(bridge.daemon.config),
    ]
    done = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True, check=True)
    found = [json.loads(line)["resolution"]["candidates"] for line in done.stdout.splitlines()]
    assert len(found) == len(ASKED), done.stdout
    return {one[0]["person"]["job_title"] if one else None for one in found}


async def test_what_a_command_printed_holds(loopback: Loopback, tmp_path: Path) -> None:
    chance, verb = random.Random(3), "grant"
    async with Bridge.open(loopback) as bridge:
        async with bridge.callers(RATE):
            for turn in range(1, ROUNDS + 1):
                people, seconds = str(directory(tmp_path, turn)), chance.uniform(*IMPORTS)
                said = await asyncio.gather(
                    run(bridge, tmp_path / f"token{turn}", "token", "issue", "--agent", "chloe"),
                    run(bridge, tmp_path / f"grant{turn}", verb, "ben", "fleuron"),
                    run(bridge, tmp_path / f"import{turn}", "import", people, seconds=seconds),
                )
                named = zip(("token", "grant", "import"), said, strict=True)
                bridge.record.printed += [Printed(f"{name} {turn}", time.monotonic()) for name, text in named if text]
                bridge.kill()
                bridge.look_into_databases()
                await bridge.start()
                verb = await look(bridge, turn, verb, said[0])
            await bridge.up()
        await bridge.finish()
    printed = [one.what for one in bridge.record.printed]
    sys.stdout.write(f"\n  printed   {', '.join(printed)}; then they were killed, and the daemon with them\n")
    assert bridge.complaints() == []
    assert {"token 1", "grant 1"} <= set(printed)


async def look(bridge: Bridge, turn: int, verb: str, token: str) -> str:
    """Whether it is all there; the verb of the next turn."""
    rows, found = await asyncio.gather(
        asyncio.to_thread(bridge.daemon.command, "grants", "--json"), asyncio.to_thread(versions, bridge)
    )
    granted = ("ben", "fleuron", "holds") in {(row["agent"], row["account"], row["state"]) for row in json.loads(rows)}
    now = time.monotonic()
    bridge.record.looked += [
        Looked(f"token {turn}", now, bool(token) and await opens(bridge.daemon.web, token)),
        Looked(f"grant {turn}", now, granted == (verb == "grant")),
        Looked(f"import {turn}", now, found == {f"v{turn}"}),
        Looked(f"import {turn} is there whole, or not at all", now, len(found) == 1, always=True),
    ]
    return "revoke" if granted else "grant"
