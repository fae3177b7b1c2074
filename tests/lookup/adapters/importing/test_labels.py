"""Labels get numbers, as long as there are some."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup.adapters.importing.labels import Labels
from ctibridge.lookup.adapters.importing.preparing import NEW_LABELS
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.adapters.tables import MOST_LABELS
from tests.lookup.adapters.jobs import LABELS


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[aiosqlite.Connection]:
    opened = await open_file(tmp_path / FILE)
    yield opened
    await opened.close()


async def stored(connection: aiosqlite.Connection) -> dict[str, int]:
    rows = await connection.execute_fetchall("SELECT name, no FROM directory_label")
    return {row[0]: row[1] for row in rows}


async def test_a_new_label_is_stored_and_its_numbers_have_it(connection: aiosqlite.Connection) -> None:
    labels = Labels(connection, dict(LABELS), writes=True)
    phones = [(10, 1, 2, 0, 0, None), (11, 1, NEW_LABELS, 0, 0, None)]
    assert await labels.settle(phones, ["garage"]) == [(10, 1, 2, 0, 0, None), (11, 1, 6, 0, 0, None)]
    assert await stored(connection) == {**LABELS, "garage": 6}


async def test_when_all_are_taken_the_others_are_other_and_one_number_stays_one(
    connection: aiosqlite.Connection,
) -> None:
    labels = Labels(connection, dict(LABELS), writes=True)
    names = [f"l{number}" for number in range(40)]
    phones = [(10, 1, NEW_LABELS + at, 0, 0, None) for at in range(40)]
    settled = await labels.settle(phones, names)
    assert len(await stored(connection)) == MOST_LABELS
    assert [phone[2] for phone in settled] == [0, *range(6, MOST_LABELS)]


async def test_another_import_has_stored_it_meanwhile(connection: aiosqlite.Connection) -> None:
    labels = Labels(connection, dict(LABELS), writes=True)
    await connection.execute("INSERT INTO directory_label VALUES (6, 'boat'), (7, 'garage')")
    assert await labels.settle([(11, 1, NEW_LABELS, 0, 0, None)], ["garage"]) == [(11, 1, 7, 0, 0, None)]


async def test_a_dry_run_stores_none(connection: aiosqlite.Connection) -> None:
    labels = Labels(connection, dict(LABELS), writes=False)
    assert await labels.settle([(11, 1, NEW_LABELS, 0, 0, None)], ["garage"]) == [(11, 1, 6, 0, 0, None)]
    assert await stored(connection) == LABELS
