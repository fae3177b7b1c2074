"""TLS towards PBXs that show a good certificate, a wrong one or none, and what the administrator is told."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from ctibridge.sip.adapters.tls import CaFault, client_context, why
from ctibridge.sip.hop import Hop, Transport
from tests.peers.authority import Authority, Certificate
from tests.sip.adapters.stream_peers import OK, OPTIONS, peer, running, until

NAME = "pbx.example.net"
openssl = pytest.mark.peer("openssl")


def serving(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


def ours(authority: Authority) -> Callable[[], ssl.SSLContext]:
    return lambda: client_context(str(authority.ca_file))


@openssl
@pytest.mark.parametrize(
    ("host", "name", "shown"),
    [
        ("127.0.0.1", NAME, NAME),
        ("127.0.0.1", NAME, "*.example.net"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("::1", "::1", "::1"),
    ],
)
async def test_a_certificate_that_shows_what_was_written(
    authority: Authority, host: str, name: str, shown: str
) -> None:
    certificate = serving(authority.certificate(shown))
    async with peer(host, certificate) as pbx, running(host, ours(authority)) as here:
        here.send(OPTIONS, pbx.hop(Transport.TLS, name))
        await until(lambda: pbx.read == OPTIONS)
        ((hop, local),) = here.machine.connections
        assert (hop.transport, hop.name) == (Transport.TLS, name)
        assert local == pbx.writers[0].get_extra_info("peername")[:2]
        pbx.writers[0].write(OK)
        await until(lambda: here.machine.heard == [(OK, hop)])
        await here.streams.finish(1)


@openssl
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("expired", f"certificate of {NAME} has expired; renew it"),
        ("stranger", f"certificate of {NAME} is not trusted; give ca_file"),
        ("misnamed", f"certificate shows another name than {NAME}; write registrar as the certificate does"),
    ],
)
async def test_a_wrong_certificate_is_told_and_nothing_is_sent_in_clear_instead(
    authority: Authority, kind: str, told: str
) -> None:
    certificate = {
        "expired": authority.expired, "stranger": authority.stranger.certificate,
        "misnamed": lambda _: authority.certificate("elsewhere.example.net", "*.net"),
    }[kind](NAME)  # fmt: skip
    async with peer(tls=serving(certificate)) as pbx, running(context=ours(authority)) as here:
        here.send(OPTIONS, pbx.hop(Transport.TLS, NAME))
        await until(lambda: here.failures)
        assert here.failures == [told]
        assert here.machine.lost == [pbx.hop(Transport.TLS, NAME)]
        assert (pbx.read, here.machine.connections) == (b"", [])


@openssl
async def test_a_peer_that_does_not_read_is_cut_over_tls_too(authority: Authority) -> None:
    async with peer(tls=serving(authority.certificate(NAME))) as pbx, running(context=ours(authority)) as here:
        pbx.deaf = True
        hop = pbx.hop(Transport.TLS, NAME)
        here.send(OPTIONS, hop)
        await until(lambda: here.machine.connections)
        for _ in range(400):
            here.send(b"x" * 65_536, hop)
            if not here.streams._ours:
                break
            await asyncio.sleep(0)
        await until(lambda: here.machine.lost)
        assert here.failures == ["the peer does not read"]


@openssl
async def test_an_authority_of_the_system_does_not_count_beside_ca_file(authority: Authority) -> None:
    assert len(client_context(str(authority.ca_file)).get_ca_certs()) == 1


async def test_a_pbx_that_speaks_no_tls_there_hears_no_sip() -> None:
    async with peer() as pbx, running() as here:
        here.send(OPTIONS, pbx.hop(Transport.TLS, NAME))
        await until(lambda: pbx.read)
        pbx.writers[0].write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await until(lambda: here.failures)
        assert here.failures == [
            f"no TLS with {NAME}: it speaks none at port {pbx.address[1]}, or none of version 1.2 or newer"
        ]
        assert b"OPTIONS" not in pbx.read


def test_chain_and_name_are_verified_and_old_versions_are_not_spoken() -> None:
    context = client_context(None)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(("text", "told"), [(None, "no such file"), ("no certificate", "is no PEM certificate")])
def test_a_ca_file_that_is_none(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CaFault, match=told) as fault:
        client_context(str(path))
    assert str(path) in str(fault.value)


def test_a_ca_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def denied(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ssl, "create_default_context", denied)
    (tmp_path / "ca.pem").touch()
    with pytest.raises(CaFault, match="Permission denied; name a PEM file"):
        client_context(str(tmp_path / "ca.pem"))


def refused(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refused(9), "is not valid yet; look at the clocks"),
        (refused(19), "is not trusted; give ca_file"),
        (refused(24), "is refused (OpenSSL 24)"),
        (OSError(101, "Network is unreachable"), "cannot be reached over TLS: Network is unreachable"),
        (ConnectionResetError(), "the connection broke while it was opened"),
        (ValueError("server_hostname cannot start with a dot"), "the connection broke while it was opened"),
    ],
)
def test_why(error: Exception, told: str) -> None:
    said = why(error, Hop(Transport.TLS, "192.0.2.9", 5061, name=NAME))
    assert told in said
    assert NAME in said
