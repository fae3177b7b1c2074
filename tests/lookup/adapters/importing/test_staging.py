"""Rows on their way into the store: what is refused, and with which mend."""

from collections.abc import Mapping
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup.adapters.importing.staging import Unusable, own_key
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.sheets import SHEETS
from tests.lookup.adapters.files import BASE, WHOLE, Told, imported


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"role_shares": "account,role\nnobody,service_desk_analyst\n"},
            "role_shares.csv:2: account 'nobody' is not known",
        ),
        ({"role_shares": "account,role\nacme,auditor\n"}, "role_shares.csv:2: role: role 'auditor' is not known"),
        ({"grants": "agent,account\nzoe,acme\n"}, "grants.csv:2: agent 'zoe' is not known; import agents.csv"),
        ({"grants": "agent,account,hours\nana,acme,always\n"}, "grants.csv:2: hours: hours 'always'"),
        ({"accounts": "id,name,country\nacme,ACME,Germany\n"}, "accounts.csv:2: country: country 'Germany'"),
        ({"accounts": "id,name\nacme,ACME\nacme,Again\n"}, "accounts.csv:3: stands already in line 2"),
        (
            {"service_numbers": "number,account,name\nhotline,acme,N\n"},
            "service_numbers.csv:2: number 'hotline' is no number",
        ),
        (
            {"service_numbers": "number,account,name\n030 23125100,acme,N\n+49 30 23125100,acme,N\n"},
            "service_numbers.csv:3: stands already in line 2",
        ),
        ({"sites": "account,name\nacme,\n"}, "sites.csv:2: name is empty"),
        ({"people": "account,id,name\nacme,p1,One\nacme,p1,Two\n"}, "people.csv:3: stands already in line 2"),
        ({"people": "account,id,name,language\nacme,p1,One,Deutsch\n"}, "people.csv:2: language: language 'Deutsch'"),
        ({"people": "account,id,name\nnobody,p1,One\n"}, "people.csv:2: account 'nobody' is not known"),
        ({"people": "account,id,name\nacme,p1,One,more\n"}, "people.csv:2: 4 cells under 3 columns"),
        (
            {"people": "account,id,name\nacme,p1,One\n", "phones": "account,person,number\nacme,p2,030 23125001\n"},
            "phones.csv:2: person 'p2' is not known in account 'acme'; import people.csv",
        ),
        ({"phones": "account,person,number\nfleuron,p17,030 23125001\n"}, "phones.csv:2: person 'p17' is not known"),
    ],
)
async def test_refused_with_file_line_and_mend(tmp_path: Path, files: Mapping[str, str], expected: str) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", BASE)
    told = Told()
    summary = await imported(tmp_path / FILE, tmp_path / "files", files, told=told)
    assert len(told.refused) == 1
    assert told.refused[0].startswith(expected)
    assert summary.refused == 1


async def test_what_a_row_points_at_may_come_in_the_same_import(tmp_path: Path) -> None:
    told = Told()
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE, told=told)
    assert (told.refused, told.unusable) == ([], [])


async def test_numbers_that_never_match_are_told_with_their_reason(tmp_path: Path) -> None:
    people = "account,id,name,phones\nacme,p1,One,work:n/a;mobile:0171 3920001\nacme,p2,Two,work:12345678901234567890\n"
    phones = "account,person,label,number\nacme,p1,home,030 23125001/57\n"
    told = Told()
    summary = await imported(
        tmp_path / FILE, tmp_path / "files", {**BASE, "people": people, "phones": phones}, told=told
    )
    assert [(Path(one.file).name, one.line, one.person, one.reason.split(";")[0]) for one in told.unusable] == [
        ("people.csv", 2, "p1", "no digits"),
        ("people.csv", 3, "p2", "no number of DE: too short, too long or not assigned"),
        ("phones.csv", 2, "p1", "a piece of a number"),
    ]
    assert summary.refused == 0
    assert summary.numbers.new == 2


async def test_fax_numbers_are_told_and_stored_all_the_same(tmp_path: Path) -> None:
    people = "account,id,name,phones\nacme,p1,One,work:Fax 030 23125199;mobile:0171 3920001\n"
    phones = "account,person,label,number\nacme,p1,Fax,030 23125198\n"
    told = Told()
    summary = await imported(
        tmp_path / FILE, tmp_path / "files", {**BASE, "people": people, "phones": phones}, told=told
    )
    faxes = [one for one in told.faults if isinstance(one, Unusable) and one.fax]
    assert [(Path(one.file).name, one.line, one.text.value, one.reason) for one in faxes] == [
        ("people.csv", 2, "+493023125199", "a fax number never matches"),
        ("phones.csv", 2, "+493023125198", "a fax number never matches"),
    ]
    assert told.unusable == []
    assert summary.numbers.new == 3


async def test_the_country_is_the_sites_before_the_accounts(tmp_path: Path) -> None:
    people = "account,id,name,site,phones\nacme,p1,One,Zürich,079 000 00 01\nacme,p2,Two,,0171 3920002\n"
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": people})
    async with aiosqlite.connect(tmp_path / FILE) as connection:
        rows = await connection.execute_fetchall("SELECT person, number FROM directory_phone ORDER BY person")
        assert [tuple(row) for row in rows] == [(1, 41790000001), (2, 491713920002)]


async def test_progress_is_told_file_by_file_in_bytes(tmp_path: Path) -> None:
    people = "account,id,name\n" + "".join(f"acme,{number},{'N' * 300}\n" for number in range(8000))
    told = Told()
    summary = await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": people}, told=told)
    assert summary.files[-1].new == 8000
    steps = [one for one in told.progress if one.step == "people.csv"]
    assert len(steps) > 1
    assert [one.done for one in steps] == sorted({one.done for one in steps})
    assert (steps[-1].done, steps[-1].total, steps[-1].rows) == (len(people), len(people), 8011)
    assert [(one.step, one.done, one.total) for one in told.progress[-1:]] == [("writing accounts", 1, 1)]


async def test_nothing_of_an_import_stays_in_the_file(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    connection = await open_file(tmp_path / FILE)
    rows = await connection.execute_fetchall("SELECT name FROM sqlite_master WHERE name LIKE 'staged%'")
    assert list(rows) == []
    await connection.close()


def test_a_key_in_another_encoding_names_nothing_that_is_stored() -> None:
    assert own_key(SHEETS["people"], ("acme", "p\udce9")) is None
    assert own_key(SHEETS["people"], ("acme", "")) is None
    assert own_key(SHEETS["grants"], ("ana", "acme")) == "ana"
