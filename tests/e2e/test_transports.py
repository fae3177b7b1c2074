"""TCP and TLS all the way: the daemon and a real PBX, with connections that break and certificates that lie."""

import re
from typing import Any, Literal

import pytest

from ctibridge.sip.events import Hearing
from tests.e2e.conftest import MakeDaemon, MakeDesk
from tests.e2e.daemon import PASSWORD, Daemon, TrunkOf
from tests.e2e.desk import Desk
from tests.e2e.ear import MakeEar
from tests.e2e.house import ACME, REGULA, House, MakeHouse
from tests.peers.authority import Authority, Certificate
from tests.peers.kamailio import Contact, Kamailio
from tests.peers.plugin import MakeKamailio, MakeSipp, MakeStreamWire
from tests.peers.ports import IPV6_LOOPBACK, Loopback, host_port
from tests.peers.process import until
from tests.peers.sipp import Invite, Sipp

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "sipp")]

PHONED = pytest.mark.peer("baresip")
TLS = pytest.mark.peer("kamailio/tls.so", "openssl")
LINE = {"users": {"6001": PASSWORD}, "numbers": {ACME: ["6001"]}}
Of = Literal["tcp", "tls"]


def registrar(pbx: Kamailio, transport: Of) -> str:
    return pbx.registrar_tcp if transport == "tcp" else pbx.registrar_tls


def trust(authority: Authority, transport: Of) -> dict[str, Any]:
    return {"ca_file": str(authority.ca_file)} if transport == "tls" else {}


async def our_contact(pbx: Kamailio, daemon: Daemon) -> str:
    """The URI of our contact."""
    found = [contact.uri for contact in await pbx.contacts("6001") if f"@{daemon.sip_host}:" in contact.uri]
    assert len(found) == 1, found
    return found[0]


async def rings_and_is_answered(house: House) -> None:
    calls = house.sipp.start(Invite(ACME, number=REGULA))
    pop = await house.ana.ringing()
    await calls.ringing(devices=2)
    assert pop["resolution"]["status"] == "identified"
    await house.phones["6001"].answer()
    ended = await house.ana.ended(call__id=pop["call"]["id"])
    assert ended["call"]["outcome"] == "answered_elsewhere", "the CANCEL came, and its reason with it"
    await calls.answered()
    calls.end()
    assert (await calls.done()).successful == 1, "we did not harm the call"


async def rings_and_is_abandoned(house: House) -> None:
    calls = house.sipp.start(Invite(ACME, number=REGULA), patience=0.5)
    assert (await house.ana.ended(call__outcome="abandoned"))["call"]["line"] == "6001"
    assert (await calls.done()).successful == 1


async def one_pops(caller: Sipp, desk: Desk) -> None:
    """And once."""
    rung = desk.count("call.ringing")
    await caller.start(Invite(ACME, number=REGULA), patience=0.5).done()
    await desk.settled()
    assert desk.count("call.ringing") == rung + 1


async def at_the_wire(pbx: Kamailio, before: list[Contact]) -> list[Contact]:
    """Our contact as the PBX has it, when it names the connection as the PBX sees it and no older one: a PBX without
    Kamailio's `received` has nothing else to go by."""
    found: list[Contact] = []
    known = {contact.uri for contact in before}

    async def new() -> bool:
        found[:] = await pbx.contacts("6001")
        return len(found) == 1 and found[0].uri not in known and (found[0].received or "none")[4:] in found[0].uri

    await until(new, "one contact, at the new connection")
    return found


# -- calls -------------------------------------------------------------------------------------------------------------


@PHONED
async def test_calls_over_tcp(house: MakeHouse, kamailio: MakeKamailio) -> None:
    pbx = await kamailio(**LINE, tcp=True)
    desk_service = await house("6001", pbx_is=pbx, registrar=pbx.registrar_tcp, also_from=["127.0.0.1/32"])
    daemon = desk_service.daemon
    contact = await our_contact(pbx, daemon)
    assert contact.endswith(f"@{daemon.sip_host}:{daemon.sip_port};transport=tcp"), "where we listen"
    await rings_and_is_answered(desk_service)
    await rings_and_is_abandoned(desk_service)
    assert await pbx.options(contact) == 200, "over a connection that it opens, here from another of its addresses"


@PHONED
@TLS
async def test_calls_over_tls(house: MakeHouse, kamailio: MakeKamailio, authority: Authority) -> None:
    pbx = await kamailio(**LINE, tls=True)
    desk_service = await house("6001", pbx_is=pbx, registrar=pbx.registrar_tls, ca_file=str(authority.ca_file))
    daemon = desk_service.daemon
    contact = await our_contact(pbx, daemon)
    assert contact.endswith(";transport=tls")
    assert f":{daemon.sip_port};" not in contact, "nobody can call us over TLS: it is the connection that we opened"
    await rings_and_is_answered(desk_service)
    await rings_and_is_abandoned(desk_service)
    assert await pbx.options(contact) == 200


@pytest.mark.parametrize("transport", ["tcp", pytest.param("tls", marks=TLS)])
async def test_ipv6(
    transport: Of, kamailio: MakeKamailio, sipp: MakeSipp, daemon: MakeDaemon, desk: MakeDesk,
    loopback: Loopback, authority: Authority,
) -> None:  # fmt: skip
    pbx = await kamailio(**LINE, ipv6=True, **{transport: True})
    port = pbx.port_tcp if transport == "tcp" else pbx.port_tls
    assert port is not None
    there = f"sip:{host_port(IPV6_LOOPBACK, port)};transport={transport}"
    listen = host_port(IPV6_LOOPBACK, loopback.port(IPV6_LOOPBACK))
    more = {"domain": pbx.address, "alone": "stay", **trust(authority, transport)}
    running = await daemon(TrunkOf(there, {"6001": ["ana"]}, listen=listen, more=more))
    ana = await desk(running, "ana")
    await ana.lines({"6001": "registered"})
    calls = sipp(pbx, ipv6=True).start(Invite(ACME, number=REGULA), patience=0.5)
    assert (await ana.ringing())["resolution"]["status"] == "identified"
    assert (await ana.ended())["call"]["outcome"] == "abandoned"
    await calls.done()


# -- certificates that lie ---------------------------------------------------------------------------------------------

MENDS = {
    "stranger": "is not trusted; give ca_file",
    "expired": "has expired; renew it",
    "misnamed": "write registrar as the certificate does",
}


def shows(pbx: Kamailio, certificate: Certificate) -> None:
    """From its next start on."""
    config = pbx.process.log.with_name("kamailio.cfg")
    text = config.read_text(encoding="utf-8")
    for name, path in (("TLS_CERTIFICATE", certificate.chain), ("TLS_KEY", certificate.key)):
        text, count = re.subn(rf"(!{name}!)[^!]+", rf"\g<1>{path}", text)
        assert count == 1
    config.write_text(text, encoding="utf-8")


def lines_of(daemon: Daemon, event: str) -> list[dict[str, Any]]:
    return [line for line in daemon.log if line["event"] == event]


@TLS
@pytest.mark.parametrize("certificate", list(MENDS))
async def test_a_wrong_certificate_makes_deaf_and_never_talkative(
    kamailio: MakeKamailio, daemon: MakeDaemon, desk: MakeDesk, authority: Authority, certificate: str
) -> None:
    pbx = await kamailio(**LINE, tcp=True, tls=True, certificate=certificate)
    more = {"domain": pbx.address, "alone": "stay", "ca_file": str(authority.ca_file)}
    running = await daemon(TrunkOf(pbx.registrar_tls, {"6001": ["ana"]}, more=more))
    await (await desk(running, "ana")).lines({"6001": "deaf"})
    (failed,) = lines_of(running, "connection_failed")
    assert failed["why"].endswith(MENDS[certificate])
    assert failed["why"] in lines_of(running, "line")[-1]["why"], "the line says it, too"
    assert running.sip_host not in pbx.process.output(), "nothing that can be read went out, over whatever transport"


@TLS
async def test_a_pbx_with_a_new_certificate_is_found_by_itself(
    kamailio: MakeKamailio, ear: MakeEar, authority: Authority
) -> None:
    pbx = await kamailio(**LINE, tls=True, certificate="expired")
    ours = await ear(pbx.registrar_tls, {"6001": PASSWORD}, alone="stay", ca_file=str(authority.ca_file))
    await ours.are(Hearing.DEAF, "6001")
    shows(pbx, authority.certificate(pbx.address))
    await pbx.restart()
    await ours.are(Hearing.REGISTERED, "6001")


@TLS
async def test_a_port_without_tls_gets_no_clear_text(
    kamailio: MakeKamailio, ear: MakeEar, authority: Authority
) -> None:
    pbx = await kamailio(**LINE, tcp=True)
    clear = f"sip:{pbx.host_tcp};transport=tls"
    ours = await ear(clear, {"6001": PASSWORD}, alone="stay", ca_file=str(authority.ca_file))
    await ours.are(Hearing.DEAF, "6001")
    assert ours.service.address[0] not in pbx.process.output()


# -- connections that break --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["tcp", pytest.param("tls", marks=TLS)])
async def test_a_cut_connection_is_opened_again_and_calls_pop(
    transport: Of, kamailio: MakeKamailio, sipp: MakeSipp, stream_wire: MakeStreamWire,
    daemon: MakeDaemon, desk: MakeDesk, loopback: Loopback, authority: Authority,
) -> None:  # fmt: skip
    address = loopback.address()
    pbx = await kamailio(**LINE, names=[address], **{transport: True})
    wire = await stream_wire(pbx.host_tcp if transport == "tcp" else pbx.host_tls, address=address)
    more = {"domain": pbx.address, "alone": "stay", **trust(authority, transport)}
    running = await daemon(TrunkOf(f"sip:{wire.host};transport={transport}", {"6001": ["ana"]}, more=more))
    ana = await desk(running, "ana")
    await ana.lines({"6001": "registered"})
    caller, contacts = sipp(pbx), await at_the_wire(pbx, [])
    await one_pops(caller, ana)
    for _ in range(2):
        wire.cut()
        wire.join()
        contacts = await at_the_wire(pbx, contacts)
        await one_pops(caller, ana)
    assert not [event for event in ana.events if event["type"] == "notice"], "nobody needs to hear of a second"


@pytest.mark.parametrize("transport", ["tcp", pytest.param("tls", marks=TLS)])
async def test_a_pbx_that_was_killed_is_found_again(
    transport: Of, kamailio: MakeKamailio, sipp: MakeSipp, daemon: MakeDaemon, desk: MakeDesk, authority: Authority
) -> None:
    pbx = await kamailio(**LINE, **{transport: True})
    more = {"domain": pbx.address, "alone": "stay", **trust(authority, transport)}
    running = await daemon(TrunkOf(registrar(pbx, transport), {"6001": ["ana"]}, more=more))
    ana = await desk(running, "ana")
    await ana.lines({"6001": "registered"})
    caller = sipp(pbx)
    await one_pops(caller, ana)
    pbx.kill()
    await ana.lines({"6001": "deaf"})
    await pbx.restart()
    await ana.lines({"6001": "registered"})
    await one_pops(caller, ana)
    kinds = [event["data"]["kind"] for event in ana.events if event["type"] == "notice"]
    assert kinds == ["line_deaf", "line_recovered"]
