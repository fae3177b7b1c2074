"""Whose share has ended, his people leave: every table, every byte."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.agent import RoleShare
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters import purge as purging
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.purge import ended, left_behind, purge
from ctibridge.lookup.adapters.schema import FILE, StoreFault, open_file
from ctibridge.lookup.adapters.store import SqliteStore
from tests.lookup.adapters.directories import Held, Small, fill
from tests.lookup.examples import ACME, ACME_SERVICE, AT, FLEURON, MOBILE, REGULA, ZURICH

DAY = timedelta(days=1)
NUMBER, KEPT_NUMBER = "+4915199887766", "+33639980102"
CANARY = Person(
    PersonKey("acme", "canary-7"), Name("Zyzzyva Quetzal"), email=Private("zyzzyva@acme.example"),
    employee_id=Private("QX-777"), support_id=Private("QX-778"), job_title="Falconer", location="Aviary",
)  # fmt: skip
KEPT = Person(PersonKey("fleuron", "e1"), Name("Élodie Lefèvre"))
WORDS = (b"zyzzyva", b"quetzal", b"canary-7", b"qx-777", b"qx-778", b"falconer", b"aviary", b"songbird")
TRACES = (*WORDS, number_key.pack(NUMBER).to_bytes(6))


def small(*shares: RoleShare) -> Small:
    held = (Held(CANARY.key, NUMBER), Held(CANARY.key, "4711", "work"), Held(KEPT.key, KEPT_NUMBER))
    return Small(
        (ACME, FLEURON), (CANARY, REGULA, KEPT), held, {("acme", "77"): "canary-7", ("fleuron", "78"): "e1"},
        shares=shares, sites=(ZURICH,), service_numbers=(ACME_SERVICE,), version=4, tables=1,
        changed=((2, CANARY.key), (3, KEPT.key)),
    )  # fmt: skip


ENDED = (RoleShare("acme", ends_at=AT), RoleShare("fleuron"))
BESIDE = """
INSERT INTO directory_service VALUES ('{a}', 's1', 'songbird', '["canary-7"]', NULL);
INSERT INTO directory_configuration_item VALUES ('{a}', 'c1', 'canary-7', 'songbird', NULL, NULL, NULL);
INSERT INTO directory_standard_request VALUES ('{a}', 'r1', 's1', 'songbird', NULL);
INSERT INTO directory_knowledge_article VALUES ('{a}', 'k1', 's1', 'songbird', NULL, NULL);
INSERT INTO directory_announcement VALUES ('{a}', 'n1', '{{"en": "songbird"}}', NULL, NULL, NULL);
INSERT INTO directory_choice VALUES (4915199887766, '{a}', 'canary-7', 'acme', 'ana', 1, 'c1');
INSERT INTO directory_contact VALUES ('{a}', 'canary-7', 1);
UPDATE directory_request SET subject = 'songbird' WHERE account = '{a}';
"""
ABOUT_PEOPLE = (
    "directory_person", "directory_phone", "directory_term", "directory_changed_person", "directory_request",
    "directory_configuration_item", "directory_service", "directory_choice", "directory_contact",
    "directory_standard_request", "directory_knowledge_article", "directory_announcement",
)  # fmt: skip


@pytest.fixture
async def beside() -> AsyncIterator[AsyncExitStack]:
    """Closes what a test opens: an open store has a thread, for which the process would wait for ever."""
    async with AsyncExitStack() as stack:
        yield stack


async def store(folder: Path, *shares: RoleShare) -> Path:
    path = folder / FILE
    await (await open_file(path)).close()
    fill(path, small(*shares))
    with closing(sqlite3.connect(path)) as db:
        db.executescript(BESIDE.format(a="acme"))
    return path


def sql(path: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return db.execute(statement, values).fetchall()


def found(path: Path) -> set[bytes]:
    """Which traces stand in any of the store's files."""
    held = b"".join(file.read_bytes().lower() for file in path.parent.glob("ctibridge.*"))
    number = b"".join(file.read_bytes() for file in path.parent.glob("ctibridge.*"))
    return {trace for trace in TRACES if trace in held or trace in number}


async def test_nothing_of_them_stays_in_any_table_or_in_the_files_bytes(tmp_path: Path, beside: AsyncExitStack) -> None:
    path = await store(tmp_path, *ENDED)
    # As beside a daemon: while somebody has it open, SQLite itself never empties the log.
    daemon = await SqliteStore.open(path)
    beside.push_async_callback(daemon.close)
    sql(path, "UPDATE directory_person SET location = 'Aviary' WHERE id = 'canary-7'")
    (tmp_path / index_file.FILE).write_bytes(b"canary-7")
    assert found(path) == set(TRACES)
    assert await purge(path, AT, 0) == {"acme": 2}
    assert found(path) == set()
    assert (tmp_path / (FILE + "-wal")).stat().st_size == 0
    await daemon.close()
    assert found(path) == set()


async def test_who_reads_what_was_removed_is_told_of_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await store(tmp_path, *ENDED)
    monkeypatch.setattr(purging, "LOG_MS", 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM directory_person").fetchall()
        with capture_logs() as logged:
            assert await purge(path, AT, 0) == {"acme": 2}
            assert [one["event"] for one in logged] == ["purge.log_still_read"]
            reader.execute("COMMIT")
            assert await purge(path, AT, 0) == {}
        assert (tmp_path / (FILE + "-wal")).stat().st_size == 0
        assert len(logged) == 1


async def test_what_was_changed_or_removed_before_does_not_stay_in_free_pages_either(tmp_path: Path) -> None:
    """An import renames one and removes another while the share still holds: nothing of that is there to be purged."""
    path = await store(tmp_path, *ENDED)
    connection = await open_file(path)
    for table in ("person", "phone", "term"):
        where = "" if table == "phone" else "WHERE account = 1"
        await connection.execute(f"DELETE FROM directory_{table} {where}")  # noqa: S608
    await connection.close()
    assert await purge(path, AT, 0) == {"acme": 0}
    assert found(path) == set()


async def test_of_other_accounts_and_of_the_small_tables_everything_stays(tmp_path: Path) -> None:
    path = await store(tmp_path, *ENDED)

    def kept() -> dict[str, list[tuple[object, ...]]]:
        rows = {
            "people": sql(path, "SELECT * FROM directory_person WHERE account = 2"),
            "phones": sql(path, "SELECT * FROM directory_phone WHERE account = 2"),
            "terms": sql(path, "SELECT * FROM directory_term WHERE account = 2"),
            "requests": sql(path, "SELECT * FROM directory_request WHERE account = 'fleuron'"),
        }
        assert all(rows.values())
        for table in ("site", "service_number", "role_share", "label"):
            rows[table] = sql(path, f"SELECT * FROM directory_{table}")  # noqa: S608
        accounts = sql(path, "SELECT * FROM directory_account ORDER BY no")
        # When its people left is the last column: of the other account nothing changes.
        return {**rows, "ended": [accounts[0][:-1]], "other": [accounts[1]]}

    before = kept()
    await purge(path, AT, 0)
    assert kept() == before
    for table in ABOUT_PEOPLE:
        assert sql(path, f"SELECT * FROM {table} WHERE account IN (1, 'acme')") == []  # noqa: S608


async def test_whoever_follows_the_changes_reads_all_anew(tmp_path: Path, beside: AsyncExitStack) -> None:
    path = await store(tmp_path, *ENDED)
    running = await SqliteStore.open(path)
    beside.push_async_callback(running.close)
    assert await running.changes(3) is not None
    await purge(path, AT, 0)
    assert running.version() > 4
    assert running.tables_version() == running.version()
    assert await running.changes(4) is None
    assert (await running.snapshot()).accounts.keys() == {"acme", "fleuron"}


async def test_whose_people_left_and_when_is_in_the_snapshot_so_that_a_daemon_forgets_them(
    tmp_path: Path, beside: AsyncExitStack
) -> None:
    path = await store(tmp_path, *ENDED)
    running = await SqliteStore.open(path)
    beside.push_async_callback(running.close)
    assert (await running.snapshot()).purged == {}
    await purge(path, AT, 0)
    assert (await running.snapshot()).purged == {"acme": running.version()}


async def test_a_second_purge_changes_nothing(tmp_path: Path) -> None:
    path = await store(tmp_path, *ENDED)
    await purge(path, AT, 0)
    (before,) = sql(path, "SELECT version FROM directory_change")
    assert await purge(path, AT, 0) == {}
    assert sql(path, "SELECT version FROM directory_change") == [before]


async def test_what_came_back_after_a_purge_goes_with_the_next_one(tmp_path: Path) -> None:
    """A desk's choice was on its way while the people left."""
    path = await store(tmp_path, *ENDED)
    await purge(path, AT, 0)
    sql(path, "INSERT INTO directory_choice VALUES (1, 'acme', 'canary-7', '', 'ana', 1, NULL)")
    connection = await open_file(path)
    assert await left_behind(connection, AT) == {"acme": 0}
    await connection.close()
    assert await purge(path, AT, 0) == {"acme": 0}
    assert sql(path, "SELECT * FROM directory_choice") == []


@pytest.mark.parametrize(
    ("table", "row"), [("directory_phone", "1, 5, 99, 1, 0, 0, 0"), ("directory_term", "1, 'x', 9")]
)
async def test_words_and_numbers_that_an_older_version_left_without_their_people_go_too(
    tmp_path: Path, table: str, row: str
) -> None:
    """The words of a name are found by how it is folded now; an older version may have folded it otherwise."""
    path = await store(tmp_path, *ENDED)
    await purge(path, AT, 0)
    sql(path, f"INSERT INTO {table} VALUES ({row})")  # noqa: S608
    await purge(path, AT, 0)
    assert sql(path, f"SELECT * FROM {table} WHERE account = 1") == []  # noqa: S608


async def test_a_name_that_an_older_version_folded_otherwise_leaves_no_word(tmp_path: Path) -> None:
    path = await store(tmp_path, *ENDED)
    sql(path, "UPDATE directory_term SET term = 'zyzzyva7' WHERE term = 'zyzzyva'")
    await purge(path, AT, 0)
    assert sql(path, "SELECT * FROM directory_term WHERE account = 1") == []


@pytest.mark.parametrize(
    ("shares", "over"),
    [
        ([], False),  # never shared: nobody ever took it back
        ([RoleShare("acme")], False),
        ([RoleShare("acme", ends_at=AT)], True),
        ([RoleShare("acme", ends_at=AT + timedelta(microseconds=1))], False),
        ([RoleShare("acme", ends_at=AT + timedelta(seconds=1))], False),
        ([RoleShare("acme", starts_at=AT + DAY)], False),  # begins in the future
        ([RoleShare("acme", starts_at=AT + DAY, ends_at=AT + 2 * DAY)], False),
        ([RoleShare("acme", starts_at=AT - 2 * DAY, ends_at=AT - DAY)], True),
        # two shares: the one that holds, or is to come, keeps them
        ([RoleShare("acme", ends_at=AT - DAY), RoleShare("acme", "another_role")], False),
        ([RoleShare("acme", ends_at=AT - DAY), RoleShare("acme", "another_role", starts_at=AT + DAY)], False),
        ([RoleShare("acme", ends_at=AT - DAY), RoleShare("acme", "another_role", ends_at=AT)], True),
    ],
)
async def test_an_account_is_over_when_no_share_of_it_holds_or_is_to_come(
    tmp_path: Path, beside: AsyncExitStack, shares: list[RoleShare], over: bool
) -> None:
    path = await store(tmp_path, *shares)
    connection = await open_file(path)
    beside.push_async_callback(connection.close)
    assert await ended(connection, AT) == ([(1, "acme")] if over else [])
    assert await left_behind(connection, AT) == ({"acme": 2} if over else {})
    assert await purge(path, AT, 0) == ({"acme": 2} if over else {})


@pytest.mark.parametrize(
    ("after", "gone"), [(0, True), (DAY.total_seconds() - 1, True), (86_400, True), (86_401, False)]
)
async def test_they_stay_for_purge_after_and_no_longer(tmp_path: Path, after: float, gone: bool) -> None:
    path = await store(tmp_path, RoleShare("acme", ends_at=AT - DAY))
    assert (await purge(path, AT, after) == {"acme": 2}) is gone
    assert bool(sql(path, "SELECT 1 FROM directory_person WHERE account = 1")) is not gone


async def test_the_time_is_one_wherever_the_clock_stands(tmp_path: Path) -> None:
    path = await store(tmp_path, RoleShare("acme", ends_at=AT))
    tokyo = datetime.fromisoformat("2026-11-21T02:59:59+09:00")
    assert tokyo < AT
    assert await purge(path, tokyo, 0) == {}
    assert await purge(path, (tokyo + timedelta(seconds=1)).astimezone(UTC), 0) == {"acme": 2}


async def test_thousands_leave_in_short_transactions_and_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / FILE
    await (await open_file(path)).close()
    people = tuple(replace(REGULA, key=PersonKey("acme", f"p{number}")) for number in range(23))
    fill(path, Small((ACME,), people, tuple(Held(one.key, MOBILE) for one in people), shares=ENDED[:1]))
    monkeypatch.setattr(purging, "ROWS", 5)
    assert await purge(path, AT, 0) == {"acme": 23}
    assert sql(path, "SELECT * FROM directory_phone") == sql(path, "SELECT * FROM directory_term") == []


async def test_a_purge_that_was_broken_off_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await store(tmp_path, *ENDED)
    monkeypatch.setattr(purging, "ROWS", 1)
    sql(path, "CREATE TRIGGER broken BEFORE DELETE ON directory_person WHEN old.id = 'p17' "
              "BEGIN SELECT RAISE(ABORT, 'disk full'); END")  # fmt: skip
    with pytest.raises(StoreFault, match="could not be removed: disk full"):
        await purge(path, AT, 0)
    assert sql(path, "SELECT id FROM directory_person WHERE account = 1") == [("p17",)]
    assert sql(path, "SELECT DISTINCT term FROM directory_term WHERE account = 1") != []
    sql(path, "DROP TRIGGER broken")
    assert await purge(path, AT, 0) == {"acme": 1}
    assert found(path) == set()


async def test_the_log_that_somebody_still_reads_is_emptied_by_the_next_purge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long search or a backup holds the old pages: they stayed in the log until others were written over them."""
    path = await store(tmp_path, *ENDED)
    monkeypatch.setattr(purging, "LOG_MS", 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("PRAGMA wal_autocheckpoint = 0")
        reader.execute("UPDATE directory_person SET location = 'Aviary' WHERE id = 'canary-7'")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM directory_person").fetchall()
        assert await purge(path, AT, 0) == {"acme": 2}
        assert found(path) != set()
        assert await purge(path, AT, 0) == {}
        reader.execute("COMMIT")
        assert await purge(path, AT, 0) == {}
        assert found(path) == set()


async def test_beside_a_writer_it_waits_and_loses_nothing(tmp_path: Path) -> None:
    path = await store(tmp_path, *ENDED)
    connection = await open_file(path)
    await connection.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(purge(path, AT, 0))
    await connection.execute("UPDATE directory_agent SET name = 'x'")
    await connection.execute("COMMIT")
    assert await waiting == {"acme": 2}
    await connection.close()


async def test_a_store_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all " * 100)
    with pytest.raises(StoreFault, match=FILE):
        await purge(tmp_path / FILE, AT, 0)
