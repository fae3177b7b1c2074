"""Versions, and whom each of them changed."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup.adapters import change_log
from ctibridge.lookup.adapters.change_log import ChangeLog
from ctibridge.lookup.adapters.schema import FILE, open_file


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[aiosqlite.Connection]:
    opened = await open_file(tmp_path / FILE)
    yield opened
    await opened.close()


async def state(connection: aiosqlite.Connection) -> tuple[object, ...]:
    (row,) = await connection.execute_fetchall("SELECT version, tables, logged_from FROM directory_change")
    return tuple(row)


async def logged(connection: aiosqlite.Connection) -> list[tuple[object, ...]]:
    rows = await connection.execute_fetchall(
        "SELECT version, account, id FROM directory_changed_person ORDER BY 1, 2, 3"
    )
    return [tuple(row) for row in rows]


async def test_each_transaction_has_its_version_and_its_people(connection: aiosqlite.Connection) -> None:
    log = ChangeLog(connection)
    log.note_people(1, {"p1"})
    log.note_people(2, {"p1"})
    log.note_people(1, {"p1"})
    await log.write()
    log.note_tables()
    await log.write()
    log.note_people(1, {"p2"})
    await log.write()
    assert await state(connection) == (3, 2, 0)
    assert await logged(connection) == [(1, 1, "p1"), (1, 2, "p1"), (3, 1, "p2")]


async def test_what_changes_nothing_has_no_version(connection: aiosqlite.Connection) -> None:
    log = ChangeLog(connection)
    log.note_people(1, set())
    await log.write()
    assert await state(connection) == (0, 0, 0)


async def test_after_too_many_people_all_is_read_anew(
    connection: aiosqlite.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted over the whole import: a million people in a hundred transactions are too many, too."""
    monkeypatch.setattr(change_log, "MOST_LOGGED", 3)
    log = ChangeLog(connection)
    for version in (1, 2):
        log.note_people(version, {"p1", "p2"})
        await log.write()
    assert (await state(connection), await logged(connection)) == ((2, 0, 2), [])
    log.note_people(3, {"p1"})
    await log.write()
    assert (await state(connection), await logged(connection)) == ((3, 0, 3), [])
    later = ChangeLog(connection)
    later.note_people(3, {"p2"})
    await later.write()
    assert (await state(connection), await logged(connection)) == ((4, 0, 3), [(4, 3, "p2")])


async def test_old_entries_go(connection: aiosqlite.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MOST_KEPT", 3)
    for person in ("p1", "p2", "p3"):
        log = ChangeLog(connection)
        log.note_people(1, {person})
        log.note_people(2, {person})
        await log.write()
    assert await state(connection) == (3, 0, 1)
    assert [row[0] for row in await logged(connection)] == [2, 2, 3, 3]
