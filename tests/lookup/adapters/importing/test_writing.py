"""Transactions of whole accounts, and the kinds of rows that go with them."""

import sqlite3
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.importing import writing
from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.tables import STORED
from tests.lookup.adapters.files import BASE, Told, imported
from tests.lookup.adapters.stored import people, rows, version

ACCOUNTS = "id,name\n" + "".join(f"a{at},N\n" for at in range(5))
PEOPLE = "account,id,name\n" + "".join(
    f"a{at},p{person},N\n" for at, count in enumerate((4, 4, 4, 20, 1)) for person in range(count)
)
LATER = {
    "services": "account,id,name,people,status\nacme,s1,Mail,p1;p2,up\nacme,s2,Web,*,down\n",
    "configuration_items": "account,id,person,name,product,status,service\nacme,c1,p1,Laptop,X1,used,s1\n",
    "standard_requests": "account,id,service,subject,registration_hints\nacme,q1,s1,Reset,Ask first\n",
    "knowledge_articles": "account,id,service,subject,url,languages\nacme,k1,s1,Printing,https://x.example/k1,de;en\n",
    "requests": "account,id,requested_for,subject,status,updated_at,service,url\nacme,r1,p1,Help,open,2026-11-21,s1,\n",
    "announcements": "account,id,text_de,site,starts_at,ends_at\nacme,n1,Störung,,,\n",
}
TABLES = {
    "services": "directory_service",
    "configuration_items": "directory_configuration_item",
    "standard_requests": "directory_standard_request",
    "knowledge_articles": "directory_knowledge_article",
    "requests": "directory_request",
    "announcements": "directory_announcement",
}


async def test_one_account_is_never_split_and_small_ones_go_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "TRANSACTION", 10)
    await imported(tmp_path / FILE, tmp_path / "files", {"accounts": ACCOUNTS, "people": PEOPLE})
    assert rows(
        tmp_path / FILE,
        "SELECT version, group_concat(DISTINCT account), count(*) FROM directory_changed_person GROUP BY version",
    ) == [(1, "1,2", 8), (2, "3", 4), (3, "4", 20), (4, "5", 1)]


async def test_small_tables_alone_are_one_transaction(tmp_path: Path) -> None:
    summary = await imported(tmp_path / FILE, tmp_path / "files", {"accounts": ACCOUNTS})
    assert (summary.files[0].new, summary.written) == (5, True)
    assert rows(tmp_path / FILE, "SELECT version, tables, logged_from FROM directory_change") == [(1, 1, 0)]


async def test_the_version_of_the_tables_stays_where_people_alone_change(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", {"accounts": ACCOUNTS})
    await imported(tmp_path / FILE, tmp_path / "files", {"accounts": ACCOUNTS, "people": PEOPLE})
    assert rows(tmp_path / FILE, "SELECT version, tables FROM directory_change") == [(2, 1)]


@pytest.mark.parametrize("kind", LATER)
async def test_each_kind_is_stored_compared_and_replaced(tmp_path: Path, kind: str) -> None:
    files = {kind: LATER[kind]}
    lines = LATER[kind].splitlines(keepends=True)
    first = await imported(tmp_path / FILE, tmp_path / "files", {**BASE, **files})
    assert first.files[-1].new == len(lines) - 1
    again = await imported(tmp_path / FILE, tmp_path / "files", files)
    assert (again.changes, again.files[-1].same, version(tmp_path / FILE)) == (0, len(lines) - 1, 1)
    without = {
        kind: lines[0].replace("account,id", "account,id") + "fleuron,x9" + "," * (lines[0].count(",") - 1) + "\n"
    }
    told = Told()
    gone = await imported(tmp_path / FILE, tmp_path / "files", without, Wish("acme", replace=True), told)
    assert (gone.files[-1].removed, gone.files[-1].others) == (len(lines) - 1, 1)
    assert rows(tmp_path / FILE, f"SELECT count(*) FROM {TABLES[kind]}") == [(0,)]  # noqa: S608 - a name of ours


async def test_what_is_stored_of_each_kind(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, **LATER})
    found = {}
    for kind, table in TABLES.items():
        columns = ", ".join((*STORED[kind].key, *STORED[kind].columns))
        found[kind] = rows(tmp_path / FILE, f"SELECT {columns} FROM {table} ORDER BY 2")  # noqa: S608 - names of ours
    assert found == {
        "services": [("acme", "s1", "Mail", '["p1","p2"]', "up"), ("acme", "s2", "Web", "*", "down")],
        "configuration_items": [("acme", "c1", "p1", "Laptop", "X1", "used", "s1")],
        "standard_requests": [("acme", "q1", "s1", "Reset", "Ask first")],
        "knowledge_articles": [("acme", "k1", "s1", "Printing", "https://x.example/k1", "de;en")],
        "requests": [("acme", "r1", "p1", "Help", "open", "2026-11-21T00:00:00+00:00", "s1", None)],
        "announcements": [("acme", "n1", None, None, None, '{"de":"Störung"}')],
    }


async def test_a_row_that_is_refused_keeps_what_it_names(tmp_path: Path) -> None:
    """Refused before and behind the sorting: a wrong cell, a row too short, a request that stands there twice."""
    await imported(
        tmp_path / FILE, tmp_path / "files", {**BASE, "requests": "account,id,subject\nacme,r1,A\nacme,r2,B\n"}
    )
    broken = "account,id,subject\nacme,r1\nacme,r2,\n"
    told = Told()
    summary = await imported(
        tmp_path / FILE, tmp_path / "files", {"requests": broken}, Wish("acme", replace=True), told
    )
    assert (len(told.refused), summary.refused, summary.changes) == (2, 2, 0)


async def test_a_dry_run_waits_for_no_lock(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", {"accounts": ACCOUNTS})
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    summary = await imported(tmp_path / FILE, tmp_path / "files", {"people": PEOPLE}, Wish(dry_run=True))
    other.close()
    assert (summary.files[0].new, people(tmp_path / FILE)) == (33, [])


async def test_strict_tells_each_fault_once(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", {"accounts": ACCOUNTS})
    good = "account,id,name,phones\na1,p1,N,work:n/a\n"
    told = Told()
    summary = await imported(tmp_path / FILE, tmp_path / "files", {"people": good}, Wish(strict=True), told)
    assert (len(told.unusable), summary.files[0].new, people(tmp_path / FILE)) == (1, 1, ["a1/p1"])
    told = Told()
    twice = good + "a1,p1,N,\na2,p2,N,\n"
    summary = await imported(tmp_path / FILE, tmp_path / "files", {"people": twice}, Wish(strict=True), told)
    assert (len(told.refused), summary.refused, summary.written) == (1, 1, False)
    assert people(tmp_path / FILE) == ["a1/p1"]
