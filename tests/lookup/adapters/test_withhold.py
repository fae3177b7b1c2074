"""A setting is made narrower: numbers that were taken before leave, every byte of them."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup import number_key
from ctibridge.lookup.adapters import withhold as withholding
from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.schema import FILE, StoreFault, open_file
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.adapters.tables import MOST_LABELS
from ctibridge.lookup.adapters.withhold import not_allowed, withhold
from ctibridge.lookup.phone_labels import EVERY_LABEL, AllowedLabels
from tests.lookup.adapters.files import BASE, WHOLE, Told, imported
from tests.lookup.adapters.stored import everything, numbers, rows, version

ONLY_WORK = AllowedLabels({"acme": frozenset({"work"})})
# One whose number makes another one by the plan, and whose short one keeps a plan from making it.
PEOPLE = (
    "account,id,name,site,phones\n"
    "acme,p1,One,Berlin,work:+493023124711;home:+493023124712;home:4711\n"
    "acme,p2,Two,Berlin,home:+493023124713\n"
    "fleuron,e1,Else,,home:01 99 00 11 01\n"
)
PLANNED = {**BASE, "sites": "account,name,extensions\nacme,Berlin,4000-4999\n", "people": PEOPLE}


@pytest.mark.parametrize("size", [1, 5000])
async def test_they_leave_with_what_followed_from_them(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withholding, "SLICE", size)
    await imported(tmp_path / FILE, tmp_path / "files", PLANNED)
    assert ("p2", "home", "4713", "plan") in numbers(tmp_path / FILE)
    assert await withhold(tmp_path / FILE, ONLY_WORK) == {"acme": {"home": 3}}
    assert numbers(tmp_path / FILE) == [
        ("e1", "home", "+33199001101", "people"),
        ("p1", "work", "+493023124711", "people"),
        ("p1", "work", "4711", "plan"),
    ]
    assert await withhold(tmp_path / FILE, ONLY_WORK) == {}


async def test_the_store_is_then_as_if_they_had_never_come(tmp_path: Path) -> None:
    for folder, allowed in (("before", EVERY_LABEL), ("ever", ONLY_WORK)):
        (tmp_path / folder).mkdir()
        await imported(tmp_path / folder / FILE, tmp_path / "files", PLANNED, allowed=allowed)
    await withhold(tmp_path / "before" / FILE, ONLY_WORK)
    assert everything(tmp_path / "before" / FILE) == everything(tmp_path / "ever" / FILE)
    told = Told()
    again = await imported(tmp_path / "before" / FILE, tmp_path / "files", PLANNED, told=told, allowed=ONLY_WORK)
    assert (again.changes, told.left_out) == (0, [("acme", "p1", "home")] * 2 + [("acme", "p2", "home")])


async def test_the_next_import_takes_away_what_it_tells_of_and_no_more(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", PLANNED)
    only_p2 = {"people": "account,id,name,site,phones\nacme,p2,Two,Berlin,home:+493023124713\n"}
    dry = await imported(tmp_path / FILE, tmp_path / "files", only_p2, Wish(dry_run=True), allowed=ONLY_WORK)
    assert dry.numbers.removed == 1
    await imported(tmp_path / FILE, tmp_path / "files", only_p2, allowed=ONLY_WORK)
    assert [one for one in numbers(tmp_path / FILE) if one[0] == "p2"] == []
    assert ("p1", "home", "4711", "people") in numbers(tmp_path / FILE)


async def test_no_byte_of_them_stays_while_a_daemon_has_the_store_open(tmp_path: Path) -> None:
    path = tmp_path / FILE
    await imported(path, tmp_path / "files", WHOLE)
    daemon = await SqliteStore.open(path)
    trace = number_key.pack("+41440000217").to_bytes(6)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("UPDATE directory_phone SET imported = 0")  # the log has a copy of each page
        (tmp_path / index_file.FILE).write_bytes(trace)
        assert trace in b"".join(file.read_bytes() for file in tmp_path.glob("ctibridge.*"))
        before = version(path)
        assert await withhold(path, ONLY_WORK) == {"acme": {"home": 1, "mobile": 2, "fax": 1}}
        assert trace not in b"".join(file.read_bytes() for file in tmp_path.glob("ctibridge.*"))
        assert rows(path, "SELECT version > logged_from, version FROM directory_change") == [(0, int(str(before)) + 1)]
    finally:
        await daemon.close()


async def test_what_became_other_for_want_of_room_is_judged_by_the_files_alone(tmp_path: Path) -> None:
    """The store names 31 labels; the next one is allowed by its own name and stored as `other`."""
    path = tmp_path / FILE
    many = "".join(f"fleuron,e{at},label{at},+3319900{at:04}\n" for at in range(MOST_LABELS - 6))
    people = "".join(f"fleuron,e{at},Else\n" for at in range(MOST_LABELS - 6))
    files = {
        **BASE,
        "people": f"account,id,name\n{people}acme,p1,One\n",
        "phones": f"account,person,label,number\n{many}acme,p1,pager,+493023124711\nacme,p1,,+493023124712\n",
    }
    allowed, told = AllowedLabels({"acme": frozenset({"pager"})}), Told()
    # The labels of the first account are settled first.
    await imported(path, tmp_path / "files", {**files, "phones": f"account,person,label,number\n{many}"})
    await imported(path, tmp_path / "files", files, told=told, allowed=allowed)
    assert told.left_out == [("acme", "p1", "other")]
    kept = [one for one in numbers(path) if one[0] == "p1"]
    assert kept == [("p1", "other", "+493023124711", "phones")]
    assert await withhold(path, allowed) == {}
    assert [one for one in numbers(path) if one[0] == "p1"] == kept


async def test_who_has_agreed_to_all_costs_nothing(tmp_path: Path) -> None:
    assert await withhold(tmp_path / FILE, EVERY_LABEL) == {}
    assert not (tmp_path / FILE).exists()


async def test_counted_without_being_removed(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    async with aiosqlite.connect(tmp_path / FILE) as connection:
        found = await not_allowed(connection, AllowedLabels({"acme": frozenset({"work", "fax"}), "gone": frozenset()}))
    assert found == {"acme": {"home": 1, "mobile": 2}}
    assert len(numbers(tmp_path / FILE)) == 6


async def test_another_writer_is_waited_for_as_long_as_was_said(tmp_path: Path) -> None:
    path = tmp_path / FILE
    await imported(path, tmp_path / "files", WHOLE)
    other = await open_file(path)
    try:
        await other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFault, match="numbers that are not allowed could not be removed: database is locked"):
            await withhold(path, ONLY_WORK, busy_ms=1)
        waiting = asyncio.create_task(withhold(path, ONLY_WORK))
        await other.execute("COMMIT")
        assert await waiting == {"acme": {"home": 1, "mobile": 2, "fax": 1}}
    finally:
        await other.close()
