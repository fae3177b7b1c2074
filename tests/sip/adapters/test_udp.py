"""A real socket on loopback around a machine that writes down what it is fed."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from ctibridge.sip.adapters import udp
from ctibridge.sip.adapters.udp import UdpDriver, bind, granted_buffer, local_host_towards
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop, Transport, datagram
from ctibridge.sip.via import Address
from tests.sip.adapters.stream_peers import until


class Recorder:
    """Echoes what it receives, and states what it was woken for as a fact."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        self.heard: list[tuple[bytes, Hop]] = []
        self.out: list[Datagram | str] = []

    def receive(self, data: bytes, hop: Hop, now: float) -> None:
        self.heard.append((data, hop))
        self.out += ["heard", Datagram(data.upper(), hop)]

    def wake(self, now: float) -> None:
        if self.deadline is not None and now >= self.deadline:
            self.deadline = None
            self.out.append("woken")

    def drain(self) -> list[Datagram | str]:
        out, self.out = self.out, []
        return out


async def heard(peer: socket.socket) -> tuple[bytes, Address]:
    async with asyncio.timeout(5):
        while True:
            try:
                data, source = peer.recvfrom(2048)
            except BlockingIOError:
                await asyncio.sleep(0.002)  # uvloop has no sock_recvfrom
            else:
                return data, (source[0], source[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_datagrams_and_facts_come_and_go(host: str) -> None:
    facts: list[str] = []
    sock, peer = bind((host, 0)), bind((host, 0))
    machine = Recorder()
    driver = await UdpDriver.open(sock, machine, facts.append)
    try:
        peer.sendto(b"hello", sock.getsockname()[:2])
        assert await heard(peer) == (b"HELLO", sock.getsockname()[:2])
        assert machine.heard == [(b"hello", datagram(*peer.getsockname()[:2]))]
        assert facts == ["heard"]
    finally:
        driver.close()
        peer.close()
        await asyncio.sleep(0)


@pytest.mark.parametrize("steps", [1, 2, 3])
async def test_who_stops_while_the_socket_opens_leaves_none_open(steps: int) -> None:
    """uvloop's close() waited for it for ever where warnings are errors: two runs of all tests stood still."""
    sock = bind(("127.0.0.1", 0))
    opening = asyncio.create_task(UdpDriver.open(sock, Recorder(), print))
    for _ in range(steps):
        await asyncio.sleep(0)
    opening.cancel()
    try:
        driver = await opening
    except asyncio.CancelledError:
        pass
    else:
        driver.close()
    await until(lambda: sock.fileno() == -1)


async def test_a_socket_that_somebody_else_closes_is_lost() -> None:
    driver = await UdpDriver.open(bind(("127.0.0.1", 0)), Recorder(), print)
    asked = await UdpDriver.open(bind(("127.0.0.1", 0)), Recorder(), print)
    assert not driver.is_lost
    assert driver._transport is not None
    driver._transport.abort()
    asked.close()
    await until(lambda: driver.is_lost)
    driver.pump()
    driver.close()
    await asyncio.sleep(0)
    assert not asked.is_lost


async def test_the_machine_is_woken_at_its_deadline_also_when_that_moves() -> None:
    facts: list[str] = []
    machine = Recorder()
    driver = await UdpDriver.open(bind(("127.0.0.1", 0)), machine, facts.append)
    try:
        for deadline in (time.monotonic() + 60, time.monotonic() + 0.01):
            machine.deadline = deadline
            driver.pump()
        await asyncio.sleep(0.1)
        assert facts == ["woken"]
    finally:
        driver.close()
        await asyncio.sleep(0)


async def test_time_goes_on_and_the_rest_is_sent_when_who_hears_a_fact_fails() -> None:
    def fails(fact: str) -> None:
        raise RuntimeError(fact)

    machine = Recorder()
    there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    there.bind(("127.0.0.1", 0))
    there.settimeout(5)
    driver = await UdpDriver.open(bind(("127.0.0.1", 0)), machine, fails)
    try:
        machine.out = ["fact", Datagram(b"behind it", datagram(*there.getsockname()))]
        machine.deadline = time.monotonic() + 60
        with pytest.raises(RuntimeError):
            driver.pump()
        assert driver._timer is not None
        assert await asyncio.to_thread(there.recv, 100) == b"behind it"
    finally:
        there.close()
        driver.close()
        await asyncio.sleep(0)


async def test_after_close_nothing_is_sent_and_nobody_is_woken() -> None:
    facts: list[str] = []
    machine = Recorder()
    driver = await UdpDriver.open(bind(("127.0.0.1", 0)), machine, facts.append)
    driver.close()
    machine.deadline = time.monotonic()
    machine.out = [Datagram(b"x", datagram("127.0.0.1", 9))]
    driver.pump()
    driver.close()
    await asyncio.sleep(0.02)
    assert facts == []


async def test_a_peer_that_is_gone_disturbs_nobody() -> None:
    machine = Recorder()
    gone = bind(("127.0.0.1", 0))
    address = datagram(*gone.getsockname())
    gone.close()
    driver = await UdpDriver.open(bind(("127.0.0.1", 0)), machine, machine.out.append)
    try:
        for _ in range(3):
            machine.out = [Datagram(b"x", address)]
            driver.pump()
            await asyncio.sleep(0.01)
    finally:
        driver.close()
        await asyncio.sleep(0)


async def test_what_is_not_for_udp_goes_over_streams_where_there_are_some() -> None:
    sent: list[Datagram] = []
    machine = Recorder()
    driver = await UdpDriver.open(bind(("127.0.0.1", 0)), machine, machine.out.append)
    try:
        over_tcp = Datagram(b"x", Hop(Transport.TCP, "127.0.0.1", 9))
        machine.out = [over_tcp]
        driver.pump()
        driver.over_stream = sent.append
        machine.out = [over_tcp, Datagram(b"y", datagram("127.0.0.1", 9))]
        driver.pump()
        assert sent == [over_tcp]
    finally:
        driver.close()
        await asyncio.sleep(0)


def test_a_port_in_use_is_an_os_error_and_leaves_no_socket() -> None:
    with bind(("127.0.0.1", 0)) as first, pytest.raises(OSError, match="in use"):
        bind(first.getsockname())


def test_the_buffer_is_raised_and_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain, bind(("127.0.0.1", 0)) as raised:
        assert granted_buffer(raised) >= granted_buffer(plain)
    monkeypatch.setattr(socket, "SO_RCVBUFFORCE", 9999, raising=False)  # as where CAP_NET_ADMIN is missing
    with bind(("127.0.0.1", 0)) as asked:
        assert granted_buffer(asked) > 0


def test_the_limit_that_we_recommend_grants_what_a_trunk_asks_for() -> None:
    file = Path(__file__).parents[3] / "config" / "sysctl.d" / "60-ctibridge.conf"
    settings = [line.split(" = ") for line in file.read_text().splitlines() if not line.startswith("#")]
    assert settings == [["net.core.rmem_max", str(udp.WANTED_BUFFER)]]


def test_our_address_as_the_peer_sees_it() -> None:
    assert local_host_towards(("127.0.0.1", 5060), ("0.0.0.0", 5066)) == "127.0.0.1"  # noqa: S104 - nothing is bound
    assert local_host_towards(("203.0.113.1", 5060), ("127.0.0.50", 5066)) == "127.0.0.50"
    assert local_host_towards(("::1", 5060), ("::", 5066)) == "::1"


def test_tokens_are_words_that_nobody_guesses() -> None:
    fresh = udp.fresh()
    tokens = {fresh.token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(token.isalnum() and len(token) >= 26 for token in tokens)
    assert all(0 <= fresh.fraction() <= 1 for _ in range(100))
