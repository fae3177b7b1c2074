"""Short numbers that follow from plans, whenever people, their numbers or the plans change."""

from pathlib import Path

import pytest

from ctibridge.lookup.adapters.importing import numbers_merge
from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.schema import FILE
from tests.lookup.adapters.files import BASE, imported
from tests.lookup.adapters.stored import changed, numbers, rows, version

SITES = "account,name,extensions\nacme,Berlin,4000-4999\nacme,Bonn,\n"
PEOPLE = (
    "account,id,name,site,phones\n"
    "acme,p1,One,Berlin,work:+493023124711;fax:+493023124799\n"
    "acme,p2,Two,Bonn,work:+493023124712\n"
)


@pytest.fixture
async def store(tmp_path: Path) -> Path:
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "sites": SITES, "people": PEOPLE})
    return tmp_path / FILE


def derived(path: Path) -> list[tuple[object, ...]]:
    return [one[:3] for one in numbers(path) if one[3] == "plan"]


async def test_at_the_first_import(store: Path) -> None:
    assert derived(store) == [("p1", "work", "4711")]


async def test_the_same_files_again_change_nothing(store: Path, tmp_path: Path) -> None:
    summary = await imported(store, tmp_path / "files", {"sites": SITES, "people": PEOPLE})
    assert (summary.changes, version(store)) == (0, 1)


async def test_a_person_moves_to_another_site(store: Path, tmp_path: Path) -> None:
    people = "account,id,name,site\nacme,p1,One,Bonn\nacme,p2,Two,Berlin\n"
    await imported(store, tmp_path / "files", {"people": people})
    assert derived(store) == [("p2", "work", "4712")]
    assert changed(store, 1) == ["p1", "p2"]


async def test_a_number_changes(store: Path, tmp_path: Path) -> None:
    people = "account,id,name,phones\nacme,p1,One,work:+493023124788\n"
    await imported(store, tmp_path / "files", {"people": people})
    assert derived(store) == [("p1", "work", "4788")]


@pytest.mark.parametrize("size", [1, 5000])
async def test_the_plan_of_a_site_alone_changes(
    store: Path, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers_merge, "SLICE", size)
    sites = "account,name,extensions\nacme,Berlin,100-199;711\nacme,Bonn,12\n"
    summary = await imported(store, tmp_path / "files", {"sites": sites})
    assert derived(store) == [("p1", "work", "711"), ("p2", "work", "12")]
    assert (changed(store, 1), summary.numbers.new) == (["p1", "p2"], 0)
    assert rows(store, "SELECT version, tables FROM directory_change") == [(2, 2)]


async def test_a_site_goes(store: Path, tmp_path: Path) -> None:
    sites = "account,name,extensions\nacme,Bonn,\n"
    await imported(store, tmp_path / "files", {"sites": sites}, Wish("acme", replace=True))
    assert derived(store) == []
    assert changed(store, 1) == ["p1"]


async def test_a_site_goes_and_its_account_is_filled_anew(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "sites": SITES})
    files = {"sites": "account,name\nacme,Bonn\n", "people": PEOPLE}
    await imported(tmp_path / FILE, tmp_path / "files", files, Wish("acme", replace=True))
    assert derived(tmp_path / FILE) == []


async def test_the_file_phones_tells_the_short_number_itself(store: Path, tmp_path: Path) -> None:
    await imported(store, tmp_path / "files", {"phones": "account,person,label,number\nacme,p1,work,4711\n"})
    assert [one for one in numbers(store) if one[2] == "4711"] == [("p1", "work", "4711", "phones")]


@pytest.mark.parametrize("size", [1, 5000])
async def test_people_whom_the_file_phones_tells_of_no_more(
    store: Path, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers_merge, "SLICE", size)
    told = "account,person,label,number\nacme,p1,home,+493023124701\nacme,p2,home,+493023124702\n"
    await imported(store, tmp_path / "files", {"phones": told})
    assert len(derived(store)) == 2
    summary = await imported(
        store, tmp_path / "files", {"phones": "account,person,number\n"}, Wish("acme", replace=True)
    )
    assert (summary.files[0].removed, summary.numbers.removed) == (2, 2)
    assert derived(store) == [("p1", "work", "4711")]
    assert changed(store, 2) == ["p1", "p2"]
