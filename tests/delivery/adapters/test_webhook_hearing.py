"""Against a receiver that talks without end, and one that only talks a lot."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from ctibridge.delivery.adapters.webhook_client import Client
from ctibridge.delivery.adapters.webhook_hearing import MOST_HEARD
from ctibridge.delivery.webhooks.forms import CLOUDEVENTS, Message
from ctibridge.delivery.webhooks.verdict import Outcome, Verdict, failed
from tests.delivery.adapters.hooked import access, settings

MESSAGE = Message("e1.7", CLOUDEVENTS, b'{"id": "e1.7"}')
TAKEN = b"HTTP/1.1 200 OK\r\n"

Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talker(answer: Talk) -> AsyncGenerator[tuple[str, list[asyncio.StreamWriter]]]:
    """Its url, and who connected."""
    heard: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(MESSAGE.body)
                await answer(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", heard
    finally:
        server.close()


async def posted(url: str, times: int = 1) -> list[Verdict]:
    hook = settings(url)
    client = Client(hook, access(hook), ssl.create_default_context())
    try:
        return [await client.post(MESSAGE) for _ in range(times)]
    finally:
        await client.close()


def endless(head: bytes, part: bytes) -> Talk:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(part)
            await writer.drain()

    return answer


@pytest.mark.parametrize("early", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"])
async def test_answers_before_the_answer_are_not_heard_for_ever(early: bytes) -> None:
    async with talker(endless(b"", early * 2000)) as (url, _):
        assert await posted(url) == [failed("ServerDisconnectedError")], "hung up on, long before the time was over"


@pytest.mark.parametrize(
    ("head", "part"),
    [(b"\r\n", b"x" * 65536), (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 9000)],
    ids=["body", "chunks"],
)
async def test_of_an_answer_that_goes_on_for_ever_the_status_counts(head: bytes, part: bytes) -> None:
    async with talker(endless(TAKEN + head, part)) as (url, _):
        assert await posted(url) == [Verdict(Outcome.TAKEN, "HTTP 200")]


async def test_how_much_is_heard_counts_for_each_request_anew() -> None:
    body = b"x" * (MOST_HEARD - 1000)

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(TAKEN + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    async with talker(answer) as (url, connected):
        verdicts = await posted(url, 5)
        assert ([one.why for one in verdicts], len(connected)) == (["HTTP 200"] * 5, 1)
