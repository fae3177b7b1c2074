"""The wire for connections: what passes, and what a side sees when it is cut or jammed."""

from __future__ import annotations

import asyncio

import pytest

from tests.peers.authority import Authority
from tests.peers.plugin import MakeKamailio, MakeSipp, MakeStreamWire
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.sipp import Invite
from tests.peers.stream_probe import StreamProbe

USERS = {"6001": "secret-1"}


@pytest.mark.peer("kamailio", "sipp")
async def test_a_contact_behind_a_wire_rings_until_it_is_cut(
    kamailio: MakeKamailio, sipp: MakeSipp, stream_wire: MakeStreamWire, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, tcp=True)
    wire = await stream_wire(pbx.host_tcp)
    async with StreamProbe(loopback, wire.host) as probe:
        assert (await probe.register(wire.host, "6001", USERS["6001"]))[0].status == 200
        (contact,) = await pbx.contacts("6001")
        assert contact.received is not None
        assert wire.address in contact.received
        call = sipp(pbx).start(Invite("6001"), patience=0.1)
        await probe.request("INVITE")
        await call.done()
        wire.cut()
        await until(probe.closed.is_set, "the connection is gone")
    async with StreamProbe(loopback, wire.host) as again:
        await until(again.closed.is_set, "nobody stays connected")
    wire.join()
    async with StreamProbe(loopback, wire.host) as back:
        assert (await back.register(wire.host, "6001", USERS["6001"]))[0].status == 200
    assert (wire.connections, wire.refused) == (2, 1)


@pytest.mark.peer("kamailio")
async def test_a_jammed_wire_keeps_its_connections(
    kamailio: MakeKamailio, stream_wire: MakeStreamWire, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, tcp=True)
    wire = await stream_wire(pbx.host_tcp)
    async with StreamProbe(loopback, wire.host) as probe:
        wire.jam()
        asked = asyncio.create_task(probe.register(wire.host, "6001", USERS["6001"]))
        await asyncio.sleep(0.1)
        assert not probe.closed.is_set()
        assert await pbx.contacts("6001") == []
        wire.flow()
        assert (await asked)[0].status == 200


@pytest.mark.peer("kamailio", "kamailio/tls.so", "openssl")
async def test_tls_passes_where_the_certificate_names_the_wire(
    kamailio: MakeKamailio, stream_wire: MakeStreamWire, loopback: Loopback, authority: Authority
) -> None:
    address = loopback.address()
    pbx = await kamailio(users=USERS, tls=True, names=[address])
    wire = await stream_wire(pbx.host_tls, address=address)
    async with StreamProbe(loopback, wire.host, authority.ca_file) as probe:
        assert (await probe.register(wire.host, "6001", USERS["6001"]))[0].status == 200
