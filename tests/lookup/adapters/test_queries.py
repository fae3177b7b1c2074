"""Every question reads by index, and only what it is about: told by SQLite's own plan."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup.adapters import queries
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.stored_numbers import FAX

# Lists that were given, what was just found, and a table of one row.
SMALL = {"visible", "wanted", "word", "spelling", "change", "found"}
CLAIMED = [(f"CLAIMED[{kind}]", query) for kind, query in queries.CLAIMED.items()]
QUERIES = {
    "HOLDERS": queries.HOLDERS,
    "SUFFIX": queries.SUFFIX,
    "PEOPLE": queries.PEOPLE,
    "REQUESTED_FOR": queries.REQUESTED_FOR,
    "CHANGES": queries.CHANGES,
    "COMMONNESS": queries.COMMONNESS,
    "SEARCH": queries.SEARCH,
    **dict(CLAIMED),
}


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[aiosqlite.Connection]:
    opened = await open_file(tmp_path / FILE)
    await opened.create_function("directory_fit", 5, len)
    yield opened
    await opened.close()


async def plan(connection: aiosqlite.Connection, query: str) -> list[str]:
    places = max(map(int, re.findall(r"\?(\d)", query)), default=0)
    rows = await connection.execute_fetchall(f"EXPLAIN QUERY PLAN {query}", ["1"] * places)
    return [row[3] for row in rows]


def test_no_query_is_forgotten() -> None:
    named = {name for name, value in vars(queries).items() if name[0].isupper() and "SELECT" in str(value)}
    assert named == {key.split("[")[0] for key in QUERIES}


@pytest.mark.parametrize("name", QUERIES)
async def test_no_query_goes_through_a_whole_table(connection: aiosqlite.Connection, name: str) -> None:
    steps = await plan(connection, QUERIES[name])
    assert scanned(steps) <= SMALL, steps
    # To search by the account alone is to go through all its people.
    assert not [step for step in steps if step.endswith("(account=?)")], steps


def scanned(steps: list[str]) -> set[str]:
    """Which tables a plan goes through from the first row on; the rows of a subquery were found before."""
    tables = {step.split()[1] for step in steps if step.startswith("SCAN")}
    return {table for table in tables if not table.startswith("(subquery-")}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HOLDERS", "SEARCH phone USING PRIMARY KEY (account=? AND number=? AND person<?)"),
        ("SUFFIX", "SEARCH tail USING COVERING INDEX directory_phone_by_tail (account=? AND <expr>=? AND number<?)"),
        ("SUFFIX", "SEARCH phone USING PRIMARY KEY (account=? AND number=? AND person=? AND label=? AND origin=?)"),
        ("PEOPLE", "SEARCH phone USING INDEX directory_phone_by_person (person=?)"),
        ("PEOPLE", "SEARCH person USING INDEX directory_person_by_id (account=? AND id=?)"),
        ("CLAIMED[email]", "SEARCH person USING INDEX directory_person_by_email (account=? AND <expr>=?)"),
        ("CLAIMED[request]", "SEARCH request USING PRIMARY KEY (account=? AND id=?)"),
        ("REQUESTED_FOR", "SEARCH request USING PRIMARY KEY (account=? AND id=?)"),
        ("CHANGES", "SEARCH changed USING PRIMARY KEY (version>?)"),
        ("COMMONNESS", "SEARCH term USING PRIMARY KEY (account=? AND term>? AND term<?)"),
        ("SEARCH", "SEARCH term USING PRIMARY KEY (account=? AND term>? AND term<?)"),
        ("SEARCH", "SEARCH person USING INTEGER PRIMARY KEY (rowid=?)"),
        ("SEARCH", "SEARCH email USING INDEX directory_person_by_email (account=? AND <expr>>? AND <expr><?)"),
    ],
)  # fmt: skip
async def test_by_which_index(connection: aiosqlite.Connection, name: str, expected: str) -> None:
    steps = await plan(connection, QUERIES[name])
    assert any(step.startswith(expected) for step in steps), steps


async def test_who_holds_a_number_is_found_by_the_table_itself_each_time(connection: aiosqlite.Connection) -> None:
    """Telephones and faxes, and for each up to whom: nothing is sorted, and nothing found a second way."""
    steps = await plan(connection, queries.HOLDERS)
    phones = [step for step in steps if step.split()[1] in {"phone", "further"}]
    assert [step.split()[1] for step in phones] == ["phone", "further"] * 2
    assert all("USING PRIMARY KEY (account=? AND number=?" in step for step in phones), steps
    assert not [step for step in steps if "TEMP B-TREE" in step], steps


async def test_the_fax_has_the_label_that_the_queries_leave_out(connection: aiosqlite.Connection) -> None:
    query = "SELECT no FROM directory_label WHERE name = ?"
    assert [tuple(row) for row in await connection.execute_fetchall(query, (FAX,))] == [(queries.FAX_LABEL,)]


async def test_the_plan_stays_when_the_store_has_been_analysed(connection: aiosqlite.Connection) -> None:
    """Statistics of a small or lopsided directory must not talk SQLite into another order."""
    await connection.execute("INSERT INTO directory_account (id, name) VALUES ('acme', 'ACME')")
    for number in range(50):
        await connection.execute("INSERT INTO directory_person (account, id, name) VALUES (1, ?, 'N')", (str(number),))
        await connection.execute("INSERT INTO directory_phone VALUES (1, 4930, ?, 0, 0, 0, NULL)", (number,))
        await connection.execute("INSERT INTO directory_term VALUES (1, 'n', ?)", (number,))
    await connection.execute("ANALYZE")
    for name, query in QUERIES.items():
        steps = await plan(connection, query)
        assert scanned(steps) <= SMALL | {"account"}, (name, steps)  # of accounts there is one here
