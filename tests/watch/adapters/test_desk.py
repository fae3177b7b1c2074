"""The desk against a server that says what a daemon says, and against what is none."""

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ctibridge.domain.private import Private
from ctibridge.watch.adapters import desk as desk_module
from ctibridge.watch.adapters.desk import PROTOCOL, DeskOver, Said, listen
from ctibridge.watch.board import Link, State
from ctibridge.watch.heard import Heard, Welcome
from ctibridge.watch.session import Session
from tests.peers.ports import Loopback

HOST = "127.0.0.1"


def event(sequence: int) -> str:
    return json.dumps({
        "specversion": "1.0", "id": f"e.{sequence}", "type": "notice", "sequence": str(sequence), "data": {"text": "x"},
    })  # fmt: skip


def welcome(sequence: int = 0, *, resumed: bool = False) -> str:
    return json.dumps({"type": "welcome", "data": {"epoch": "e", "sequence": sequence, "resumed": resumed}})


async def heard(daemon: Callable[[ServerConnection], Awaitable[None]], events: int) -> list[Said | Link]:
    """What the desk says until it has heard so many events."""
    async with serve(daemon, HOST, 0, subprotocols=[PROTOCOL], process_request=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        news: list[Said | Link] = []
        async with aclosing(listen(f"ws://{HOST}:{port}/v1/desk", Session(Private("secret")))) as desk_says:
            async for one in desk_says:
                news.append(one)
                events -= isinstance(one, Said) and isinstance(one.frame, Heard)
                if not events:
                    break
    return news


async def test_it_signs_in_hears_acknowledges_and_comes_back_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "random", lambda: 0.0)
    said: list[object] = []

    async def daemon(socket: ServerConnection) -> None:
        said.append(json.loads(await socket.recv()))
        if len(said) == 1:
            await socket.send(welcome())
            await socket.send("no frame at all")
            await socket.send(event(1))
            said.append(json.loads(await socket.recv()))
            await socket.close(1012, "restart; retry in 0.01 s")
        else:
            await socket.send(welcome(2, resumed=True))
            await socket.send(event(1))
            await socket.send(event(2))
            await socket.wait_closed()

    news = await heard(daemon, 2)
    kinds = [one.state if isinstance(one, Link) else type(one.frame) for one in news]
    assert kinds == [State.CONNECTING, Welcome, Heard, State.LOST, State.CONNECTING, Welcome, Heard]
    assert said == [
        {"type": "auth", "token": "secret"},
        {"type": "ack", "sequence": 1},
        {"type": "auth", "token": "secret", "resume": {"epoch": "e", "sequence": 1}},
    ]
    texts = [one.text for one in news if isinstance(one, Said) and isinstance(one.frame, Heard)]
    assert texts == [event(1), event(2)], "as they came"


async def test_a_refused_token_is_the_end() -> None:
    async def daemon(socket: ServerConnection) -> None:
        await socket.close(4401, "the token has expired")

    with pytest.raises(DeskOver, match="token is not valid"):
        await heard(daemon, 1)


async def test_where_nobody_is_there_it_says_so_and_when_it_tries_again(loopback: Loopback) -> None:
    host = loopback.address()
    async with aclosing(listen(f"ws://{host}:{loopback.port(host)}/v1/desk", Session(Private("secret")))) as news:
        first, second = await anext(news), await anext(news)
    assert first == Link(State.CONNECTING)
    assert isinstance(second, Link)
    assert (second.state, second.why) == (State.LOST, "Connection refused")
    assert second.again_at is not None


async def test_an_address_that_is_no_desk_is_the_end() -> None:
    def page(socket: ServerConnection, request: Request) -> Response:
        return socket.respond(HTTPStatus.NOT_FOUND, "a web page")

    async def nobody(socket: ServerConnection) -> None:
        raise AssertionError

    with pytest.raises(DeskOver, match=r"no desk there \(HTTP 404\)"):
        await refused(nobody, page)


async def test_what_speaks_something_else_is_no_end() -> None:
    async def smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.net ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(smtp, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with aclosing(listen(f"ws://{HOST}:{port}/v1/desk", Session(Private("secret")))) as news:
            assert [(await anext(news)), isinstance(await anext(news), Link)] == [Link(State.CONNECTING), True]


@pytest.mark.parametrize("scheme", ["ws", "https"])
async def test_the_token_follows_no_redirection(scheme: str) -> None:
    """To a stranger's websocket, or to a page where one signs in."""
    got: list[str | bytes] = []

    async def stranger(socket: ServerConnection) -> None:
        got.append(await socket.recv())

    async with serve(stranger, HOST, 0, subprotocols=[PROTOCOL]) as other:
        place = f"{scheme}://{HOST}:{next(iter(other.sockets)).getsockname()[1]}/"

        def away(socket: ServerConnection, request: Request) -> Response:
            response = socket.respond(HTTPStatus.FOUND, "")
            response.headers["Location"] = place
            return response

        with pytest.raises(DeskOver, match=r"no desk there \(HTTP 302\)"):
            await refused(stranger, away)
    assert not got


async def test_a_websocket_of_something_else_does_not_get_the_token() -> None:
    got: list[str | bytes] = []

    async def chat(socket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            got.append(await socket.recv())

    link = await refused(chat)
    assert (link.state, link.why) == (State.LOST, "something else answers there")
    assert not got


async def refused(
    handler: Callable[[ServerConnection], Awaitable[None]],
    page: Callable[[ServerConnection, Request], Response] | None = None,
) -> Link:
    """What the desk says of a server that does not speak our protocol."""
    async with serve(handler, HOST, 0, process_request=page) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with aclosing(listen(f"ws://{HOST}:{port}/v1/desk", Session(Private("secret")))) as news:
            assert await anext(news) == Link(State.CONNECTING)
            said = await anext(news)
            assert isinstance(said, Link)
            return said


async def test_who_leaves_does_not_wait_for_a_network_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk_module._CLOSE_WITHIN <= 1
    monkeypatch.setattr(desk_module, "_CLOSE_WITHIN", 0.02)

    async def half(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(welcome())
        socket.transport.pause_reading()  # our close reaches nobody
        await left.wait()
        socket.transport.abort()

    left = asyncio.Event()
    async with serve(half, HOST, 0, subprotocols=[PROTOCOL]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        news = listen(f"ws://{HOST}:{port}/v1/desk", Session(Private("secret")))
        while not isinstance(await anext(news), Said):
            pass
        async with asyncio.timeout(5):
            await news.aclose()
        left.set()
