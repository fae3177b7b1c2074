"""The faults' own PBX does what a PBX does: lets lines in, rings forks, repeats itself, gives up with a reason."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from tests.faults.pbx import Pbx
from tests.faults.record import ABANDONED, ELSEWHERE, Record
from tests.peers.ports import Loopback, host_port
from tests.peers.probe import Probe, as_bytes
from tests.peers.process import until

LINES = {"6001": ["ana"], "6002": ["ben"]}


@pytest.fixture
async def pbx(loopback: Loopback) -> AsyncIterator[Pbx]:
    host = loopback.address()
    made = await Pbx.listen(Record(), LINES, host, loopback.port(host))
    yield made
    await made.close()


async def register(pbx: Pbx, probe: Probe, line: str, expires: int = 120) -> str:
    (answer,) = await probe.register(host_port(*pbx.address), line, "none", expires=expires)
    assert answer.status == 200
    return answer.get("Contact")


async def test_a_line_is_up_while_its_contact_lasts_and_its_process_lives(pbx: Pbx, loopback: Loopback) -> None:
    async with Probe(loopback) as probe:
        assert probe.contact("6001") in (listed := await register(pbx, probe, "6001"))
        assert "phone@" in listed
        assert (pbx.up("6001"), pbx.up("6002")) == (True, False)
        pbx.next_process()
        assert not pbx.up("6001")
        await register(pbx, probe, "6001", 0)
        pbx.dial(1, "100", ["6001", "6002"])
    assert pbx.record.sent == []


async def test_forks_ring_and_end_together_and_the_record_says_so(pbx: Pbx, loopback: Loopback) -> None:
    async with Probe(loopback) as probe:
        for line in LINES:
            await register(pbx, probe, line)
        pbx.dial(7, "100", ["6001", "6002"])
        await until(lambda: len(pbx.record.rang) == 2, "both ring")
        pbx.hang_up(7, ELSEWHERE)
        await until(lambda: not pbx.waiting, "the end")
        invites, cancels = probe.of("INVITE"), probe.of("CANCEL")
    assert {invite.get("Call-ID") for invite in invites} == {"fault-7"}
    assert len({invite.branch for invite in invites}) == len(cancels) == 2
    assert {cancel.get("Reason").partition(";text")[0] for cancel in cancels} == {"SIP;cause=200"}
    (sent,), (over,) = pbx.record.sent, pbx.record.over
    assert (sent.call, sent.desks, sent.line_up) == (7, frozenset({"ana", "ben"}), True)
    assert {rang.desks for rang in pbx.record.rang} == {frozenset({"ana"}), frozenset({"ben"})}
    assert (over.call, over.outcome) == (7, ELSEWHERE)
    assert over.heard is not None


async def test_an_invite_is_repeated_and_not_cancelled_before_it_was_answered(pbx: Pbx, loopback: Loopback) -> None:
    async with Probe(loopback, rings=False) as probe:
        await register(pbx, probe, "6001")
        pbx.dial(3, "100", ["6001"])
        invite = await probe.request("INVITE")
        pbx.hang_up(3, ELSEWHERE)
        await asyncio.sleep(0)
        assert probe.of("CANCEL") == []
        probe.ring(invite)
        await probe.request("CANCEL")
        await until(lambda: not pbx.calls, "the end")
    assert [(rang.call, rang.desks) for rang in pbx.record.rang] == [(3, frozenset({"ana"}))]


async def test_a_fork_that_rings_when_its_caller_is_gone_is_cancelled(pbx: Pbx, loopback: Loopback) -> None:
    async with Probe(loopback) as prompt, Probe(loopback, rings=False) as slow:
        await register(pbx, prompt, "6001")
        await register(pbx, slow, "6002")
        pbx.dial(3, "100", ["6001", "6002"])
        invite = await slow.request("INVITE")
        await until(lambda: len(pbx.record.rang) > 0, "it rings")
        pbx.hang_up(3, ABANDONED)
        await until(lambda: not pbx.calls, "the end")
        assert slow.of("CANCEL") == []
        slow.ring(invite)
        await slow.request("CANCEL")
    assert len(pbx.record.rang) == 1, "nobody waits there any more"


async def test_the_next_process_knows_nobody_and_says_nothing_of_a_call_that_rang(pbx: Pbx, loopback: Loopback) -> None:
    async with Probe(loopback) as probe:
        await register(pbx, probe, "6001")
        pbx.ring_expiry = 5.0
        pbx.dial(1, "100", ["6001"])
        pbx.dial(2, "100", ["6001"])
        await until(lambda: len(pbx.record.rang) == 2, "both ring")
        pbx.hang_up(2, ELSEWHERE)
        address = pbx.address
        await pbx.end()
        pbx.hang_up(1, ABANDONED)
        pbx.dial(3, "100", ["6001"])
        await pbx.begin()
        assert (pbx.address, pbx.up("6001"), pbx.waiting) == (address, False, False)
        await register(pbx, probe, "6001")
        assert pbx.up("6001")
    assert [(cut.call, cut.said, cut.by - cut.at) for cut in pbx.record.cut] == [(1, None, 5.0), (2, ELSEWHERE, 5.0)]
    assert (len(pbx.record.sent), pbx.record.over, len(pbx.registers)) == (2, [], 2)


async def test_out_of_reach_nothing_passes_and_what_was_known_is_known(pbx: Pbx, loopback: Loopback) -> None:
    async with Probe(loopback) as probe:
        await register(pbx, probe, "6001")
        with pbx.silent():
            pbx.dial(1, "100", ["6001"])
            await asyncio.sleep(0)
        pbx.dial(2, "100", ["6001"])
        await until(lambda: len(pbx.record.rang) > 0, "it rings")
        assert {request.get("Call-ID") for request in probe.of("INVITE")} >= {"fault-2"}
    assert [sent.line_up for sent in pbx.record.sent] == [False, True]


async def test_what_a_dead_process_has_said_is_not_the_next_ones(pbx: Pbx, loopback: Loopback) -> None:
    """Its last REGISTER, read behind its end, made a line seem up whose contact nobody knew any more."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dying:
        dying.bind((loopback.address(), 0))
        at = f"{dying.getsockname()[0]}:{dying.getsockname()[1]}"
        lines = (
            "REGISTER sip:pbx SIP/2.0", f"Via: SIP/2.0/UDP {at};branch=z9hG4bKlast", "From: <sip:6001@pbx>;tag=a",
            "To: <sip:6001@pbx>", "Call-ID: last", "CSeq: 1 REGISTER", f"Contact: <sip:token@{at}>", "Expires: 60",
        )  # fmt: skip
        dying.sendto(as_bytes([*lines, "Content-Length: 0"]), pbx.address)
    pbx.next_process()
    await asyncio.sleep(0)
    assert [binding.life for binding in pbx.contacts["6001"].values()] == [0]
    assert not pbx.up("6001")
