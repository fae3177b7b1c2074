"""The receiver does what it is told, and tells what came."""

import aiohttp
import pytest

from tests.peers.receiver import Reply, receiver, redirect

BRIEFLY = aiohttp.ClientTimeout(total=0.2)


async def post(session: aiohttp.ClientSession, url: str, body: bytes = b"x") -> int:
    async with session.post(url, data=body, timeout=BRIEFLY, allow_redirects=False) as response:
        return response.status


async def test_one_reply_for_each_request_and_then_the_usual_one() -> None:
    async with receiver() as tool, aiohttp.ClientSession() as session:
        tool.replies(Reply(503, {"Retry-After": "1"}), redirect("http://127.0.0.1:1/"))
        assert [await post(session, tool.url, body) for body in (b"a", b"b", b"c")] == [503, 307, 204]
        await tool.has(3)
        assert tool.bodies == [b"a", b"b", b"c"]
        first = tool.came[0]
        assert (first.method, first.path, first.reply.status) == ("POST", "/hook", 503)
        assert tool.came[0].headers["content-length"] == "1"
        assert (tool.most_at_once, tool.came[0].at <= tool.came[1].at) == (1, True)


async def test_a_reply_that_depends_on_what_came() -> None:
    async with receiver() as tool, aiohttp.ClientSession() as session:
        tool.otherwise = lambda came: Reply(400 if b"bad" in came.body else 200)
        assert [await post(session, tool.url, body) for body in (b"bad", b"good")] == [400, 200]


async def test_it_hangs_cuts_and_streams() -> None:
    async with receiver() as tool, aiohttp.ClientSession() as session:
        tool.replies(Reply(end="hang"), Reply(end="cut"), Reply(200, end="endless"), Reply(delay=1.0))
        with pytest.raises(TimeoutError):
            await post(session, tool.url)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await post(session, tool.url)
        assert await post(session, tool.url) == 200
        with pytest.raises(TimeoutError):
            await post(session, tool.url)
        await tool.sees("something of the endless body was taken", lambda _: tool.streamed > 0)
        assert len(tool.came) == 4


async def test_it_is_gone_and_comes_back_at_its_port() -> None:
    async with receiver() as tool, aiohttp.ClientSession() as session:
        port = tool.port
        await post(session, tool.url)
        await tool.stop()
        with pytest.raises(aiohttp.ClientConnectionError):
            await post(session, tool.url)
        await tool.start()
        assert (await post(session, tool.url), tool.port) == (204, port)
