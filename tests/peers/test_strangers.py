"""The strangers of the tests: a scanner and a flood, against the PBX and against somebody who says nothing."""

from __future__ import annotations

import asyncio

import pytest

from tests.peers.plugin import MakeFlood, MakeKamailio
from tests.peers.ports import Loopback
from tests.peers.process import PeerError
from tests.peers.sipvicious import Sipvicious

USERS = {"6001": "secret-1", "6003": "secret-3"}


class Silent(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        self.heard.append((data, str(addr[0])))


async def silent(loopback: Loopback) -> tuple[Silent, asyncio.DatagramTransport, str, int]:
    address = loopback.address()
    port = loopback.port(address)
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(Silent, local_addr=(address, port))
    return protocol, transport, address, port


@pytest.mark.peer("kamailio", "svmap", "svwar")
async def test_a_scanner_finds_the_pbx_and_its_lines(kamailio: MakeKamailio, sipvicious: Sipvicious) -> None:
    pbx = await kamailio(users=USERS, open_users=["6002"])
    devices, lines = await asyncio.gather(
        sipvicious.svmap(pbx.address, pbx.port), sipvicious.svwar(pbx.address, pbx.port, "6000-6004", method="INVITE")
    )
    assert list(devices.found) == [f"{devices.source}:{pbx.port}"]
    assert devices.found[f"{devices.source}:{pbx.port}"].startswith("kamailio")
    assert devices.sent == devices.answered == 1
    assert set(lines.found) == {"6001", "6002", "6003"}
    assert lines.sent > 5
    assert lines.answered > 5
    assert lines.source != devices.source != pbx.address


@pytest.mark.peer("svmap", "svwar")
async def test_a_scanner_finds_nothing_where_nobody_answers(sipvicious: Sipvicious, loopback: Loopback) -> None:
    protocol, transport, address, port = await silent(loopback)
    devices, lines = await asyncio.gather(sipvicious.svmap(address, port), sipvicious.svwar(address, port))
    transport.close()
    for scan in (devices, lines):
        assert (scan.found, scan.answered) == ({}, 0)
        assert scan.sent == len([1 for _, source in protocol.heard if source == scan.source]) > 0


@pytest.mark.peer("kamailio")
async def test_a_flood_reaches_the_pbx_and_counts_its_answers(kamailio: MakeKamailio, flood: MakeFlood) -> None:
    pbx = await kamailio(users=USERS)
    running = await flood(pbx.address, pbx.port, rate=200, seconds=0.5, called="6999")
    flooded = await running.done()
    assert 80 <= flooded.sent <= 100
    assert flooded.answers == {404: flooded.sent}
    assert f"from {running.source[0]}:{running.source[1]} flood-0@" in pbx.process.output()


async def test_each_invite_of_a_flood_is_another_call(flood: MakeFlood, loopback: Loopback) -> None:
    protocol, transport, address, port = await silent(loopback)
    running = await flood(address, port, rate=5000, seconds=0.2)
    flooded = await running.done()
    await asyncio.sleep(0)
    transport.close()
    assert flooded.answers == {}
    assert flooded.sent > 200  # a busy machine reaches less than was asked
    heard = {data.partition(b"Call-ID: ")[2].partition(b"\r\n")[0] for data, _ in protocol.heard}
    assert len(heard) == len(protocol.heard)
    assert {source for _, source in protocol.heard} == {running.source[0]}


async def test_only_loopback_is_flooded(flood: MakeFlood) -> None:
    running = await flood("192.0.2.1", 9, rate=1, seconds=0.1)
    with pytest.raises(PeerError, match="only loopback"):
        await running.done()
