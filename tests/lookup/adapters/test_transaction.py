"""A change of the store, whole or not at all."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.adapters.transaction import transaction

ADD = "INSERT INTO directory_agent (id, name, disabled) VALUES ('ana', 'Ana', 0)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE


@pytest.fixture
async def connection(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    opened = await open_file(path)
    try:
        yield opened
    finally:
        await opened.close()


def agents(path: Path) -> int:
    """As another program reads them, who may write by now."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        return int(other.execute("SELECT count(*) FROM directory_agent").fetchone()[0])


async def test_what_is_done_within_is_there_behind_it(connection: aiosqlite.Connection, path: Path) -> None:
    async with transaction(connection):
        await connection.execute(ADD)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            agents(path)
    assert agents(path) == 1


@pytest.mark.parametrize("fault", [ValueError, sqlite3.OperationalError, asyncio.CancelledError])
async def test_what_fails_within_leaves_nothing(
    connection: aiosqlite.Connection, path: Path, fault: type[BaseException]
) -> None:
    async def fail() -> None:
        async with transaction(connection):
            await connection.execute(ADD)
            raise fault

    with pytest.raises(fault):
        await fail()
    assert agents(path) == 0
    async with transaction(connection):
        await connection.execute(ADD)
    assert agents(path) == 1


async def test_a_store_that_somebody_else_writes_is_said_and_nothing_is_begun(
    connection: aiosqlite.Connection, path: Path
) -> None:
    await connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            async with transaction(connection):
                pytest.fail("it was not ours")
    assert agents(path) == 0


async def test_who_is_cancelled_while_he_waits_for_another_writer_locks_nobody_out(
    connection: aiosqlite.Connection, path: Path
) -> None:
    async def wait() -> None:
        async with transaction(connection):
            pytest.fail("it was cancelled")

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(wait())
        await asyncio.sleep(0)  # one turn: it has asked
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await connection.execute("SELECT 1")  # behind all that was asked for
    assert agents(path) == 0
