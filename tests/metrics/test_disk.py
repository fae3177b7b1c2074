import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.last_call import FILE, LastCall, write
from ctibridge.lookup.adapters.schema import open_file
from ctibridge.metrics import disk as disk_module
from ctibridge.metrics.disk import Disk, OnDisk, look
from tests.lookup.adapters.following.copies import copy_in
from tests.metrics.rooms import until

JOURNAL = "CREATE TABLE import_journal (account TEXT PRIMARY KEY, at TEXT NOT NULL, numbers INTEGER, unmatchable TEXT)"
OLD, NEW = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 7, 12, tzinfo=UTC)


async def store(folder: Path, people: dict[int, str], told: dict[str, datetime] | None = None) -> Path:
    """people: an account's number and id, of which one person is there; told: the journal of imports, if there is."""
    path = folder / "ctibridge.db"
    await (await open_file(path)).close()
    with closing(sqlite3.connect(path)) as file:
        for account, name in people.items():
            file.execute("INSERT INTO directory_account (no, id, name) VALUES (?, ?, ?)", (account, name, name))
            file.execute("INSERT INTO directory_person (account, id, name) VALUES (?, 'p', 'P')", (account,))
            share(file, name, None)
        if told is not None:
            file.execute(JOURNAL)
            rows = [(account, at.isoformat()) for account, at in told.items()]
            file.executemany("INSERT INTO import_journal VALUES (?, ?, 0, '{}')", rows)
        file.commit()
    return path


def share(file: sqlite3.Connection, account: str, ends_at: str | None) -> None:
    values = (account, "service_desk_analyst", ends_at)
    file.execute("INSERT INTO directory_role_share (account, role, ends_at) VALUES (?, ?, ?)", values)


async def test_sizes_room_and_people(tmp_path: Path) -> None:
    path = await store(tmp_path, {1: "acme", 2: "globex"})
    found = look(tmp_path, path, None)
    assert found.people == 2
    assert found.files["ctibridge.db"] == path.stat().st_size
    assert "desks.db" not in found.files, "what is not there has no size"
    assert found.free is not None
    assert found.free > 0
    assert found.imports is None, "no import has kept a journal"
    assert look(tmp_path, path, 7).people == 7, "counted before"


async def test_a_store_that_goes_without_people_has_none_to_count(tmp_path: Path) -> None:
    path = await store(tmp_path, {})
    assert look(tmp_path, path, None).people == 0
    (await copy_in(tmp_path, lean=True)).close()
    assert look(tmp_path, path, None).people is None


async def test_the_oldest_import_is_of_a_company_that_has_people(tmp_path: Path) -> None:
    told = {"acme": NEW, "globex": OLD, "left": datetime(2020, 1, 1, tzinfo=UTC)}
    path = await store(tmp_path, {1: "acme", 2: "globex"}, told)
    assert look(tmp_path, path, None).imports == (int(NEW.timestamp()), int(OLD.timestamp()))


async def test_who_shares_no_more_is_not_waited_for_while_his_people_stay(tmp_path: Path) -> None:
    now, path = datetime.now(UTC), await store(tmp_path, {1: "acme", 2: "globex"}, {"acme": NEW, "globex": OLD})
    for ends_at, oldest in ((now + timedelta(days=1), OLD), (now - timedelta(days=1), NEW)):
        with closing(sqlite3.connect(path)) as file:
            file.execute("DELETE FROM directory_role_share WHERE account = 'globex'")
            share(file, "globex", ends_at.isoformat())
            file.commit()
        assert look(tmp_path, path, None).imports == (int(NEW.timestamp()), int(oldest.timestamp()))


async def test_where_nobody_is_left_the_newest_is_all_there_is(tmp_path: Path) -> None:
    path = await store(tmp_path, {}, {"left": OLD})
    assert look(tmp_path, path, None).imports == (int(OLD.timestamp()),) * 2


async def test_before_the_first_import_there_is_none(tmp_path: Path) -> None:
    assert look(tmp_path, await store(tmp_path, {}, {}), None).imports is None


def test_a_store_that_cannot_be_read_costs_only_what_stands_in_it(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    assert look(tmp_path, path, None).people is None
    assert not path.exists(), "looking makes no store"
    path.write_text("this is no database, whatever it is called")
    found = look(tmp_path, path, 3)
    assert (found.files, found.people, found.imports) == ({"ctibridge.db": 42}, 3, None)
    assert look(tmp_path / "gone", tmp_path / "gone" / "ctibridge.db", None) == OnDisk()


async def test_the_last_test_calls_with_and_without_a_store(tmp_path: Path) -> None:
    calls = (LastCall("pbx", "acme", NEW, None, 12),)
    (tmp_path / FILE).write_bytes(write(calls))
    assert look(tmp_path, tmp_path / "ctibridge.db", None).last_calls == calls
    assert look(tmp_path, await store(tmp_path, {}), None).last_calls == calls
    (tmp_path / FILE).write_bytes(b"{")
    assert look(tmp_path, tmp_path / "ctibridge.db", None).last_calls == ()


async def test_a_fault_of_ours_does_not_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> OnDisk:
        raise ValueError("boom")

    monkeypatch.setattr(disk_module, "look", fails)
    disk = Disk(tmp_path, await store(tmp_path, {1: "acme"}))
    with capture_logs() as logs:
        watching = asyncio.create_task(disk.watch())
        await until(lambda: bool(logs))
        await asyncio.sleep(0)
        watching.cancel()
        await asyncio.wait({watching})
    assert logs[0]["event"] == "disk_not_looked_at"
    assert watching.cancelled(), "it went on"


async def test_it_looks_at_once_when_it_starts(tmp_path: Path) -> None:
    disk = Disk(tmp_path, await store(tmp_path, {1: "acme"}))
    watching = asyncio.create_task(disk.watch())
    await until(lambda: disk.found != OnDisk())
    watching.cancel()
    assert disk.found.people == 1
