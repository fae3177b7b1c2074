"""The desk of a test call, at a daemon that follows a script."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from ctibridge.domain.private import Private
from ctibridge.selftest.adapters import desk_watch
from ctibridge.selftest.adapters.desk_watch import watching
from ctibridge.selftest.adapters.news import News
from ctibridge.selftest.desk_events import DeskEvents
from ctibridge.selftest.timeline import Cast, LineSeen, Stopped, Timeline
from tests.peers.process import until

TOKEN = Private("a-token-of-the-test")


def events() -> DeskEvents:
    return DeskEvents(Timeline(Cast("we", "ana")), "pbx", "mark", None)


def lines(state: str, kind: str = "welcome") -> str:
    return json.dumps({"type": kind, "data": {"lines": [{"line": "6001", "state": state, "trunk": "pbx"}]}})


@asynccontextmanager
async def daemon(
    answer: Callable[[dict[str, Any]], str | int | None],
) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """answer: of each frame, what is said, or the code to close with. Its address, and what it heard."""
    heard: list[dict[str, Any]] = []

    async def desk(socket: ServerConnection) -> None:
        async for text in socket:
            heard.append(json.loads(text))
            told = answer(heard[-1])
            if isinstance(told, int):
                await socket.close(told)
            elif told is not None:
                await socket.send(told)

    async with serve(desk, "127.0.0.1", 0, subprotocols=["ctibridge.v1"]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"127.0.0.1:{port}", heard


async def test_it_signs_in_hears_its_lines_and_never_acknowledges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_watch, "_ASK_EVERY", 0.01)
    asked = 0

    def answer(frame: dict[str, Any]) -> str | None:
        nonlocal asked
        asked += frame["type"] == "ping"
        if frame["type"] == "done":
            return None
        return lines("registered" if asked == 3 else "registering", "pong" if frame["type"] == "ping" else "welcome")

    mine, news = events(), News()
    async with daemon(answer) as (address, heard):
        async with watching(address, TOKEN, mine, news) as desk:
            assert mine.lines == (LineSeen("6001", "registering"),)
            await desk.lines_known(5)
            assert mine.lines == (LineSeen("6001", "registered"),)
            await desk.done("call-1")
            await until(lambda: heard[-1]["type"] == "done", "done", 5)
        assert heard[0] == {"type": "auth", "token": TOKEN.value, "resume": None, "rings": False}
        assert heard[-1] == {"type": "done", "call": "call-1"}
        assert {frame["type"] for frame in heard} == {"auth", "ping", "done"}


async def test_a_line_that_stays_unheard_is_not_waited_for_for_ever() -> None:
    mine = events()
    async with daemon(lambda _: lines("registering")) as (address, _), watching(address, TOKEN, mine, News()) as desk:
        await desk.lines_known(0.01)
        assert mine.lines == (LineSeen("6001", "registering"),)


async def test_the_daemon_does_not_let_it_in() -> None:
    async with daemon(lambda _: 4401) as (address, _):
        with pytest.raises(Stopped, match="does not let the desk in") as stopped:
            async with watching(address, TOKEN, events(), News()):
                pass
    assert "4401" in stopped.value.finding.text
    assert TOKEN.value not in stopped.value.finding.text


async def test_a_daemon_that_goes_is_noticed() -> None:
    news, mine = News(), events()
    leaves = daemon(lambda frame: lines("registered") if frame["type"] == "auth" else 1012)
    async with leaves as (address, _), watching(address, TOKEN, mine, news) as desk:
        await desk.done("call-1")
        assert await news.until(lambda: desk.closed, 5)
        await desk.done("call-2")
        assert mine.timeline.desk_lost


async def test_what_is_no_frame_ends_it() -> None:
    news, mine = News(), events()
    leaves = daemon(lambda frame: lines("registered") if frame["type"] == "auth" else "no frame")
    async with leaves as (address, _), watching(address, TOKEN, mine, news) as desk:
        await desk.done("call-1")
        assert await news.until(lambda: desk.closed, 5)


async def test_who_leaves_has_lost_nothing() -> None:
    mine = events()
    async with daemon(lambda _: lines("registered")) as (address, _), watching(address, TOKEN, mine, News()):
        pass
    assert not mine.timeline.desk_lost


async def test_nobody_is_there() -> None:
    async with daemon(lambda _: None) as (address, _):
        pass
    with pytest.raises(Stopped, match=r"nobody listens .* the daemon is not running"):
        async with watching(address, TOKEN, events(), News()):
            pass


async def test_somebody_else_listens_there() -> None:
    def refuse(_: ServerConnection, __: Request) -> Response:
        return Response(HTTPStatus.NOT_FOUND.value, "Not Found", Headers())

    async def nothing(_: ServerConnection) -> None:
        raise AssertionError("no desk was opened")

    async with serve(nothing, "127.0.0.1", 0, process_request=refuse) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(Stopped, match="another program"):
            async with watching(f"127.0.0.1:{port}", TOKEN, events(), News()):
                pass
