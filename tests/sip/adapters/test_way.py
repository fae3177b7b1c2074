"""The way to a registrar: names, route, connections and certificates, without a word of SIP."""

import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ctibridge.sip.adapters import dns as dns_adapter
from ctibridge.sip.adapters import way
from ctibridge.sip.adapters.addresses import AddressLookup
from ctibridge.sip.adapters.resolve import Reach
from ctibridge.sip.adapters.way import Seen, Way, look
from ctibridge.sip.hop import Hop, Transport, datagram
from ctibridge.sip.settings import TrunkSettings
from tests.peers.authority import Authority, Certificate
from tests.sip.adapters.name_server import name_server
from tests.sip.adapters.stream_peers import peer

openssl = pytest.mark.peer("openssl")


def trunk(registrar: str, **keys: Any) -> TrunkSettings:
    return TrunkSettings(name="pbx", registrar=registrar, **keys)


def serving(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


@pytest.fixture
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system would say of names."""

    async def addresses(_: AddressLookup, name: str, __: object) -> tuple[str, ...]:
        return {"one.example.net": ("127.0.0.1",), "two.example.net": ("127.0.0.2",)}.get(name, ())

    monkeypatch.setattr(AddressLookup, "addresses", addresses)
    monkeypatch.setattr(dns_adapter, "LIFETIME", 0.2)
    monkeypatch.setattr(way, "CONNECT", 0.5)


async def test_an_address_has_a_route_and_udp_no_connection() -> None:
    hop = datagram("127.0.0.9", 5060)
    reach = Reach((hop,), frozenset({"127.0.0.9"}))
    assert await look(trunk("sip:127.0.0.9:5060")) == Way((hop,), local="127.0.0.1", reach=reach)
    found = await look(trunk("sip:[::1]:5060", listen="[::1]:5066"))
    assert (found.local, found.seen) == ("::1", ())


@pytest.mark.parametrize("listen", ["0.0.0.0:5066", "127.0.0.1:5066"])
async def test_no_route_is_said(listen: str) -> None:
    """Also from an address that the configuration names: the kernel is asked all the same."""
    found = await look(trunk("sip:255.255.255.255:5060", listen=listen))
    assert (found.local, found.no_route, found.seen) == (None, "Permission denied", ())


@pytest.mark.usefixtures("_addresses")
async def test_names_by_naptr_and_srv() -> None:
    async with name_server() as (_, resolver):
        found = await look(trunk("sip:plain.example.net"), resolver)
    (hop,) = found.hops
    assert (hop.transport, hop.address) == (Transport.TCP, ("127.0.0.2", 5062))
    assert (found.records, found.unanswered) == (("NAPTR", "SRV"), False)
    (seen,) = found.seen
    assert seen.fault == "127.0.0.2 does not listen at port 5062 (TCP)"


@pytest.mark.usefixtures("_addresses")
async def test_a_name_that_nobody_knows_and_one_that_nobody_answers_for() -> None:
    async with name_server() as (server, resolver):
        assert await look(trunk("sip:nobody.example.net"), resolver) == Way()
        server.mute = True
        assert await look(trunk("sip:nobody.example.net"), resolver) == Way(unanswered=True)


@pytest.mark.usefixtures("_addresses")
async def test_names_have_a_limit_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_adapter, "LIFETIME", 30.0)
    monkeypatch.setattr(way, "NAMES", 0.05)
    async with name_server() as (server, resolver):
        server.mute = True
        assert await look(trunk("sip:nobody.example.net"), resolver) == Way(unanswered=True)


async def test_a_connection_over_tcp() -> None:
    async with peer() as pbx:
        found = await look(trunk(f"sip:127.0.0.1:{pbx.address[1]};transport=tcp"))
        assert found.seen == (Seen(pbx.hop()),)
        assert pbx.read == b""


@openssl
async def test_a_certificate_that_is_trusted_tells_when_it_ends(authority: Authority) -> None:
    async with peer(tls=serving(authority.certificate("127.0.0.1"))) as pbx:
        found = await look(trunk(f"sip:127.0.0.1:{pbx.address[1]};transport=tls", ca_file=str(authority.ca_file)))
    (seen,) = found.seen
    assert seen.fault is None
    assert seen.ends is not None
    assert timedelta(hours=23) < seen.ends - datetime.now(UTC) <= timedelta(days=1)


@openssl
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("expired", "certificate of 127.0.0.1 has expired; renew it"),
        ("stranger", "certificate of 127.0.0.1 is not trusted; give ca_file"),
        ("misnamed", "certificate shows another name than 127.0.0.1; write registrar as the certificate does"),
    ],
)
async def test_a_certificate_that_is_wrong(authority: Authority, kind: Any, told: str) -> None:
    async with peer(tls=serving(authority.of_kind(kind, "127.0.0.1"))) as pbx:
        found = await look(trunk(f"sip:127.0.0.1:{pbx.address[1]};transport=tls", ca_file=str(authority.ca_file)))
    assert [(seen.fault, seen.ends) for seen in found.seen] == [(told, None)]


async def test_authorities_that_cannot_be_read_are_a_fault_of_each_hop() -> None:
    found = await look(trunk("sip:127.0.0.1:5061;transport=tls", ca_file="/nowhere.pem"))
    (seen,) = found.seen
    assert seen.hop == Hop(Transport.TLS, "127.0.0.1", 5061, name="127.0.0.1")
    assert str(seen.fault).startswith("ca_file /nowhere.pem: no such file; ")
