"""Asking whoever listens, over real sockets on loopback."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from ctibridge.cli.checks.page import Heard
from ctibridge.cli.checks.page_probe import ask
from ctibridge.delivery.settings import WebSettings

STRANGER = Heard(fault="another program than ctibridge answers there")


@contextlib.contextmanager
def answering(reply: bytes | None) -> Iterator[WebSettings]:
    """A program that answers one request with these bytes; None: with nothing, while somebody waits."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(b"") if reply is None else client.sendall(reply)
                if reply is None:
                    client.recv(1)  # until whoever asks has gone

        thread = threading.Thread(target=serve)
        thread.start()
        yield WebSettings(listen=f"127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def reply(status: int, body: object) -> bytes:
    text = json.dumps(body).encode()
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%s" % (status, len(text), text)


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (reply(200, {"ready": True, "reasons": []}), Heard()),
        (reply(503, {"ready": False, "reasons": ["starting"]}), Heard(("starting",))),
        (reply(200, {"ready": True, "reasons": [], "remarks": ["deaf"]}), Heard(remarks=("deaf",))),
        (reply(404, {"reasons": []}), STRANGER),
        (reply(200, []), STRANGER),
        (reply(200, {"reasons": "none"}), STRANGER),
        (b"SSH-2.0-OpenSSH\r\n", STRANGER),
        (b"", STRANGER),
    ],
)
def test_who_answers(answer: bytes, heard: Heard) -> None:
    with answering(answer) as web:
        assert ask(web) == heard


def test_who_says_nothing_is_not_waited_for() -> None:
    with answering(None) as web:
        assert ask(web, patience=0.05) == Heard(fault="no answer within 0 s")


def test_who_drips_is_not_waited_for_either() -> None:
    """Each byte comes in time, the answer never."""
    enough = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            client, _ = server.accept()
            with client:
                while not enough.wait(0.01):
                    client.sendall(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        guard = threading.Timer(5.0, enough.set)  # who waits all the same hears that it broke off
        guard.start()
        heard = ask(WebSettings(listen=f"127.0.0.1:{server.getsockname()[1]}"), patience=0.2)
        enough.set()
        guard.cancel()
        thread.join()
    assert heard == Heard(fault="no answer within 0 s")


def test_where_nobody_listens_we_could() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    assert ask(WebSettings(listen=address)) == Heard(free=True)


@pytest.mark.parametrize("listen", ["192.0.2.1:8137", "desk.invalid:8137"])
def test_an_address_that_is_not_ours(listen: str) -> None:
    heard = ask(WebSettings(listen=listen), patience=0.5)
    assert heard is not None
    assert heard.fault


def test_any_port_cannot_be_asked() -> None:
    assert ask(WebSettings(listen="127.0.0.1:0")) is None
