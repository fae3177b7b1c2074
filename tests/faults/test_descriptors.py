"""File descriptors used up, by connections that nobody closes: who is there has his pops, and it says what is wrong."""

import os
import resource
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.asking import calls, says
from tests.faults.harness import Bridge
from tests.faults.sick_disk import FULL, SickDisk
from tests.peers.ports import Loopback
from tests.peers.process import until

pytestmark = [pytest.mark.e2e, pytest.mark.peer("gcc")]

STRANGERS = 40
ENOUGH = 4096


async def test_pops_go_on_without_a_descriptor_to_spare(loopback: Loopback, tmp_path: Path) -> None:
    """Also where SQLite has to open its files again meanwhile; lines are registered anew meanwhile."""
    disk = SickDisk(tmp_path)
    with ExitStack() as strangers:
        async with Bridge.open(loopback, grants=10, environment=disk.environment) as bridge:
            await calls(bridge)
            links = len(bridge.record.links)
            disk.fail(FULL)
            await calls(bridge, stored=False)
            await says(bridge, "events cannot be stored: ")  # from here on its files are shut
            use_up(bridge.daemon.process.pid, bridge.daemon.host, bridge.daemon.port, strangers)
            disk.heal()
            spent = processor_seconds(bridge.daemon.process.pid)
            registered = {line: bridge.pbx.until(line) for line in bridge.lines}
            began = time.monotonic()
            await calls(bridge, stored=False)
            await until(lambda: all(bridge.pbx.until(line) > registered[line] for line in registered), "anew")
            await bridge.notify.says("file descriptors are open, and no desk more can connect")
            assert "events cannot be stored: " in bridge.notify.status
            await calls(bridge, stored=False)
            assert processor_seconds(bridge.daemon.process.pid) - spent < 0.5 * (time.monotonic() - began), "it spins"
            assert len(bridge.record.links) == links, "no desk was thrown out"
            resource.prlimit(bridge.daemon.process.pid, resource.RLIMIT_NOFILE, (ENOUGH, ENOUGH))
            await says(bridge, "")
            await calls(bridge)
            await bridge.finish()
    assert bridge.complaints() == []


def use_up(pid: int, host: str, port: int, strangers: ExitStack) -> None:
    """Nobody connects any more: what it has open now is all that it may have."""
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()), ENOUGH))
    for _ in range(STRANGERS):
        strangers.enter_context(socket.create_connection((host, port)))


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
