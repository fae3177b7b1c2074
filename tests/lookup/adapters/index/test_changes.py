import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.index import changes as index_changes
from ctibridge.lookup.adapters.index.changes import Changed, IndexChanges
from tests.lookup.adapters.numbered import change, store

KEY = number_key.pack("+491713920017")


async def read(path: Path, since: int | None, names: dict[int, str] | None = None) -> list[Changed]:
    changes = await IndexChanges.open(path)
    async with changes.moment(since):
        found = [one async for piece in changes.people(since, names or {}) for one in piece]
    await changes.close()
    return found


async def test_who_changed_after_a_version_comes_once_and_as_he_is_now(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", "p1"): [(KEY, "work", False, False)], ("acme", "p2"): [(KEY, "home", False, False)]})
    change(path, {("acme", "p1"): [(KEY, "home", True, True), (KEY + 1, "other", True, False)]})
    change(path, {("acme", "p1"): [(KEY, "mobile", True, True)], ("fleuron", "e1"): None, ("khalij", "k"): []})
    assert sorted(await read(path, 1), key=lambda one: one.account) == [
        Changed("acme", "p1", True, ((KEY, ("acme", "p1", "mobile", True, True)),)),
        Changed("fleuron", "e1", False, ()),
        Changed("khalij", "k", True, ()),
    ]
    assert {one.person for one in await read(path, 0)} == {"p1", "p2", "e1", "k"}
    assert {one.person for one in await read(path, None)} == {"p1", "p2", "k"}
    assert await read(path, 3) == []


async def test_a_fax_is_no_number_of_anybodys_and_who_has_nothing_else_is_here_all_the_same(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", "p1"): [(KEY, "fax", False, False), (KEY, "work", False, False)]})
    change(path, {("acme", "p2"): [(KEY, "fax", False, False)]})
    found = {one.person: one for one in await read(path, None)}
    assert found["p1"].numbers == ((KEY, ("acme", "p1", "work", False, False)),)
    assert found["p2"] == Changed("acme", "p2", True, ())


@pytest.mark.parametrize("at_once", range(1, 8))
async def test_a_person_whose_rows_lie_in_two_pieces_comes_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    path = await store(tmp_path)
    people = {("acme", f"p{no}"): [(KEY + one, "work", False, False) for one in range(no)] for no in range(6)}
    change(path, people)
    monkeypatch.setattr(index_changes, "_AT_ONCE", at_once)
    for since in (0, None):
        found = await read(path, since)
        assert {one.person: len(one.numbers) for one in found} == {f"p{no}": no for no in range(6)}
        assert len(found) == 6


async def test_an_account_that_is_no_more_keeps_the_name_that_the_index_has_for_it(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", "p1"): None})
    with closing(sqlite3.connect(path)) as connection, connection:
        ((no,),) = connection.execute("SELECT no FROM directory_account WHERE id = 'acme'").fetchall()
        connection.execute("DELETE FROM directory_account WHERE id = 'acme'")
    assert await read(path, 0) == []
    assert await read(path, 0, {no: "acme"}) == [Changed("acme", "p1", False, ())]


async def test_each_version_has_a_stamp_that_no_other_store_has(tmp_path: Path) -> None:
    stamps = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        path = await store(folder)
        change(path, {})
        change(path, {})
        changes = await IndexChanges.open(path)
        async with changes.moment(1) as state:
            assert (state.version, state.logged_from) == (2, 0)
            stamps += [state.stamp, state.then]
        async with changes.moment(9) as state:
            assert state.then == ""
        assert not await changes.has_more_than(0)
        await changes.close()
    assert len(set(stamps)) == 4
