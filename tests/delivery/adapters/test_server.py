"""What uvicorn leaves open is closed by us."""

import asyncio
import logging
import os
import signal
import socket

import pytest

from ctibridge.delivery.adapters import server as module
from ctibridge.delivery.settings import WebSettings
from tests.delivery.adapters.desk_server import DeskServer

pytestmark = pytest.mark.e2e  # real sockets and real time


def test_a_port_in_use_is_one_error() -> None:
    first = module.bind(WebSettings("127.0.0.1:0"))
    with first, pytest.raises(OSError, match="in use"):
        module.bind(WebSettings(f"127.0.0.1:{first.getsockname()[1]}"))


def test_ipv6() -> None:
    with module.bind(WebSettings("[::1]:0")) as listening:
        assert listening.family == socket.AF_INET6


async def request(server: DeskServer, *parts: bytes, pause: float = 0.0) -> bytes:
    """Sends the parts one by one; what comes back until the other side ends it."""
    reader, writer = await asyncio.open_connection(*server.listening.getsockname()[:2])
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


@pytest.mark.parametrize("half", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: x\r\n", b"\r\n"])
async def test_half_a_request_is_not_waited_for(
    server: DeskServer, monkeypatch: pytest.MonkeyPatch, half: bytes
) -> None:
    monkeypatch.setattr(module, "REQUEST_WITHIN", 0.2)
    assert await request(server, half) == b""


async def test_nor_is_half_a_second_one(server: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REQUEST_WITHIN", 0.2)
    answer = await request(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /")
    assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_request_has_an_end(server: DeskServer) -> None:
    line = b"X-More: " + b"x" * 1000 + b"\r\n"
    assert await request(server, b"GET / HTTP/1.1\r\n", *[line] * 100) == b""


@pytest.mark.parametrize(
    "start",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"INVITE sip:6001@x SIP/2.0\r\n\r\n",
        b"GET /v1/desk HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET /v1/desk HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + b"".join(b"X-%d: y\r\n" % number for number in range(300))
        + b"\r\n",
        b"GET /v1/desk HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 9000 + b"\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
async def test_nonsense_costs_an_answer_at_most(server: DeskServer, start: bytes) -> None:
    answer = await request(server, start)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert (await request(server, b"GET /healthz HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_signals_and_logging_are_not_ours_to_take(server: DeskServer) -> None:
    heard: list[int] = []
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: heard.append(1))
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.3)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
    assert heard == [1]
    assert logging.getLogger("uvicorn.error").level == logging.WARNING
    assert (await request(server, b"GET /healthz HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200")
