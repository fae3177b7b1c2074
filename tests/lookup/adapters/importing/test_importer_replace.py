"""An account replaced: its files are the whole truth of it, and what they do not have leaves the store."""

from pathlib import Path

from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.schema import FILE
from tests.lookup.adapters.files import WHOLE, imported
from tests.lookup.adapters.stored import numbers, people, rows


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


async def test_a_share_that_the_files_no_longer_have_ends_and_its_row_stays(tmp_path: Path) -> None:
    """The row went, and with it the only sign that this account's people had to leave: they stayed for ever."""
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    gone = {"role_shares": "account,role,starts_at,ends_at\n"}
    summary = await imported(tmp_path / FILE, tmp_path / "files", gone, Wish("acme", replace=True))
    assert [counts.removed for counts in summary.files if counts.sheet.name == "role_shares"] == [1]
    ((ends,),) = rows(tmp_path / FILE, "SELECT ends_at FROM directory_role_share WHERE account = 'acme'")
    assert ends is not None
    again = await imported(tmp_path / FILE, tmp_path / "files", gone, Wish("acme", replace=True))
    assert again.changes == 0


async def test_one_accounts_file_does_not_take_anothers_service_number(tmp_path: Path) -> None:
    """Its callers would have heard the other company's name and greeting."""
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    ((number, owner),) = rows(tmp_path / FILE, "SELECT number, account FROM directory_service_number")
    other = "fleuron" if owner == "acme" else "acme"
    taken = {"service_numbers": f"number,account,name\n{number},{other},Theirs\n"}
    summary = await imported(tmp_path / FILE, tmp_path / "theirs", taken, Wish(other))
    assert summary.refused == 1
    moved = await imported(tmp_path / FILE, tmp_path / "theirs", taken)
    assert moved.changes == 1
