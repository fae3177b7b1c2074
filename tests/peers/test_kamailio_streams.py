"""The PBX over TCP and TLS, proved by a probe whose contact is its end of the connection."""

from __future__ import annotations

import ssl
from typing import Literal

import pytest

from tests.peers.authority import Authority
from tests.peers.kamailio import Kamailio
from tests.peers.plugin import MakeKamailio, MakeSipp
from tests.peers.ports import IPV6_LOOPBACK, Loopback, host_port
from tests.peers.process import PeerError, until
from tests.peers.sipp import Invite
from tests.peers.stream_probe import StreamProbe

USERS = {"6001": "secret-1"}
TLS = pytest.mark.peer("kamailio", "kamailio/tls.so", "openssl")


async def rings_over_its_connection(pbx: Kamailio, probe: StreamProbe, sipp: MakeSipp, at: str) -> None:
    answers = await probe.register(at, "6001", USERS["6001"])
    assert [answer.status for answer in answers] == [200, 401]
    (contact,) = await pbx.contacts("6001")
    assert (contact.uri, contact.received) == (probe.contact("6001"), None)
    call = sipp(pbx).start(Invite("6001"))
    invite = await probe.request("INVITE")
    assert f"SIP/2.0/{probe.transport}" in invite.get("Via")
    await call.ringing()
    call.end()
    await probe.request("CANCEL")
    await probe.request("ACK")
    await call.done()
    assert await pbx.options(probe.contact("6001")) == 200


@pytest.mark.peer("kamailio", "sipp")
async def test_a_contact_on_a_tcp_connection_rings(kamailio: MakeKamailio, sipp: MakeSipp, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, tcp=True)
    assert pbx.registrar_tcp == f"sip:{pbx.host_tcp};transport=tcp"
    async with StreamProbe(loopback, pbx.host_tcp) as probe:
        await rings_over_its_connection(pbx, probe, sipp, pbx.host_tcp)


@pytest.mark.peer("sipp")
@TLS
async def test_a_contact_on_a_tls_connection_rings(
    kamailio: MakeKamailio, sipp: MakeSipp, loopback: Loopback, authority: Authority
) -> None:
    pbx = await kamailio(users=USERS, tls=True)
    assert pbx.registrar_tls == f"sip:{pbx.host_tls};transport=tls"
    async with StreamProbe(loopback, pbx.host_tls, authority.ca_file) as probe:
        await rings_over_its_connection(pbx, probe, sipp, pbx.host_tls)


@TLS
@pytest.mark.parametrize("name", ["localhost", "pbx.test", None])
async def test_the_certificate_is_for_its_names_and_addresses(
    kamailio: MakeKamailio, loopback: Loopback, authority: Authority, name: str | None
) -> None:
    pbx = await kamailio(users=USERS, tls=True)
    async with StreamProbe(loopback, pbx.host_tls, authority.ca_file, name) as probe:
        assert (await probe.register(pbx.host_tls, "6001", USERS["6001"]))[0].status == 200


@TLS
@pytest.mark.parametrize(
    ("certificate", "reason"),
    [("expired", "expired"), ("stranger", "unable to get local issuer"), ("misnamed", "IP address mismatch")],
)
async def test_a_wrong_certificate(
    kamailio: MakeKamailio,
    loopback: Loopback,
    authority: Authority,
    certificate: Literal["expired", "stranger", "misnamed"],
    reason: str,
) -> None:
    pbx = await kamailio(users=USERS, tls=True, certificate=certificate)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        async with StreamProbe(loopback, pbx.host_tls, authority.ca_file):
            pass


@pytest.mark.peer("kamailio", "sipp")
async def test_without_its_connection_a_contact_is_out_of_reach(
    kamailio: MakeKamailio, sipp: MakeSipp, loopback: Loopback
) -> None:
    pbx = await kamailio(users=USERS, tcp=True)
    async with StreamProbe(loopback, pbx.host_tcp) as probe:
        await probe.register(pbx.host_tcp, "6001", USERS["6001"])
    call = sipp(pbx).start(Invite("6001"))
    await call.done()
    assert call.status() == 477  # Kamailio's own: could not send
    assert len(await pbx.contacts("6001")) == 1


@pytest.mark.peer("kamailio")
async def test_two_empty_lines_are_answered_by_one(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, tcp=True)
    async with StreamProbe(loopback, pbx.host_tcp) as probe:
        await probe.ping()
        await until(lambda: probe.pongs == 1, "a pong")
        pbx.kill()
        await until(probe.closed.is_set, "the connection ends with the PBX")


@TLS
async def test_both_addresses_and_all_transports(
    kamailio: MakeKamailio, loopback: Loopback, authority: Authority
) -> None:
    pbx = await kamailio(users=USERS, tcp=True, tls=True, ipv6=True)
    for port, ca_file in ((pbx.port_tcp, None), (pbx.port_tls, authority.ca_file)):
        assert port is not None
        there = host_port(IPV6_LOOPBACK, port)
        async with StreamProbe(loopback, there, ca_file) as probe:
            assert (await probe.register(there, "6001", USERS["6001"]))[0].status == 200


@pytest.mark.peer("kamailio")
async def test_a_transport_that_was_not_asked_for(kamailio: MakeKamailio) -> None:
    pbx = await kamailio(users=USERS)
    for registrar in ("registrar_tcp", "registrar_tls", "registrar_v6"):
        with pytest.raises(PeerError, match="not asked to serve"):
            getattr(pbx, registrar)
