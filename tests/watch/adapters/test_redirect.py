import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest

from ctibridge.watch.adapters import redirect as redirect_module
from ctibridge.watch.adapters.redirect import Redirect
from tests.watch.recorder import asked_for, port_of

PAGE = "https://tool.example/sd?telephone=%2B4930"


class Served(NamedTuple):
    address: str
    serving: asyncio.Task[bool]


@asynccontextmanager
async def redirect() -> AsyncIterator[Served]:
    leads = Redirect(PAGE)
    serving = asyncio.create_task(leads.serve())
    yield Served(leads.address, serving)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    leads.close()


async def test_leads_there_once_and_listens_no_more() -> None:
    async with redirect() as (address, serving):
        assert b"\r\nLocation: " + PAGE.encode() in await asked_for(address)
        assert await serving
        with pytest.raises(ConnectionError):
            await asked_for(address)


async def test_another_path_is_nothing_and_uses_nothing_up() -> None:
    async with redirect() as (address, serving):
        assert (await asked_for(address[:-1])).startswith(b"HTTP/1.1 404 ")
        assert not serving.done()
        assert b"Location" in await asked_for(address)


async def test_each_has_another_word_that_nobody_guesses() -> None:
    async with redirect() as first, redirect() as second:
        words = {served.address.rpartition("/")[2] for served in (first, second)}
    assert [len(word) for word in words] == [43, 43]


async def test_another_user_is_led_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.getuid()
    async with redirect() as (address, serving):
        monkeypatch.setattr(os, "getuid", lambda: own + 1)
        assert (await asked_for(address)).startswith(b"HTTP/1.1 404 ")
        monkeypatch.undo()
        assert b"Location" in await asked_for(address)
        assert await serving


async def test_a_browser_that_speaks_by_a_socket_of_ipv6() -> None:
    async with redirect() as (address, _):
        assert b"Location" in await asked_for(address, "::ffff:127.0.0.1")


async def test_who_says_nothing_or_too_much_keeps_nobody_out() -> None:
    async with redirect() as (address, serving):
        silent = await asyncio.open_connection("127.0.0.1", port_of(address))
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(address))
        writer.write(b"x" * (1 << 18))
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b"", "an end, and no answer"
        writer.close()
        assert b"Location" in await asked_for(address)
        assert await serving
        assert await silent[0].read() == b""
        silent[1].close()


async def test_nobody_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect_module, "WITHIN", 0.01)
    async with redirect() as (address, serving):
        assert not await serving
        with socket.socket() as trying:
            assert trying.connect_ex(("127.0.0.1", port_of(address))) != 0
