"""The daemon as the unit runs it: in its sandbox, with its credentials, under a watchdog that the test plays."""

import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.index import build
from ctibridge.lookup.adapters.schema import FILE
from tests.e2e.daemon import PASSWORD, ROOT, Daemon, TrunkOf
from tests.peers.notify_socket import NotifySocket
from tests.peers.ports import Loopback
from tests.peers.process import Process

pytestmark = pytest.mark.e2e

UNIT = ROOT / "systemd" / "ctibridge.service"
NOWHERE = TrunkOf("sip:127.0.0.9:5099", {"6001": ["ana"]})
WATCHDOG = 1.0
SANDBOX = ["-m", "tests.e2e.sandbox", str(UNIT), sys.executable] if shutil.which("systemd-analyze") else []
"""Behind a Python, before the words of another one."""


@pytest.fixture
async def supervised(
    tmp_path: Path, loopback: Loopback, peer_processes: list[Process]
) -> AsyncIterator[tuple[Daemon, NotifySocket]]:
    """Not started. Its secret is a credential."""
    daemon = Daemon(tmp_path, loopback, NOWHERE)
    credentials = tmp_path / "credentials"
    credentials.mkdir(mode=0o700)
    (tmp_path / "secret-pbx-6001").rename(credentials / "pbx-6001")
    text = daemon.config.read_text(encoding="utf-8")
    daemon.config.write_text(text.replace('file = "secret-pbx-6001"', 'credential = "pbx-6001"'), encoding="utf-8")
    with NotifySocket(tmp_path / "notify", WATCHDOG) as systemd:
        daemon.process = Process(
            [sys.executable, *SANDBOX, "-m", "ctibridge", "run", "--config", str(daemon.config)],
            log=tmp_path / "daemon.log", cwd=ROOT,
            env=os.environ | systemd.environment | {"CREDENTIALS_DIRECTORY": str(credentials)},
        )  # fmt: skip
        peer_processes.append(daemon.process)
        yield daemon, systemd
    daemon.close()


async def test_it_works_in_the_units_sandbox_and_a_process_that_stands_still_feeds_no_watchdog(
    supervised: tuple[Daemon, NotifySocket],
) -> None:
    """A directory of thousands has the number index, from a process that the daemon starts: here the test starts it."""
    daemon, systemd = supervised
    daemon.fill()
    daemon.process.start()
    await systemd.hears("READY=1")
    assert daemon._is_ready()
    await systemd.says("ready; trunk pbx: 0 of 1 lines heard: ")
    index = Process(
        [sys.executable, *SANDBOX, "-m", build.__name__, str(daemon.folder / "state" / FILE)],
        log=daemon.folder / "index.log", cwd=ROOT,
    )  # fmt: skip
    index.start()
    await systemd.fed(times=2)
    assert await index.wait() == 0, index.output()
    daemon.process.send(signal.SIGSTOP)
    await systemd.bites()
    daemon.process.send(signal.SIGCONT)
    await systemd.fed()
    daemon.process.send(signal.SIGTERM)
    await systemd.hears("STOPPING=1")
    assert await daemon.process.wait() == 0, daemon.process.output()
    assert PASSWORD not in daemon.process.output()
    assert [line for line in daemon.log if line["level"] in ("warning", "error")] == []
