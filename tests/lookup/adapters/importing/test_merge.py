"""The smaller tables: only what differs is written, and what a replaced account has no more goes."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup.adapters.importing.differences import Changes
from ctibridge.lookup.adapters.importing.merge import TableMerge
from ctibridge.lookup.adapters.schema import FILE, open_file

AGENTS = [["ana", "Ana", None, "de", 0], ["ben", "Benjamin", None, None, 0], ["zoe", "Zoe", None, None, 0]]


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[aiosqlite.Connection]:
    opened = await open_file(tmp_path / FILE)
    await opened.executescript(
        "INSERT INTO directory_agent VALUES ('ana', 'Ana', 'ana@x', 'de', 0), ('ben', 'Ben', NULL, NULL, 0);"
        "INSERT INTO directory_site (account, name) VALUES ('acme', 'Berlin'), ('acme', 'Bonn'), ('x', 'Bonn');"
    )
    yield opened
    await opened.close()


async def column(connection: aiosqlite.Connection, query: str) -> list[object]:
    return [row[0] for row in await connection.execute_fetchall(query)]


@pytest.mark.parametrize(
    ("given", "changes", "login"),
    [
        (["id", "name"], Changes(new=1, changed=1), "ana@x"),  # a column that the files do not have stays as it is
        (["id", "name", "login"], Changes(new=1, changed=2), None),  # one that they have empty is unknown now
        (["id"], Changes(new=1), "ana@x"),
    ],
    ids=["no login", "empty login", "key alone"],
)
async def test_only_what_differs_and_is_given_is_written(
    connection: aiosqlite.Connection, given: list[str], changes: Changes, login: str | None
) -> None:
    merge = TableMerge(connection, writes=True)
    assert await merge.whole("agents", AGENTS, given) == changes
    assert await merge.whole("agents", AGENTS, given) == Changes()
    assert await column(connection, "SELECT login FROM directory_agent WHERE id = 'ana'") == [login]


async def test_an_account_keeps_its_number(connection: aiosqlite.Connection) -> None:
    merge = TableMerge(connection, writes=True)
    await connection.execute("INSERT INTO directory_account (no, id, name) VALUES (7, 'acme', 'Old')")
    row = ["acme", "New", *[None] * 9]
    assert await merge.whole("accounts", [row], ["id", "name"]) == Changes(changed=1)
    assert await column(connection, "SELECT no || name FROM directory_account") == ["7New"]


async def test_rows_of_one_account(connection: aiosqlite.Connection) -> None:
    merge = TableMerge(connection, writes=True)
    rows = [["acme", "Bonn", "DE", None, None, None], ["acme", "Bern", "CH", None, None, None]]
    assert await merge.of_account("sites", "acme", rows, ["country"]) == Changes(new=1, changed=1)
    assert await column(connection, "SELECT account || name FROM directory_site WHERE country IS NULL") == [
        "acmeBerlin",
        "xBonn",
    ]


async def test_the_rest_of_the_account_goes_but_not_what_was_only_refused(connection: aiosqlite.Connection) -> None:
    merge = TableMerge(connection, writes=True)
    await merge.begin()
    await merge.name("sites", ["Bonn", "Bonn"])
    assert await merge.remove_rest("sites", "acme") == Changes(removed=1)
    assert await column(connection, "SELECT account || name FROM directory_site ORDER BY 1") == ["acmeBonn", "xBonn"]


async def test_a_dry_run_counts_alone(connection: aiosqlite.Connection) -> None:
    merge = TableMerge(connection, writes=False)
    await merge.begin()
    assert await merge.whole("agents", AGENTS, ["name"]) == Changes(new=1, changed=1)
    assert await merge.remove_rest("sites", "acme") == Changes(removed=2)
    assert await column(
        connection, "SELECT count(*) FROM directory_agent UNION ALL SELECT count(*) FROM directory_site"
    ) == [
        2,
        3,
    ]
