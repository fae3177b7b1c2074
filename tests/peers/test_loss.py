"""The bad wire: what it loses, and that calls through it still end."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from tests.peers.loss import Counts, LossyWire, Quality
from tests.peers.plugin import MakeKamailio, MakeSipp, MakeWire
from tests.peers.ports import Loopback
from tests.peers.probe import Probe
from tests.peers.process import until
from tests.peers.sipp import Invite

USERS = {"6001": "secret-1", "6002": "secret-2"}


@pytest.mark.peer("kamailio", "sipp")
async def test_calls_over_a_bad_wire(
    kamailio: MakeKamailio, sipp: MakeSipp, lossy_wire: MakeWire, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS)
    wire = await lossy_wire(pbx, loss=0.15, repeat=0.1, late=0.1, seed=7)
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001", at=wire.host)
        (contact,) = await pbx.contacts("6001")
        assert contact.uri == probe.contact("6001")
        assert contact.received is not None
        assert wire.address in contact.received
        calls = sipp(pbx).start(Invite("6001"), count=40, rate=40, patience=1.0)
        # Where our 180 was lost the PBX does not know that somebody rings: INVITE comes again, and 180 with it.
        await calls.done(timeout=60)
        assert {calls.status(number) for number in range(1, 41)} <= {487, 408}
        assert len({invite.get("Call-ID") for invite in probe.of("INVITE")}) == 40
    for way in (wire.up, wire.down):
        assert way.seen > 80
        assert 0.03 < way.lost / way.seen < 0.35
        assert way.repeated
        assert way.late


@pytest.mark.peer("kamailio", "sipp")
async def test_a_good_wire_changes_nothing_and_a_cut_one_passes_nothing(
    kamailio: MakeKamailio, sipp: MakeSipp, lossy_wire: MakeWire, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS)
    wire = await lossy_wire(pbx)
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001", at=wire.host)
        call = sipp(wire.host).start(Invite("6001"), patience=0.1)  # the trunk may be behind it as well
        await call.done()
        assert call.statuses() == [100, 180, 487]
        assert {request.method for request in probe.requests} == {"INVITE", "CANCEL", "ACK"}
        wire.quality = Quality(loss=1.0)
        before = len(probe.requests)
        lost = sipp(pbx).start(Invite("6001"), patience=0.1)
        await until(lambda: wire.down.lost > 0, "the INVITE is lost")
        assert len(probe.requests) == before
        wire.quality = Quality()
        await probe.request("INVITE", 2)  # its retransmission
        await lost.done()


@pytest.mark.peer("kamailio")
async def test_a_registrar_that_answers_late(kamailio: MakeKamailio, lossy_wire: MakeWire, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS)
    wire = await lossy_wire(pbx, down=Quality(late=1.0, late_by=(0.7, 0.7)))
    async with Probe(loopback) as probe:
        answers = await probe.register(wire.host, "6001", USERS["6001"])
        assert [answer.status for answer in answers] == [200, 401]
    assert wire.up.late == 0
    assert wire.down.late == wire.down.seen
    assert wire.up.seen >= 4  # each REGISTER went out again before its answer came


@pytest.mark.peer("kamailio")
async def test_a_cable_that_is_pulled_and_put_back(
    kamailio: MakeKamailio, lossy_wire: MakeWire, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS)
    wire = await lossy_wire(pbx)
    async with Probe(loopback) as probe:
        wire.cut()
        asked = asyncio.create_task(probe.register(wire.host, "6001", USERS["6001"]))
        await until(lambda: wire.up.lost >= 2, "REGISTER went into the void twice")
        assert await pbx.contacts("6001") == []
        wire.join()
        assert (await asked)[0].status == 200
    assert wire.up.lost + wire.down.seen == wire.up.seen


async def test_late_ones_change_the_order_and_a_constant_delay_does_not(loopback: Loopback) -> None:
    async def order(quality: Quality) -> list[int]:
        there, here = loopback.address(), loopback.address()
        port = loopback.port(there)
        heard: list[int] = []

        class Ear(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
                heard.append(int(data))

        loop = asyncio.get_running_loop()
        pbx, _ = await loop.create_datagram_endpoint(Ear, local_addr=(there, port))
        async with LossyWire(loopback, (there, port), quality, seed=3) as wire:
            client, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, local_addr=(here, 0), remote_addr=(wire.address, wire.port)
            )
            for sent in range(50):
                client.sendto(b"%d" % sent)
            await until(lambda: len(heard) == 50, "all are through")
            client.close()
        pbx.close()
        await asyncio.sleep(0)
        return heard

    mixed = await order(Quality(late=0.3))
    assert sorted(mixed) == list(range(50)) != mixed
    assert await order(Quality(late=1.0, late_by=(0.05, 0.05))) == list(range(50))


async def test_the_same_seed_is_the_same_luck(loopback: Loopback) -> None:
    class Echo(asyncio.DatagramProtocol):
        transport: asyncio.DatagramTransport

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast(asyncio.DatagramTransport, transport)

        def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
            self.transport.sendto(data, (str(addr[0]), addr[1]))

    async def run(seed: int) -> tuple[Counts, Counts]:
        loop = asyncio.get_running_loop()
        there, here = loopback.address(), loopback.address()
        port = loopback.port(there)
        pbx, _ = await loop.create_datagram_endpoint(Echo, local_addr=(there, port))
        async with LossyWire(loopback, (there, port), Quality(loss=0.3, repeat=0.2), seed=seed) as wire:
            client, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, local_addr=(here, 0), remote_addr=(wire.address, wire.port)
            )
            for sent in range(200):
                client.sendto(b"%d" % sent)
            await until(lambda: wire.up.seen == 200, "all are through")
            await until(lambda: wire.down.seen == 200 - wire.up.lost + wire.up.repeated, "all are back")
            client.close()
        pbx.close()
        await asyncio.sleep(0)
        return wire.up, wire.down

    one, again, other = await run(5), await run(5), await run(6)
    assert one == again
    assert one != other
    assert one[0].lost > 30
