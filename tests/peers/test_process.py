"""Addresses that nobody else has, and programs that end when they should."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.peers.ports import IPV6_LOOPBACK, Loopback, is_free
from tests.peers.process import PeerError, Process, until


def alive(pid: int) -> bool:
    """A zombie that nobody has collected yet is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_addresses_belong_to_one_test() -> None:
    with Loopback() as mine, Loopback() as yours:
        addresses = [side.address() for side in (mine, yours) for _ in range(50)]
        assert len(set(addresses)) == 100
        ports = [mine.port(addresses[0], IPV6_LOOPBACK) for _ in range(50)]
        assert len(set(ports)) == 50
        assert all(is_free(address, port) for port in ports for address in (addresses[0], IPV6_LOOPBACK))


def test_a_port_that_somebody_holds_is_not_given() -> None:
    with Loopback() as mine:
        address = mine.address()
        taken = {mine.port(address) for _ in range(200)}
        assert len(taken) == 200


def test_a_port_that_a_peer_takes_by_itself_is_given_to_nobody_else() -> None:
    """Once in ten thousand calls SIPp's second media port was one that it had been given for something else."""
    with Loopback() as mine:
        address = mine.address()
        pairs = [mine.port(address, above=[2]) for _ in range(1000)]
        assert len({port + distance for port in pairs for distance in (0, 2)}) == 2000


async def test_a_dead_program_shows_its_last_words(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo I cannot; exit 3"], log=tmp_path / "log")
    process.start()
    with pytest.raises(PeerError, match=r"(?s)ended with 3 before it sings.*I cannot"):
        await process.ready(lambda: False, "it sings")


async def test_the_end_of_a_program_is_the_end_of_its_helpers(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "trap '' TERM; sleep 600 & echo $!; wait; sleep 600"], log=tmp_path / "log")
    process.start()
    await process.ready(lambda: process.output().endswith("\n"), "it has a helper")
    helper = int(process.output())
    await process.stop(grace=0.1)
    assert process.returncode == -signal.SIGKILL
    await until(lambda: not alive(helper), "the helper is gone")
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
