"""Calls among the peers, without ctibridge: what the e2e tests rely on is shown here first.

SIPp is the caller, Kamailio the PBX, baresip the agent's phone, and the probe stands on the line where ctibridge will
stand.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.peers.kamailio import Queue
from tests.peers.plugin import MakeBaresip, MakeKamailio, MakeSipp
from tests.peers.ports import Loopback
from tests.peers.probe import Message, Probe
from tests.peers.sipp import Invite

USERS = {"6001": "secret-1", "6002": "secret-2", "6003": "secret-3"}
SERVICE_NUMBER = "+4930123456"
CAPTURED = Path(__file__).parents[1] / "captures" / "kamailio" / "answered_elsewhere"


@pytest.mark.peer("kamailio", "baresip", "sipp")
@pytest.mark.parametrize("ends", ["caller", "agent", "after a while"])
async def test_a_call_is_answered_and_ends(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, ends: str
) -> None:
    pbx = await kamailio(users=USERS, numbers={SERVICE_NUMBER: "6001"})
    phone = await baresip(pbx, "6001")
    call = sipp(pbx).start(Invite(SERVICE_NUMBER, number="+4915112345678"), hold=0.1 if ends == "after a while" else 60)
    ringing = await phone.incoming()
    assert "+4915112345678" in ringing.peer
    assert ringing.call_id == call.call_id()
    await call.ringing()
    assert call.status() is None
    await phone.answer()
    await call.answered()
    if ends == "caller":
        call.end()
    elif ends == "agent":
        await phone.hangup()
    result = await call.done()
    await phone.closed()
    assert (result.successful, result.failed) == (1, 0)
    assert call.statuses() == [100, 180, 200]


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_answered_elsewhere_looks_as_captured(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, numbers={SERVICE_NUMBER: "6001"})
    phone = await baresip(pbx, "6001")
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001")
        call = sipp(pbx).start(Invite(SERVICE_NUMBER, display="Maria Meier"))
        await call.ringing(devices=2)
        await phone.answer()
        invite, cancel = await probe.request("INVITE"), await probe.request("CANCEL")
        await probe.request("ACK")
        await call.answered()
        call.end()
        await call.done()
        await phone.closed()
    for ours, name in ((invite, "001-rx-INVITE.sip"), (cancel, "003-rx-CANCEL.sip")):
        captured = Message.parse((CAPTURED / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        missing = {header for header, _ in captured.headers} - {header for header, _ in ours.headers}
        assert missing <= {"Subject"}  # SIPp's own scenario
        assert ours.all("Reason") == captured.all("Reason")
    assert invite.get("From").startswith('"Maria Meier" <sip:+4989123456@')
    assert SERVICE_NUMBER in invite.get("To")
    assert invite.first.startswith(f"INVITE {probe.contact('6001')}")


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_answered_before_we_ring_has_a_shorter_reason(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS)
    phone = await baresip(pbx, "6001", auto_answer=True)
    async with Probe(loopback, rings=False) as probe:
        await probe.on_line(pbx, "6001")
        call = sipp(pbx).start(Invite("6001"))
        invite = await probe.request("INVITE")
        await phone.established()
        await call.answered()
        # A branch without any answer is not cancelled. Only its late 180 brings the CANCEL, and that has no text.
        assert probe.of("CANCEL") == []
        probe.ring(invite)
        cancel = await probe.request("CANCEL")
        assert cancel.all("Reason") == ["SIP;cause=200"]
        call.end()
        await call.done()
        await phone.closed()


@pytest.mark.peer("kamailio", "sipp")
@pytest.mark.parametrize("when", ["told", "patience"])
async def test_the_caller_gives_up(kamailio: MakeKamailio, sipp: MakeSipp, loopback: Loopback, when: str) -> None:
    pbx = await kamailio(users=USERS)
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001")
        call = sipp(pbx).start(Invite("6001"), patience=0.2 if when == "patience" else 60)
        await call.ringing()
        if when == "told":
            call.end()
        cancel = await probe.request("CANCEL")
        assert cancel.all("Reason") == []
        assert (await call.done()).successful == 1
        assert call.status() == 487


@pytest.mark.peer("kamailio", "sipp")
async def test_nobody_answers_in_time(kamailio: MakeKamailio, sipp: MakeSipp, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, ring=0.5)
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001")
        call = sipp(pbx).start(Invite("6001"))
        await call.done()
        assert call.status() == 408
        assert (await probe.request("CANCEL")).all("Reason") == []


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_who_cannot_be_reached(kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp) -> None:
    pbx = await kamailio(users=USERS)
    phone = await baresip(pbx, "6001")
    caller = sipp(pbx)
    nobody, unknown, busy = (caller.start(Invite(called)) for called in ("6002", "4711", "6001"))
    await phone.incoming()
    await phone.hangup()
    for call, status in ((nobody, 480), (unknown, 404), (busy, 486)):
        await call.done()
        assert call.status() == status


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_a_ring_group_rings_all_and_one_answers(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, numbers={"201": list(USERS)})
    phones = [await baresip(pbx, user) for user in USERS]
    async with Probe(loopback) as probe:
        for user in USERS:
            await probe.on_line(pbx, user)
        call = sipp(pbx).start(Invite("201"))
        await asyncio.gather(*(phone.incoming() for phone in phones))
        await call.ringing(devices=6)
        await phones[1].answer()
        await call.answered()
        await asyncio.gather(phones[0].closed(), phones[2].closed(), probe.request("CANCEL", 3))
        call.end()
        await call.done()
        await phones[1].closed()
        invites = probe.of("INVITE")
        assert {invite.first.split()[1] for invite in invites} == {probe.contact(user) for user in USERS}
        assert len({(invite.get("Call-ID"), invite.get("From"), invite.get("CSeq")) for invite in invites}) == 1
        assert len({invite.branch for invite in invites}) == 3
        assert all("cause=200" in cancel.get("Reason") for cancel in probe.of("CANCEL"))


@pytest.mark.peer("kamailio", "sipp")
async def test_a_queue_rings_three_rounds_of_one_call(
    kamailio: MakeKamailio, sipp: MakeSipp, loopback: Loopback
) -> None:
    lines = ["6001", "6002"]
    pbx = await kamailio(users=USERS, numbers={"300": Queue(lines, ring=0.4, pause=0.3, rounds=3)})
    async with Probe(loopback) as probe:
        for user in lines:
            await probe.on_line(pbx, user)
        call = sipp(pbx).start(Invite("300"))
        for round_ in (1, 2, 3):
            await probe.request("INVITE", 2 * round_)
            await probe.request("CANCEL", 2 * round_)
            # A round is over before the next one rings.
            assert len(probe.of("INVITE")) == 2 * round_
        await call.done()
        assert call.status() in (408, 480)
        invites = probe.of("INVITE")
        assert len(invites) == 6
        assert {(invite.get("Call-ID"), invite.get("From")) for invite in invites} == {
            (call.call_id(), invites[0].get("From"))
        }
        assert len({invite.branch for invite in invites}) == 6


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_a_phone_of_a_queue_answers_the_second_round(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp
) -> None:
    # baresip calls an INVITE of the same Call-ID merged (482) for 5 s after the last one: the pause is longer.
    pbx = await kamailio(users=USERS, numbers={"300": Queue(["6001"], ring=0.3, pause=5.5, rounds=2)})
    phone = await baresip(pbx, "6001")
    call = sipp(pbx).start(Invite("300"))
    first = await phone.incoming()
    await phone.closed()
    second = await phone.incoming()
    assert first.call_id == second.call_id
    await phone.answer()
    await call.answered()
    call.end()
    await call.done()
    await phone.closed()


@pytest.mark.peer("kamailio", "sipp")
async def test_a_waiting_caller_of_a_queue_gives_up(kamailio: MakeKamailio, sipp: MakeSipp, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, numbers={"300": Queue(["6001"], ring=0.3, pause=0.6, rounds=3)})
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001")
        call = sipp(pbx).start(Invite("300"))
        await probe.request("CANCEL")
        call.end()
        await call.done()
        assert call.status() == 487
        assert len(probe.of("INVITE")) == 1


@pytest.mark.peer("kamailio", "sipp")
async def test_the_headers_of_the_caller_arrive_as_they_are(
    kamailio: MakeKamailio, sipp: MakeSipp, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, numbers={SERVICE_NUMBER: "6001"})
    latin = b"J\xf6rg".decode("utf-8", "surrogateescape")
    invite = Invite(
        SERVICE_NUMBER,
        from_header=f'"{latin} \\"Q\\" 東" <sip:trunk-main@[2001:db8::1]:5060;user=phone>',
        asserted=["<tel:+498911111>", '"Desk" <sip:+498922222@example.net>'],
        privacy="id",
        diversion=["<sip:+493099999@example.net>;reason=no-answer"],
        headers=[("X-Called-Number", SERVICE_NUMBER), ("X-Odd", "a  b\tc [x] {y}")],
    )
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001")
        call = sipp(pbx).start(invite, patience=0.1)
        came = await probe.request("INVITE")
        await call.done()
    assert came.get("From").rpartition(";tag=")[0] == invite.from_header
    for name in {name for name, _ in invite.header_lines()}:
        assert came.all(name) == [value for key, value in invite.header_lines() if key == name]


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_only_trunks_call_without_digest(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, trunks=["127.0.0.1"])
    ana, ben = await baresip(pbx, "6001"), await baresip(pbx, "6002")
    await ben.dial("6001")  # answers the 407 with his password
    assert "6002" in (await ana.incoming()).peer
    await ana.answer()
    await ben.established()
    await ben.hangup()
    await asyncio.gather(ana.closed(), ben.closed())
    stranger = sipp(pbx).start(Invite("6001"))
    result = await stranger.done(check=False)
    assert (result.failed, stranger.status()) == (1, 407)
    assert ana.seen("CALL_INCOMING") == []


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_a_call_over_ipv6(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, ipv6=True)
    phone = await baresip(pbx, "6001")  # on IPv4, as the phones of most offices
    async with Probe(loopback, ipv6=True) as probe:
        await probe.on_line(pbx, "6001", at=pbx.host_v6)
        for caller in (sipp(pbx, ipv6=True), sipp(pbx)):
            call = caller.start(Invite("6001"))
            await call.ringing(devices=2)
            await phone.incoming()
            await phone.answer()
            await call.answered()
            call.end()
            await call.done()
            await phone.closed()
        await probe.request("CANCEL", 2)
        assert [invite.get("Via").startswith("SIP/2.0/UDP [::1]") for invite in probe.of("INVITE")] == [True, True]


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_many_calls_at_once(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS)
    async with Probe(loopback) as probe:
        await probe.on_line(pbx, "6001")
        calls = sipp(pbx).start(Invite("6001", number="+491511{n}"), count=100, rate=100, patience=0.5)
        result = await calls.done()
        assert (result.successful, result.failed) == (100, 0)
        assert len({invite.get("From") for invite in probe.of("INVITE")}) == 100
        assert all(calls.status(number) == 487 for number in range(1, 101))
        assert len(probe.of("CANCEL")) == 100
