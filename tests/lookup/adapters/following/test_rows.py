"""Rows, read by their keys and put as they came."""

from pathlib import Path

from ctibridge.lookup.adapters.following import rows
from ctibridge.lookup.adapters.following.rows import Rows
from ctibridge.lookup.adapters.following.tables import PERSON, PHONE
from tests.lookup.adapters.files import WHOLE, imported
from tests.lookup.adapters.following.copies import copy_in
from tests.lookup.adapters.stored import everything


async def test_people_go_with_their_numbers_and_words(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as copy:
        await imported(copy.path, tmp_path / "files", WHOLE)
        people, numbers = rows.read(copy.db, copy.shared[PERSON], ["[1]", "[2]", "[99]"])
        assert (people.name, numbers.name) == (PERSON, PHONE)
        assert len(people.rows) == 2
        before = everything(copy.path)
        with copy.changing():
            rows.put(copy.db, copy.shared[PERSON], people, numbers)
        assert everything(copy.path) == before
        with copy.changing():
            rows.put(copy.db, copy.shared[PERSON], Rows(PERSON, people.columns, ("[1]",), ()), None)
        assert len(everything(copy.path)["people"]) == 2


async def test_a_column_that_this_version_does_not_know_is_left_out(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as copy:
        table = copy.shared["directory_agent"]
        with copy.changing():
            rows.put(copy.db, table, Rows(table.name, ("id", "name", "mood"), ('["ana"]',), (("ana", "Ana", "good"),)))
        assert copy.db.execute("SELECT id, name FROM directory_agent").fetchall() == [("ana", "Ana")]


async def test_what_is_learned_of_a_stranger_is_not_kept_and_the_others_hear_that(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as copy:
        await imported(copy.path, tmp_path / "files", WHOLE)
        copy.db.execute("DELETE FROM directory_noted")
        table = copy.shared["directory_contact"]
        keys = '["acme","p17"]', '["acme","gone"]'
        told = Rows(table.name, ("account", "person", "at"), keys, (("acme", "p17", 5), ("acme", "gone", 6)))
        with copy.changing(), copy.quiet():
            rows.put(copy.db, table, told)
        assert copy.db.execute("SELECT person, at FROM directory_contact").fetchall() == [("p17", 5)]
        assert copy.db.execute("SELECT name, key FROM directory_noted").fetchall() == [(table.name, keys[1])]


async def test_a_row_that_is_all_key_comes_once_and_goes(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as copy:
        await imported(copy.path, tmp_path / "files", WHOLE)
        table = copy.shared["directory_choice"]
        columns = ("number", "account", "person", "called_account", "by", "at", "call")
        row = (4917139200, "acme", "p17", "acme", "ana", 5, None)
        told = Rows(table.name, columns, (rows.as_text(row),), (row,))
        for _ in range(2):
            with copy.changing():
                rows.put(copy.db, table, told)
        assert copy.db.execute("SELECT count(*) FROM directory_choice").fetchone() == (1,)
        with copy.changing():
            rows.put(copy.db, table, Rows(table.name, columns, told.keys, ()))
        assert copy.db.execute("SELECT count(*) FROM directory_choice").fetchone() == (0,)
