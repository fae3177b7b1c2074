"""What systemd hears, on a socket of our own."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctibridge.sd_notify import Notifier


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def test_what_it_says(systemd: socket.socket) -> None:
    notifier = Notifier(systemd.getsockname(), None)
    notifier.ready("3 lines")
    notifier.status("2 lines")
    notifier.alive()
    notifier.stopping()
    notifier.close()
    notifier.alive()
    said = [systemd.recv(100) for _ in range(4)]
    assert said == [b"READY=1\nSTATUS=3 lines", b"STATUS=2 lines", b"WATCHDOG=1", b"STOPPING=1"]
    with pytest.raises(BlockingIOError):
        systemd.recv(100)


def test_a_reload_says_when_it_began(systemd: socket.socket) -> None:
    notifier = Notifier(systemd.getsockname(), None)
    before = time.monotonic_ns() // 1000
    notifier.reloading()
    notifier.extend(2.5)
    notifier.close()
    first, second = systemd.recv(100).decode().splitlines()
    assert first == "RELOADING=1"
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000
    assert systemd.recv(100) == b"EXTEND_TIMEOUT_USEC=2500000"


@pytest.mark.parametrize("status", ["trunk a: nothing is heard; " * 1000, "é" * 5000, "\udc80" * 5000])
def test_a_long_status_does_not_cost_the_ready(systemd: socket.socket, status: str) -> None:
    """systemd 252 ignores a datagram of more than 4096 bytes: the reload never ended."""
    notifier = Notifier(systemd.getsockname(), None)
    notifier.ready(status)
    notifier.close()
    said = systemd.recv(10_000)
    assert len(said) <= 4096
    assert said.startswith(b"READY=1\nSTATUS=")
    assert said.endswith(b"...")


def test_a_status_is_one_line(systemd: socket.socket) -> None:
    notifier = Notifier(systemd.getsockname(), None)
    notifier.status("no such\nSTOPPING=1\r\nfile")
    notifier.close()
    assert systemd.recv(100) == b"STATUS=no such STOPPING=1 file"


def test_an_abstract_address() -> None:
    name = f"ctibridge-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name)
        notifier = Notifier("@" + name, None)
        notifier.alive()
        notifier.close()
        assert listening.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", [None, "", "/nowhere/at/all"])
def test_where_nobody_listens_it_says_nothing(address: str | None) -> None:
    notifier = Notifier(address, None)
    notifier.ready("3 lines")
    notifier.close()
    notifier.close()


def test_a_systemd_that_does_not_read_holds_nobody(systemd: socket.socket) -> None:
    notifier = Notifier(systemd.getsockname(), None)
    for _ in range(10_000):
        notifier.alive()
    notifier.close()


@pytest.mark.parametrize(
    ("variables", "interval"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
    ],
)
def test_half_of_what_the_watchdog_allows(
    variables: dict[str, str], interval: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Notifier.from_environment().interval == interval
