"""A copy puts what it is told, once, and what it has written itself is not lost by it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.erasing import Erasing
from ctibridge.lookup.adapters.following import changes
from ctibridge.lookup.adapters.following.copy import Branched, Entry, TooMuch
from ctibridge.lookup.adapters.index import file as index_file
from tests.lookup.adapters.files import WHOLE, imported
from tests.lookup.adapters.following.copies import copy_in, people, told
from tests.lookup.adapters.stored import everything

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def test_a_change_is_put_once_and_only_behind_the_one_before(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two") as two:
        await imported(one.path, tmp_path / "files", WHOLE)
        entries = told(one)
        if len(entries) > 1:
            with pytest.raises(Branched):
                two.put(entries[1])
        with pytest.raises(Branched):
            two.put(entries[0]._replace(before="of another history"))
        for entry in (*entries, *entries):
            two.put(entry)
        assert everything(two.path) == everything(one.path)
        assert two.standing() == one.standing()
        stamps = "SELECT * FROM directory_stamp"
        assert two.db.execute(stamps).fetchall() == one.db.execute(stamps).fetchall()
        assert not two.is_pending(act=True)
        assert not two.is_pending(act=False)


async def test_what_is_written_here_and_not_told_yet_is_newer_than_what_comes(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two") as two:
        await imported(one.path, tmp_path / "files", WHOLE)
        for entry in told(one):
            two.put(entry)
        contact = "INSERT OR REPLACE INTO directory_contact VALUES ('acme', 'p17', ?)"
        one.db.execute(contact, (5,))
        two.db.execute(contact, (6,))
        for entry in told(one):
            two.put(entry)
        assert two.db.execute("SELECT at FROM directory_contact").fetchall() == [(6,)]
        for entry in told(two):
            one.put(entry)
        assert one.db.execute("SELECT at FROM directory_contact").fetchall() == [(6,)]


async def test_a_foreign_act_does_not_go_over_one_that_was_never_told(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two") as two:
        two.db.execute("INSERT INTO directory_agent (id, name) VALUES ('eva', 'Eva')")
        await imported(one.path, tmp_path / "files", WHOLE)
        entries = told(one)
        with pytest.raises(Branched):
            two.put(next(entry for entry in entries if entry.act))


async def test_the_index_goes_with_people_who_leave_for_good(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two") as two:
        await imported(one.path, tmp_path / "files", WHOLE)
        beside = two.path.with_name(index_file.FILE)
        beside.touch()
        for entry in told(one):
            two.put(entry)
        assert beside.exists()
        async with await Erasing.open(one.path) as erasing:
            subject = await erasing.person("acme", "p17")
            await erasing.order(subject, Actor("eva", AT), keep_out=True)
        for entry in told(one):
            two.put(entry)
        assert not beside.exists()
        async with await Erasing.open(two.path) as erasing:
            (order,) = await erasing.pending()
        assert order.leaving == subject.leaving
        assert (
            one.db.execute("SELECT * FROM directory_kept_out").fetchall()
            == two.db.execute("SELECT * FROM directory_kept_out").fetchall()
        )


async def test_too_much_is_said_and_stands_where_it_was(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one:
        body = changes.pack(changes.Told(act=True, reload=True))
        with pytest.raises(TooMuch):
            one.put(Entry(1, "s", "", "somebody", True, body))
        assert one.standing().seq == 0


async def test_a_lean_copy_stands_where_all_stand_and_has_nobody(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two", lean=True) as two:
        await imported(one.path, tmp_path / "files", WHOLE)
        entries = told(one)
        one.db.execute("INSERT INTO directory_contact VALUES ('acme', 'p17', 5)")
        for entry in (*entries, *told(one)):
            two.put(entry)
        assert (two.standing(), two.version()) == (one.standing(), one.version())
        assert people(two) == [0, 0, 0]
        assert two.db.execute("SELECT count(*) FROM directory_grant").fetchone() == (3,)
        assert two.db.execute("SELECT at FROM directory_contact").fetchall() == [(5,)], "others know who is a stranger"
        assert not two.is_pending(act=False)


async def test_a_fresh_copy_is_as_its_node_wants_it_and_no_other_changes(tmp_path: Path) -> None:
    for lean in (True, False, True):
        with await copy_in(tmp_path / "one", lean=lean) as one:
            assert one.lean == lean
    with await copy_in(tmp_path / "one") as one:
        await imported(one.path, tmp_path / "files", WHOLE)
    with await copy_in(tmp_path / "one", lean=True) as one:
        assert not one.lean


async def test_its_mark_is_another_one_when_another_process_has_written_and_only_then(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one:
        before = one.mark()
        assert one.is_empty()
        assert one.mark() == before
        await imported(one.path, tmp_path / "files", WHOLE)
        after = one.mark()
        assert after != before
        assert not one.is_empty()
        assert one.mark() == after
