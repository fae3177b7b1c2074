"""People of an account: filled in where there was nobody, compared where there was somebody, with one result."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.schema import FILE
from tests.lookup.adapters.files import BASE, imported
from tests.lookup.adapters.stored import changed, everything, people, rows, version

IDS = st.sampled_from(["p1", "p2", "p3", "p4"])
NUMBERS = st.sampled_from(
    ["+493023124711", "+493023124712", "+498923124711", "030 23124713", "4711", "4712", "044 000 02 17", "n/a", ""]
)
PHONES_CELL = st.lists(st.tuples(st.sampled_from(["work", "mobile", "fax", "garage"]), NUMBERS), max_size=3)
PEOPLE = st.dictionaries(
    IDS,
    st.tuples(
        st.sampled_from(["Ana Ruiz", "Ana Maria Ruiz", "李小龙", "Zoë Müller-Lüdenscheidt"]),
        st.sampled_from(["", "Berlin", "Zürich", "Nowhere"]),
        st.sampled_from(["", "true"]),
        PHONES_CELL,
    ),
)
PHONES = st.lists(
    st.tuples(IDS, st.sampled_from(["work", "fax", "boat"]), NUMBERS.filter(bool), st.booleans()), max_size=4
)
PLANS = st.sampled_from(["", "4000-4999", "11-12;4712", "4711"])


def files(
    people: dict[str, tuple[str, str, str, list[tuple[str, str]]]], phones: list[tuple[str, str, str, bool]], plan: str
) -> dict[str, str]:
    """phones of people who are not in the file are left out: what the store knows of them is not the same twice."""
    lines = [
        f"acme,{person},{name},{site},{vip},{';'.join(f'{label}:{number}' for label, number in cell)}\n"
        for person, (name, site, vip, cell) in people.items()
    ]
    told = [
        f"acme,{person},{label},{number},{imported}\n" for person, label, number, imported in phones if person in people
    ]
    return {
        "people": "account,id,name,site,vip,phones\n" + "".join(lines),
        "phones": "account,person,label,number,imported\n" + "".join(told),
        "sites": f"account,name,country,extensions\nacme,Berlin,,{plan}\nacme,Zürich,CH,\n",
    }


@settings(max_examples=40, deadline=None)
@given(before=st.builds(files, PEOPLE, PHONES, PLANS), after=st.builds(files, PEOPLE, PHONES, PLANS))
def test_changed_to_what_the_files_say_is_as_filled_in_by_them(before: dict[str, str], after: dict[str, str]) -> None:
    asyncio.run(_compare(before, after))


async def _compare(before: dict[str, str], after: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        changed_store, filled, replaced = folder / "changed.db", folder / "filled.db", Wish("acme", replace=True)
        await imported(changed_store, folder / "files", {**BASE, **before})
        await imported(changed_store, folder / "files", after, replaced)
        await imported(filled, folder / "files", {**BASE, **after})
        one, other = everything(changed_store), everything(filled)
        del one["labels"], other["labels"]
        assert one == other
        told = version(changed_store)
        assert (await imported(changed_store, folder / "files", after, replaced)).changes == 0
        assert version(changed_store) == told


async def test_whom_a_version_changed(tmp_path: Path) -> None:
    first = "account,id,name,phones\nacme,p1,One,4711\nacme,p2,Two,4712\nacme,p3,Three,\nacme,p4,Four,\n"
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": first})
    assert changed(tmp_path / FILE, 0) == ["p1", "p2", "p3", "p4"]
    then = "account,id,name,phones\nacme,p1,One,4711\nacme,p2,Two,4713\nacme,p3,Dree,\nacme,p5,Five,\n"
    await imported(tmp_path / FILE, tmp_path / "files", {"people": then}, Wish("acme", replace=True))
    assert changed(tmp_path / FILE, 1) == ["p2", "p3", "p4", "p5"]
    await imported(tmp_path / FILE, tmp_path / "files", {"people": then}, Wish("acme", replace=True))
    assert changed(tmp_path / FILE, 2) == []


async def test_the_words_of_a_name_follow_it(tmp_path: Path) -> None:
    for name in ("Regula Frei", "Regula Muster"):
        people = f"account,id,name\nacme,p1,{name}\n"
        await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": people})
    assert rows(tmp_path / FILE, "SELECT term FROM directory_term ORDER BY 1") == [("muster",), ("regula",)]


async def test_a_person_moves_to_another_account(tmp_path: Path) -> None:
    """He is in the one's files no more and in the other's now; each is replaced by its own files."""
    await imported(
        tmp_path / FILE, tmp_path / "files", {**BASE, "people": "account,id,name,phones\nacme,p1,One,+493023124711\n"}
    )
    both = "account,id,name,phones\nfleuron,p1,One,+493023124711\n"
    for account in ("acme", "fleuron"):
        await imported(tmp_path / FILE, tmp_path / "files", {"people": both}, Wish(account, replace=True))
    assert people(tmp_path / FILE) == ["fleuron/p1"]
    assert rows(tmp_path / FILE, "SELECT account, number FROM directory_phone") == [(2, 493023124711)]
    assert rows(tmp_path / FILE, "SELECT DISTINCT account FROM directory_term") == [(2,)]
    assert rows(tmp_path / FILE, "SELECT version, account, id FROM directory_changed_person WHERE version > 1") == [
        (2, 1, "p1"),
        (3, 2, "p1"),
    ]


async def test_a_dry_run_says_what_an_import_does(tmp_path: Path) -> None:
    await imported(
        tmp_path / FILE,
        tmp_path / "files",
        {**BASE, "people": "account,id,name,phones\nacme,p1,One,4711\nacme,p3,N,\n"},
    )
    then = {
        "accounts": "id,name\nacme,ACME AG\nnew,New\n",
        "people": "account,id,name,phones\nacme,p1,Uno,4712\nacme,p2,Two,garage:4713\nnew,n1,N,4714\n",
    }
    before = everything(tmp_path / FILE)
    dry = await imported(tmp_path / FILE, tmp_path / "files", then, Wish(dry_run=True))
    assert everything(tmp_path / FILE) == before
    real = await imported(tmp_path / FILE, tmp_path / "files", then)
    assert [(one.new, one.changed, one.removed) for one in dry.files] == [(1, 0, 0), (2, 1, 0)]
    assert [(one.new, one.changed, one.removed) for one in real.files] == [(1, 0, 0), (2, 1, 0)]
    assert (dry.numbers, real.changes) == (real.numbers, dry.changes)
