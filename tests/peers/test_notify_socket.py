"""The watchdog of the tests bites who is silent, and nobody else."""

import asyncio
from pathlib import Path

import pytest

from ctibridge.sd_notify import Notifier
from tests.peers.notify_socket import NotifySocket
from tests.peers.process import PeerTimeout

WATCHDOG = 0.1


async def feed(notifier: Notifier) -> None:
    while True:
        notifier.alive()
        await asyncio.sleep(WATCHDOG / 10)


async def test_it_bites_once_the_service_is_silent_and_not_before(tmp_path: Path) -> None:
    with NotifySocket(tmp_path / "notify", WATCHDOG) as systemd:
        notifier = Notifier(systemd.environment["NOTIFY_SOCKET"], None)
        feeding = asyncio.create_task(feed(notifier))
        await systemd.fed(times=2)
        with pytest.raises(PeerTimeout):
            await systemd.bites(timeout=3 * WATCHDOG)
        feeding.cancel()
        await systemd.bites()
        notifier.close()


async def test_what_was_said(tmp_path: Path) -> None:
    with NotifySocket(tmp_path / "notify") as systemd:
        assert systemd.environment == {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        assert systemd.status == ""
        notifier = Notifier(systemd.environment["NOTIFY_SOCKET"], None)
        notifier.ready("one")
        notifier.status("two: three")
        await systemd.hears("READY=1")
        await systemd.says("three")
        assert systemd.status == "two: three"
        with pytest.raises(PeerTimeout, match="STOPPING=1"):
            await systemd.hears("STOPPING=1", timeout=0.05)
        notifier.close()
