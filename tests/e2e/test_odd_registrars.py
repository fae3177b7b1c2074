"""Registrars that are hard to please, late, refusing, lossy or hard to find: real ones, and what they saw of us."""

import asyncio
import functools
import re
import socket
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator

import dns.asyncresolver
import dns.rrset
import pytest

from ctibridge.fields import Duration
from ctibridge.sip.adapters import dns as dns_adapter
from ctibridge.sip.adapters import resolve
from ctibridge.sip.adapters import trunk as trunk_adapter
from ctibridge.sip.adapters.addresses import AddressLookup
from ctibridge.sip.adapters.dns import DnsNames
from ctibridge.sip.events import Hearing, RingStarted
from tests.e2e.conftest import MakeDaemon, MakeDesk
from tests.e2e.daemon import PASSWORD, TrunkOf
from tests.e2e.ear import MakeEar
from tests.e2e.house import ACME
from tests.peers.authority import Authority
from tests.peers.kamailio import Kamailio
from tests.peers.loss import Quality
from tests.peers.plugin import MakeKamailio, MakeSipp, MakeStreamWire, MakeWire
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.sipp import Invite
from tests.sip.adapters.name_server import NameServer, name_server

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio")]

USERS = {"6001": "secret"}
LINES = {f"600{n}": "secret" for n in range(1, 6)}


def asked(pbx: Kamailio, host: str) -> list[int]:
    """The CSeq of each REGISTER that the PBX has heard from there."""
    rows = re.findall(rf"REGISTER \S+ from {re.escape(host)}:\d+ \S+ (\d+)", pbx.process.output())
    return [int(number) for number in rows]


# -- digest ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offered", "taken"), [("MD5", "MD5"), ("SHA-256", "SHA-256"), ("both", "SHA-256")])
async def test_the_strongest_digest_that_is_offered(
    kamailio: MakeKamailio, ear: MakeEar, offered: str, taken: str
) -> None:
    pbx = await kamailio(users=USERS, algorithm=offered)
    ours = await ear(pbx.registrar, USERS, alone="stay")
    await ours.are(Hearing.REGISTERED, "6001")
    assert await pbx.algorithm_of("6001") == taken


async def test_a_digest_below_the_minimum_is_never_given(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users=USERS, algorithm="MD5")
    ours = await ear(pbx.registrar, USERS, alone="stay", digest_minimum="SHA-256")
    await ours.are(Hearing.DEAF, "6001")
    assert "SHA-256" in ours.why("6001")
    await asyncio.sleep(3)
    assert asked(pbx, ours.service.address[0]) == [1], "the challenge has no answer"
    assert await pbx.algorithm_of("6001") is None


async def test_five_wrong_passwords_are_one_wrong_answer_in_a_minute(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users=LINES)
    ours = await ear(pbx.registrar, dict.fromkeys(LINES, "wrong"), alone="stay")
    await until(lambda: Hearing.DEAF in {ours.state(line) for line in LINES}, "one line is deaf")
    await asyncio.sleep(8)
    answers = [number for number in asked(pbx, ours.service.address[0]) if number > 1]
    assert answers == [2]
    deaf = [line for line in LINES if ours.state(line) is Hearing.DEAF]
    assert len(deaf) == 1
    assert ours.why(deaf[0]) == 'registrar refuses the password (realm "pbx.test")'


# -- refusals that pass ------------------------------------------------------------------------------------------------


async def test_503_is_asked_again_when_it_said_and_not_before(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users=LINES)
    await pbx.refuse(503, retry_after=4)
    ours = await ear(pbx.registrar, LINES, alone="stay")
    await ours.are(Hearing.DEAF, *LINES)
    assert ours.why("6001") == "registrar says 503"
    await asyncio.sleep(3)
    assert asked(pbx, ours.service.address[0]) == [1] * len(LINES)
    await pbx.refuse(None)
    await ours.are(Hearing.REGISTERED, *LINES)


async def test_a_grant_of_half_the_time_is_kept_alive(kamailio: MakeKamailio, ear: MakeEar) -> None:
    pbx = await kamailio(users=USERS, max_expires=5)
    ours = await ear(pbx.registrar, USERS, alone="stay", expires=Duration(10))
    await ours.are(Hearing.REGISTERED, "6001")
    for _ in range(8):
        await asyncio.sleep(1)
        assert len(await pbx.contacts("6001")) == 1
    assert [change.hearing for change in ours.changes("6001")] == [Hearing.REGISTERING, Hearing.REGISTERED]


# -- late and lossy ----------------------------------------------------------------------------------------------------


async def test_answers_that_come_after_two_seconds_are_answers(
    kamailio: MakeKamailio, lossy_wire: MakeWire, ear: MakeEar
) -> None:
    pbx = await kamailio(users=LINES)
    wire = await lossy_wire(pbx, down=Quality(late=1.0, late_by=(2, 2)))
    ours = await ear(f"sip:{wire.host}", LINES, alone="stay")
    await ours.are(Hearing.REGISTERED, *LINES, timeout=20)
    for line in LINES:
        assert [change.hearing for change in ours.changes(line)] == [Hearing.REGISTERING, Hearing.REGISTERED]


@pytest.mark.peer("sipp")
async def test_thirty_calls_over_a_wire_that_loses_repeats_and_shuffles(
    kamailio: MakeKamailio, sipp: MakeSipp, lossy_wire: MakeWire, daemon: MakeDaemon, desk: MakeDesk
) -> None:
    pbx = await kamailio(users={"6001": PASSWORD}, numbers={ACME: ["6001"]})
    wire = await lossy_wire(pbx, loss=0.15, repeat=0.15, late=0.15, late_by=(0.05, 0.6), seed=11)
    more = {"domain": pbx.address, "alone": "stay", "ring_expiry": "14s"}
    running = await daemon(TrunkOf(f"sip:{wire.host}", {"6001": ["ana"]}, more=more))
    ana = await desk(running, "ana")
    await ana.lines({"6001": "registered"})
    calls = sipp(pbx).start(Invite(ACME, from_header="<sip:+4930231900{n}@10.1.1.1>"), count=30, rate=10, patience=8.0)
    await calls.done(timeout=60, check=False)
    await ana.settled()
    rung = Counter(event["data"]["caller"]["raw"] for event in ana.events if event["type"] == "call.ringing")
    assert rung == Counter({f"+4930231900{n}": 1 for n in range(1, 31)})
    assert {e["data"]["call"]["outcome"] for e in ana.events if e["type"] == "call.ended"} <= {"abandoned", "timed_out"}
    assert not [event for event in ana.events if event["type"] == "notice"], "the line stays registered"
    with urllib.request.urlopen(f"http://{running.web}/readyz", timeout=5) as answer:  # noqa: ASYNC210
        assert answer.status == 200
    assert min(wire.down.lost, wire.down.repeated, wire.down.late, wire.up.lost) > 0


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.peer("kamailio/tls.so", "openssl")
async def test_a_name_of_the_hosts_file_is_the_name_that_the_certificate_shows(
    kamailio: MakeKamailio, stream_wire: MakeStreamWire, ear: MakeEar, authority: Authority
) -> None:
    pbx = await kamailio(users=USERS, tls=True)
    wire = await stream_wire(pbx.host_tls, address="127.0.0.1")
    there = f"sip:localhost:{wire.port};transport=tls"
    ours = await ear(there, USERS, alone="stay", ca_file=str(authority.ca_file))
    await ours.are(Hearing.REGISTERED, "6001")


class Zone:
    """What the world knows of `pbx.example`: SRV from the name server, addresses from `hosts`. alive: both answer."""

    def __init__(self, server: NameServer) -> None:
        self.hosts: dict[str, str] = {}
        self.alive = True
        self._server = server

    def serves(self, *targets: tuple[str, int]) -> None:
        """The service over TCP has these targets, best first."""
        self.hosts = {f"host{rank}.pbx.example": address for rank, (address, _) in enumerate(targets)}
        records = [f"{rank} 0 {port} host{rank}.pbx.example." for rank, (_, port) in enumerate(targets)]
        name = "_sip._tcp.pbx.example."
        self._server.records = [dns.rrset.from_text(name, 1, "IN", "SRV", record) for record in records]

    def dies(self) -> None:
        self.alive, self._server.mute = False, True

    def lives(self) -> None:
        self.alive, self._server.mute = True, False

    async def addresses(self, name: str, family: socket.AddressFamily) -> tuple[str, ...]:
        if not self.alive:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if name not in self.hosts or family is not socket.AF_INET:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return (self.hosts[name],)


@pytest.fixture
async def zone(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Zone]:
    """The daemon's look-ups in this test's process, each of them soon repeated."""
    async with name_server() as (server, resolver):
        made = Zone(server)
        monkeypatch.setattr(AddressLookup, "addresses", made.addresses)
        monkeypatch.setattr(trunk_adapter, "DnsNames", functools.partial(DnsNames, resolver=resolver))
        monkeypatch.setattr(trunk_adapter, "RESOLVE_RETRY", 0.5)
        monkeypatch.setattr(dns_adapter, "LIFETIME", 0.3)
        monkeypatch.setattr(resolve, "SOONEST", 0.5)
        yield made


async def test_the_second_server_is_taken_where_nobody_listens_at_the_first(
    kamailio: MakeKamailio, ear: MakeEar, loopback: Loopback, zone: Zone
) -> None:
    pbx = await kamailio(users=USERS, tcp=True)
    dead = loopback.address()
    zone.serves((dead, loopback.port(dead)), (pbx.address, pbx.port_tcp or 0))
    ours = await ear("sip:pbx.example;transport=tcp", USERS, alone="stay")
    await ours.are(Hearing.REGISTERED, "6001")
    assert await pbx.contacts("6001")


async def test_a_pbx_that_dies_is_replaced_by_its_second_server(
    kamailio: MakeKamailio, ear: MakeEar, zone: Zone
) -> None:
    first, second = [await kamailio(users=USERS, tcp=True) for _ in range(2)]
    zone.serves(*((pbx.address, pbx.port_tcp or 0) for pbx in (first, second)))
    ours = await ear("sip:pbx.example;transport=tcp", USERS, alone="stay")
    await ours.are(Hearing.REGISTERED, "6001")
    assert (len(await first.contacts("6001")), len(await second.contacts("6001"))) == (1, 0)
    first.kill()
    await second.wait_contacts("6001", 1)
    assert ours.state("6001") is Hearing.REGISTERED


async def test_dns_that_is_dead_at_start_makes_deaf_until_it_lives(
    kamailio: MakeKamailio, ear: MakeEar, zone: Zone
) -> None:
    pbx = await kamailio(users=USERS, tcp=True)
    zone.serves((pbx.address, pbx.port_tcp or 0))
    zone.dies()
    ours = await ear("sip:pbx.example;transport=tcp", USERS, alone="stay")
    await ours.are(Hearing.DEAF, "6001")
    assert "cannot be resolved" in ours.why("6001")
    zone.lives()
    await ours.are(Hearing.REGISTERED, "6001")


@pytest.mark.peer("sipp")
async def test_dns_that_dies_later_takes_nothing_away(
    kamailio: MakeKamailio, sipp: MakeSipp, ear: MakeEar, zone: Zone
) -> None:
    pbx = await kamailio(users=USERS, tcp=True)
    zone.serves((pbx.address, pbx.port_tcp or 0))
    ours = await ear("sip:pbx.example;transport=tcp", USERS, alone="stay")
    await ours.are(Hearing.REGISTERED, "6001")
    zone.dies()
    await asyncio.sleep(2)
    await pbx.restart()
    await pbx.wait_contacts("6001", 1)
    calls = sipp(pbx).start(Invite("6001"), patience=0.3)
    await until(lambda: any(isinstance(fact, RingStarted) for fact in ours.facts), "a call of the PBX counts")
    await calls.done()
