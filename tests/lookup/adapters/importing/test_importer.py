"""Whole imports: what is in the store afterwards, and what is not."""

import errno
import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup.adapters.importing import importer, writing
from ctibridge.lookup.adapters.importing.importer import Importer, UnknownAccount, Wish
from ctibridge.lookup.adapters.importing.reading import Sorted
from ctibridge.lookup.adapters.importing.staging import Unusable
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.sources.encoding import LONGEST_LINE, Unreadable
from ctibridge.lookup.sources.files import open_tables
from tests.lookup.adapters.files import BASE, PHONES, WHOLE, Told, imported, write
from tests.lookup.adapters.stored import everything, numbers, people, rows, version

SAMPLE = Path(__file__).parents[4] / "config" / "sample"


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
    assert rows(tmp_path / FILE, "SELECT site, vip, disabled FROM directory_person WHERE id = 'p17'") == [
        ("Zürich", 1, 1)
    ]


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
    monkeypatch.setattr(writing, "TRANSACTION", 500)
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
    assert rows(tmp_path / FILE, "SELECT account, count(*) FROM directory_person GROUP BY account") == [(1, 500)]
    assert version(tmp_path / FILE) == 2


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


# -- large imports -----------------------------------------------------------------------------------------------------

MANY = "account,id,name,site,phones\n" + "".join(
    f"{account},p{number},Nam{number % 7} Ä{number % 11},Zürich,work:+493023{number:06}\n"
    for account in ("acme", "fleuron")
    for number in range(400)
)
_ENDLESS = """
import asyncio, sys, os, signal
from pathlib import Path
from ctibridge.lookup.adapters.importing import importer, writing
from ctibridge.lookup.adapters.importing.importer import Importer, Wish
from ctibridge.lookup.sources.files import open_tables
writing.TRANSACTION = 100
async def main(store, folder):
    def told(progress):
        if progress.step == "writing accounts" and progress.done == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    async with await Importer.open(Path(store), Wish()) as run:
        await run.run(open_tables([Path(folder)]), lambda fault: None, told)
if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
"""


async def test_in_other_processes_as_in_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        **WHOLE,
        "people": MANY + "acme,p1,Again,,\nzeta,p1,N,,\n",
        "phones": PHONES + "acme,p9,fax,4711,,\nacme,nobody,fax,4711,,\n",
    }
    here, there = Told(), Told()
    await imported(tmp_path / FILE, tmp_path / "files", files, told=here)
    monkeypatch.setattr(importer, "ALONE", 0)
    summary = await imported(tmp_path / "there.db", tmp_path / "files", files, told=there)
    assert everything(tmp_path / "there.db") == everything(tmp_path / FILE)
    assert sorted(there.refused) == sorted(here.refused)
    assert len(there.refused) == summary.refused == 3
    assert [one.text.value for one in there.faults if isinstance(one, Unusable)] == ["4711"]
    again = await imported(tmp_path / "there.db", tmp_path / "files", files)
    assert again.changes == 0


async def test_a_file_that_breaks_in_another_process_leaves_the_old_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    monkeypatch.setattr(importer, "ALONE", 0)
    before = everything(tmp_path / FILE)
    broken = MANY + "x" * (LONGEST_LINE + 1)
    with pytest.raises(Unreadable, match=r"people\.csv:802"):
        await imported(tmp_path / FILE, tmp_path / "files", {"people": broken})
    assert everything(tmp_path / FILE) == before


async def test_a_process_that_dies_is_one_line_and_nothing_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    monkeypatch.setattr(importer, "ALONE", 0)
    monkeypatch.setattr(importer, "sort", die_with_the_file_of_people)
    with pytest.raises(StoreFault, match=r"ended from outside.*nothing was imported.*run the same import again"):
        await imported(tmp_path / FILE, tmp_path / "files", {"people": MANY})
    assert version(tmp_path / FILE) == 1


def die_with_the_file_of_people(_job: object, _piece: object) -> Sorted:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


async def test_killed_in_the_middle_and_run_again(tmp_path: Path) -> None:
    """Each account is as before or as in the files; the second run does the rest and says how many were there."""
    await imported(tmp_path / "whole.db", tmp_path / "files", {**BASE, "people": MANY})
    program = tmp_path / "endless.py"
    program.write_text(_ENDLESS)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[4])}
    ended = subprocess.run(
        [sys.executable, program, tmp_path / FILE, tmp_path / "files"], env=environment, check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    assert rows(tmp_path / FILE, "SELECT account, count(*) FROM directory_person GROUP BY 1") == [(1, 400)]
    summary = await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": MANY})
    (counts,) = (one for one in summary.files if one.sheet.name == "people")
    assert (counts.new, counts.changed, counts.same) == (400, 0, 400)
    assert everything(tmp_path / FILE) == everything(tmp_path / "whole.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ctibridge.db", "endless.py", "files", "whole.db"]


async def test_a_disk_that_is_full_before_the_writing_leaves_the_old_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    before = everything(tmp_path / FILE)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("ctibridge.lookup.adapters.importing.spill.os.pwrite", full)
        with pytest.raises(StoreFault, match=r"No space left on device; .*make room and run the same import again"):
            await imported(tmp_path / FILE, tmp_path / "files", {"people": MANY})
    assert everything(tmp_path / FILE) == before


async def test_what_is_full_and_how_far_it_came_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", BASE)
    monkeypatch.setattr(writing, "TRANSACTION", 100)
    folder = write(tmp_path / "files", {"people": MANY})
    async with await Importer.open(tmp_path / FILE, Wish()) as run:
        ((pages,),) = await run._connection.execute_fetchall("PRAGMA page_count")
        await run._connection.execute(f"PRAGMA max_page_count = {pages + 28}")
        with pytest.raises(StoreFault) as fault:
            await run.run(open_tables([folder]), Told().faults.append, Told().count)
    assert str(fault.value) == (
        f"{tmp_path / FILE}: database or disk is full; 1 of 2 accounts are written, the others are as before; "
        "make room on its disk and run the same import again"
    )


async def test_people_of_an_account_whose_share_has_ended_are_refused(tmp_path: Path) -> None:
    """Accounts that were never shared are prepared ahead; the purge would take these at once."""
    shares = "account,role,ends_at\nacme,service_desk_analyst,2020-01-01\n"
    told = Told()
    await imported(tmp_path / FILE, tmp_path / "files", {**WHOLE, "role_shares": shares}, told=told)
    assert [line.split(" and its people")[0] for line in told.refused] == [
        "people.csv:2: account 'acme': its role share ended on 2020-01-01 00:00 UTC",
        "people.csv:3: account 'acme': its role share ended on 2020-01-01 00:00 UTC",
        "phones.csv:2: account 'acme': its role share ended on 2020-01-01 00:00 UTC",
    ]
    assert people(tmp_path / FILE) == ["fleuron/e1"]


async def test_the_collector_is_as_it_was(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    assert gc.isenabled()
    with pytest.raises(UnknownAccount):
        await imported(tmp_path / FILE, tmp_path / "files", WHOLE, Wish("alph"))
    assert gc.isenabled()


async def test_the_log_is_short_when_it_is_done(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", BASE)
    async with aiosqlite.connect(tmp_path / FILE) as daemon:
        await daemon.execute_fetchall("SELECT version FROM directory_change")
        await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": MANY})
        assert (tmp_path / f"{FILE}-wal").stat().st_size == 0
