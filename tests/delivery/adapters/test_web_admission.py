"""Who may no longer be there: tokens revoked and expired, agents disabled and removed, while desks are open."""

import asyncio
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ctibridge.delivery.adapters import admission as module
from ctibridge.delivery.adapters.token_store import TokenStore
from tests.delivery.adapters.desk_server import Desk, DeskServer, signed_in

pytestmark = pytest.mark.e2e  # real sockets and real time


async def test_a_token_that_is_revoked_by_another_process_ends_the_session(server: DeskServer, tmp_path: Path) -> None:
    desk, other = await server.desk(), await server.desk("ben")
    store = await TokenStore.open(tmp_path / "ctibridge.db")
    token = next(one for one in await store.all() if one.agent == "ana")
    await store.revoke(token.id, datetime.now(UTC))
    await store.close()
    start = time.monotonic()
    assert await desk.closed() == 4401
    assert time.monotonic() - start < 5
    await other.send({"type": "ping"})
    assert (await other.receive())["type"] == "pong"
    await other.client.close()


async def test_a_revocation_that_could_not_be_read_at_first_ends_the_session_all_the_same(
    server: DeskServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store says once that something changed; where reading what failed, the session lived on."""
    monkeypatch.setattr(module, "RECHECK_EVERY", 0.05)
    desk = await server.desk()
    read, failures = server.tokens.holding, [True]

    async def fails_once(at: datetime) -> Any:
        if failures:
            failures.pop()
            raise sqlite3.OperationalError("disk I/O error")
        return await read(at)

    monkeypatch.setattr(server.tokens, "holding", fails_once)
    store = await TokenStore.open(tmp_path / "ctibridge.db")
    token = next(one for one in await store.all() if one.agent == "ana")
    await store.revoke(token.id, datetime.now(UTC))
    await store.close()
    assert await desk.closed() == 4401
    assert failures == []


async def test_a_token_that_expires_ends_the_session(server: DeskServer) -> None:
    desk = Desk(await server.open())
    await desk.send({"type": "auth", "token": await server.token(seconds=0.5)})
    await desk.receive()
    assert await desk.closed() == 4401


async def test_an_agent_who_is_disabled_loses_his_desk(
    server: DeskServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await server.desk()
    server.disable("ana")
    with sqlite3.connect(tmp_path / "ctibridge.db") as directory:
        directory.execute("CREATE TABLE anything (x)")
    directory.close()
    assert await desk.closed() == 4403


async def sits(server: DeskServer, agent: str) -> Desk:
    """A desk of his, at line 6004."""
    desk = await server.desk(agent)
    await desk.send({"type": "sit", "lines": ["6004"]})
    await desk.send({"type": "ping"})
    assert [line["sitting"] for line in (await desk.receive())["data"]["lines"] if line["line"] == "6004"] == [True]
    return desk


async def test_a_disabled_agent_without_a_connection_keeps_no_seat(
    server: DeskServer,
) -> None:
    """Nobody is signed in, so nobody was looked at: his seat swallowed the calls that came."""
    desk = await sits(server, "ben")
    await desk.client.close()
    server.disable("ben")
    async with asyncio.timeout(5):
        while server.desks.hearers("pbx", "6004"):  # noqa: ASYNC110 - the desks have no event for it, and need none
            await asyncio.sleep(0.01)
    assert list(server.desks.live()) == []


async def test_who_is_closed_with_4403_has_left_his_seat(server: DeskServer, tmp_path: Path) -> None:
    desk = await sits(server, "ben")
    server.disable("ben")
    with sqlite3.connect(tmp_path / "ctibridge.db") as directory:
        directory.execute("CREATE TABLE anything (x)")
    directory.close()
    assert await desk.closed() == 4403
    assert server.desks.hearers("pbx", "6004") == frozenset()


async def test_who_comes_back_to_the_directory_hears_his_line_from_the_moment_when_his_desk_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECHECK_EVERY", 3600)
    async with DeskServer.running(tmp_path) as server:
        ana = server.agents.pop("ana")
        assert await signed_in(server, await server.token("ana")) == 4403
        assert server.desks.hearers("pbx", "6001") == frozenset()
        server.agents["ana"] = ana
        assert await signed_in(server, await server.token("ana")) is None
        assert server.desks.hearers("pbx", "6001") == {"ana"}
