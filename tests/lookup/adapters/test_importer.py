"""Whole imports: what is in the store afterwards, and what is not."""

import sqlite3
from pathlib import Path

import pytest

from ctibridge.lookup.adapters import importer
from ctibridge.lookup.adapters.importer import Importer, UnknownAccount, Wish
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.sources.encoding import LONGEST_LINE, Unreadable
from ctibridge.lookup.sources.files import open_tables
from tests.lookup.adapters.files import BASE, WHOLE, Told, imported, write

SAMPLE = Path(__file__).parents[3] / "config" / "sample"


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def people(path: Path) -> list[object]:
    return [row[0] for row in rows(path, "SELECT account || '/' || id FROM directory_person ORDER BY 1")]


def numbers(path: Path) -> list[tuple[object, ...]]:
    return rows(path, "SELECT person, label, number, origin FROM directory_phone ORDER BY 1, 2, 3")


def version(path: Path) -> object:
    return rows(path, "SELECT version FROM directory_change")[0][0]


async def test_a_first_import(tmp_path: Path) -> None:
    summary = await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    assert {counts.sheet.name: counts.new for counts in summary.files} == {
        "accounts": 2,
        "sites": 1,
        "agents": 2,
        "role_shares": 2,
        "grants": 3,
        "service_numbers": 1,
        "people": 3,
        "phones": 1,
    }
    assert people(tmp_path / FILE) == ["acme/p17", "acme/p18", "fleuron/e1"]
    assert numbers(tmp_path / FILE) == [
        ("e1", "work", "+33199001101", "people"),
        ("p17", "home", "+41440000217", "phones"),
        ("p17", "mobile", "+41790000017", "people"),
        ("p17", "work", "+41440000117", "people"),
        ("p18", "fax", "+493023125199", "people"),
        ("p18", "mobile", "+491713920018", "people"),
    ]
    assert summary.written
    assert version(tmp_path / FILE) == 1


async def test_the_same_files_again_change_nothing(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    summary = await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    assert summary.changes == 0
    assert version(tmp_path / FILE) == 1


async def test_the_sample_is_imported_whole(tmp_path: Path) -> None:
    told = Told()
    async with await Importer.open(tmp_path / FILE, Wish()) as run:
        summary = await run.run(open_tables([SAMPLE]), told.faults.append, told.count)
    assert (told.refused, told.unusable) == ([], [])
    assert {counts.sheet.name: counts.new for counts in summary.files}["people"] >= 30


async def test_what_differs_is_changed_and_numbers_follow_their_person(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    changed = "account,id,name,disabled,phones\nacme,p17,Regula Frei-Muster,true,mobile:+41 79 000 00 18\n"
    summary = await imported(tmp_path / FILE, tmp_path / "files", {"people": changed})
    (counts,) = summary.files
    assert (counts.new, counts.changed, counts.removed) == (0, 1, 0)
    assert (summary.numbers.new, summary.numbers.removed) == (1, 2)
    assert [one for one in numbers(tmp_path / FILE) if one[0] == "p17"] == [
        ("p17", "home", "+41440000217", "phones"),  # told by another file
        ("p17", "mobile", "+41790000018", "people"),
    ]
    assert rows(tmp_path / FILE, "SELECT DISTINCT disabled FROM directory_phone WHERE person = 'p17'") == [(1,)]
    assert rows(tmp_path / FILE, "SELECT site, vip FROM directory_person WHERE id = 'p17'") == [("Zürich", 1)]


async def test_a_person_in_the_file_phones_has_the_numbers_of_that_file(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    phones = "account,person,label,number\nacme,p17,home,044 000 03 17\n"
    await imported(tmp_path / FILE, tmp_path / "files", {"phones": phones})
    assert [one[2] for one in numbers(tmp_path / FILE) if one[3] == "phones"] == ["+41440000317"]


async def test_a_bad_row_is_left_out_and_the_rest_is_taken(tmp_path: Path) -> None:
    broken = "account,id,name,vip\nacme,p1,One,\nacme,p2,Two,perhaps\nacme,p3,Three,\n"
    summary = await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": broken})
    assert summary.refused == 1
    assert people(tmp_path / FILE) == ["acme/p1", "acme/p3"]


async def test_strict_refuses_all(tmp_path: Path) -> None:
    broken = "account,id,name,vip\nacme,p1,One,\nacme,p2,Two,perhaps\n"
    summary = await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": broken}, Wish(strict=True))
    assert (summary.refused, summary.written, summary.changes) == (1, False, 0)
    assert rows(tmp_path / FILE, "SELECT count(*) FROM directory_account") == [(0,)]


async def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    summary = await imported(tmp_path / FILE, tmp_path / "files", WHOLE, Wish(dry_run=True))
    assert (summary.files[-2].new, summary.numbers.new, summary.written) == (3, 6, False)
    assert people(tmp_path / FILE) == []
    assert version(tmp_path / FILE) == 0


async def test_one_account_replaced(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    truth = "account,id,name,phones\nacme,p18,Urs Zgraggen,mobile:0171 3920018\nfleuron,e2,Not asked for,\n"
    summary = await imported(tmp_path / FILE, tmp_path / "files", {"people": truth}, Wish("acme", replace=True))
    (counts,) = summary.files
    assert (counts.new, counts.removed, counts.others) == (0, 1, 1)
    assert people(tmp_path / FILE) == ["acme/p18", "fleuron/e1"]
    assert [one[0] for one in numbers(tmp_path / FILE)] == ["e1", "p18"]
    assert rows(tmp_path / FILE, "SELECT count(*) FROM directory_site") == [(1,)]  # of sites nothing was told


async def test_a_row_that_is_refused_does_not_lose_its_person(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    truth = "account,id,name,vip\nacme,p17,Regula Frei,perhaps\n"
    await imported(tmp_path / FILE, tmp_path / "files", {"people": truth}, Wish("acme", replace=True))
    assert people(tmp_path / FILE) == ["acme/p17", "fleuron/e1"]


async def test_a_service_number_that_is_refused_stays_too(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    truth = {"service_numbers": "number,account,name,default_language\n+49 30 23125-100,acme,Desk,Deutsch\n"}
    summary = await imported(tmp_path / FILE, tmp_path / "files", truth, Wish("acme", replace=True))
    assert (summary.refused, summary.changes) == (1, 0)


async def test_a_file_without_rows_empties_its_account(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    files = {"people": "account,id,name\n", "grants": "agent,account\n"}
    await imported(tmp_path / FILE, tmp_path / "files", files, Wish("acme", replace=True))
    assert people(tmp_path / FILE) == ["fleuron/e1"]
    assert rows(tmp_path / FILE, "SELECT agent, account FROM directory_grant ORDER BY 1") == [
        ("ana", "fleuron"),
        ("ben", "fleuron"),
    ]


async def test_the_file_phones_replaced(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    phones = "account,person,label,number\nacme,p18,home,030 23125018\n"
    await imported(tmp_path / FILE, tmp_path / "files", {"phones": phones}, Wish("acme", replace=True))
    assert [one[:2] for one in numbers(tmp_path / FILE) if one[3] == "phones"] == [("p18", "home")]


async def test_a_file_that_breaks_in_the_middle_leaves_the_old_truth(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    before = (people(tmp_path / FILE), numbers(tmp_path / FILE), version(tmp_path / FILE))
    broken = "account,id,name\n" + "acme,p99,New\n" * 600 + "x" * (LONGEST_LINE + 1)
    with pytest.raises(Unreadable, match=r"people\.csv:602"):
        await imported(tmp_path / FILE, tmp_path / "files", {"people": broken}, Wish("acme", replace=True))
    assert (people(tmp_path / FILE), numbers(tmp_path / FILE), version(tmp_path / FILE)) == before


async def test_a_disk_that_is_full_leaves_whole_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions are of whole accounts: each is as before or as in the files, and nothing is in between."""
    await imported(tmp_path / FILE, tmp_path / "files", BASE)
    monkeypatch.setattr(importer, "TRANSACTION", 500)
    text = "x" * 300
    many = "account,id,name,job_title,phones\n" + "".join(
        f"{account},{number},N{number},{text},030 2312{number:04}\n"
        for account in ("acme", "fleuron")
        for number in range(500)
    )
    folder = write(tmp_path / "files", {"people": many})
    async with await Importer.open(tmp_path / FILE, Wish()) as run:
        pages = next(iter(await run._connection.execute_fetchall("PRAGMA page_count")))[0]
        await run._connection.execute(f"PRAGMA max_page_count = {pages + 90}")
        with pytest.raises(StoreFault, match="full"):
            await run.run(open_tables([folder]), Told().faults.append, Told().count)
    assert rows(tmp_path / FILE, "SELECT account, count(*) FROM directory_person GROUP BY account") == [("acme", 500)]
    assert version(tmp_path / FILE) == 2


async def test_transactions_are_of_whole_accounts(tmp_path: Path) -> None:
    async with await Importer.open(tmp_path / FILE, Wish()) as run:
        assert run._batches({"a": 4000, "b": 4000, "c": 4000, "d": 20_000, "e": 1}) == [["a", "b"], ["c"], ["d"], ["e"]]
        assert run._batches({}) == []


async def test_two_imports_wait_for_each_other(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", BASE)
    async with (
        await Importer.open(tmp_path / FILE, Wish()) as first,
        await Importer.open(tmp_path / FILE, Wish()) as second,
    ):
        for run, name in ((first, "one"), (second, "two")):
            folder = write(tmp_path / name, {"people": f"account,id,name\nacme,{name},N\n"})
            await run.run(open_tables([folder]), Told().faults.append, Told().count)
    assert people(tmp_path / FILE) == ["acme/one", "acme/two"]


async def test_an_account_that_is_nowhere_is_a_typing_error_and_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnknownAccount, match=r"'alph' is neither .* known are acme, fleuron$"):
        await imported(tmp_path / FILE, tmp_path / "files", WHOLE, Wish("alph"))
    assert rows(tmp_path / FILE, "SELECT count(*) FROM directory_agent") == [(0,)]


async def test_an_account_that_only_the_store_knows_may_lose_all_its_people(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    await imported(tmp_path / FILE, tmp_path / "files", {"people": "account,id,name\n"}, Wish("acme", replace=True))
    assert people(tmp_path / FILE) == ["fleuron/e1"]


async def test_of_many_known_accounts_a_message_names_some(tmp_path: Path) -> None:
    accounts = "id,name\n" + "".join(f"a{number:02},N\n" for number in range(25))
    with pytest.raises(UnknownAccount, match=r"a18, a19 and 5 more$"):
        await imported(tmp_path / FILE, tmp_path / "files", {"accounts": accounts}, Wish("alph"))
