"""Receivers as `check` finds them: real sockets on loopback, names that nobody resolves."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ctibridge.cli.checks.webhook_probe import Seen, look
from ctibridge.delivery.webhook_settings import WebhookSettings
from ctibridge.fields import Secret
from tests.peers.authority import Authority, CertificateKind


class Listeners:
    """Take connections, with TLS where a certificate is given, and say nothing."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def open(self, context: ssl.SSLContext | None = None) -> int:
        sock = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        if context is not None:
            threading.Thread(target=self._shake_hands, args=(sock, context), daemon=True).start()
        return int(sock.getsockname()[1])

    @staticmethod
    def _shake_hands(sock: socket.socket, context: ssl.SSLContext) -> None:
        try:
            taken, _ = sock.accept()
            with context.wrap_socket(taken, server_side=True) as stream:
                stream.recv(1)
        except OSError:  # the other side would not go on
            return


@pytest.fixture
def listeners() -> Iterator[Listeners]:
    with ExitStack() as stack:
        yield Listeners(stack)


def webhook(url: str, **keys: Any) -> WebhookSettings:
    return WebhookSettings("tool", url, Secret(file="key"), **keys)


def seen(url: str, **keys: Any) -> Seen:
    (one,) = look([webhook(url, **keys)])
    assert "geheim" not in str(one)
    return one


def test_one_that_takes_connections(listeners: Listeners) -> None:
    port = listeners.open()
    assert seen(f"http://127.0.0.1:{port}/geheim") == Seen(f"127.0.0.1:{port}")


def test_one_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    assert seen(f"http://127.0.0.1:{port}/geheim").fault == "Connection refused"
    assert seen(f"https://[::1]:{port}/geheim").place == f"[::1]:{port}"


@pytest.mark.peer("openssl")
@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("good", None),
        ("stranger", "its certificate is refused: unable to get local issuer certificate"),
        ("misnamed", "its certificate is refused: IP address mismatch"),
        ("expired", "its certificate is refused: certificate has expired"),
    ],
)
def test_certificates(kind: CertificateKind, fault: str | None, authority: Authority, listeners: Listeners) -> None:
    certificate = authority.of_kind(kind, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    one = seen(f"https://127.0.0.1:{listeners.open(context)}/geheim", ca_file=str(authority.ca_file))
    if fault is None:
        assert one.fault is None
        assert one.ends is not None
        assert timedelta(0) < one.ends - datetime.now(UTC) < timedelta(2)
    else:
        assert one.fault is not None
        assert one.fault.startswith(fault)
        assert one.fault.endswith("; mend url, ca_file or the receiver's certificate")


def test_one_that_speaks_no_tls_or_nothing_at_all(listeners: Listeners) -> None:
    port = listeners.open()
    (one,) = look([webhook(f"https://127.0.0.1:{port}/geheim")], patience=0.2)
    assert one.fault == "no answer within 0 s"


def test_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert (seen("https://tool.test/geheim").fault or "").startswith("no such host; mend url")
    absent = str(tmp_path / "ca.pem")
    assert (seen("https://tool.test/geheim", ca_file=absent).fault or "").startswith(f"ca_file {absent}: no such file")


def test_a_name_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def hangs(*_: object, **__: object) -> None:
        ended.wait()
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    both = [webhook("https://tool.test/geheim"), webhook("http://127.0.0.1:9/")]
    began = time.monotonic()
    assert [one.fault for one in look(both, patience=0.1)] == ["no answer within 0 s"] * 2
    assert time.monotonic() - began < 5
    ended.set()
