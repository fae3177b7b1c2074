"""What is kept of imports: when, and how many numbers help nobody."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosqlite

from ctibridge.lookup.adapters.importing import journal
from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.importing.journal import Entry
from ctibridge.lookup.adapters.schema import FILE
from tests.lookup.adapters.files import BASE, WHOLE, imported
from tests.lookup.adapters.stored import rows, version

BAD = """\
account,person,label,number
acme,p17,home,none
acme,p18,home,12345
acme,p18,fax,+49 30 23125199
acme,p18,work,x
"""


async def kept(store: Path) -> dict[str, Entry]:
    async with aiosqlite.connect(store) as connection:
        return await journal.entries(connection)


async def test_each_account_of_which_people_were_told(tmp_path: Path) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    found = await kept(tmp_path / FILE)
    assert found.keys() == {"acme", "fleuron"}
    assert before <= found["acme"].at <= datetime.now(UTC)
    assert (found["acme"].numbers, found["acme"].unmatchable) == (5, {})


async def test_numbers_that_can_never_match_are_counted_by_reason_without_faxes(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", {**WHOLE, "phones": BAD})
    acme = (await kept(tmp_path / FILE))["acme"]
    assert acme.unmatchable["no digits"] == 2
    assert sum(acme.unmatchable.values()) == 2


async def test_what_tells_no_number_leaves_what_is_known_of_them(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", {**WHOLE, "phones": BAD})
    before = (await kept(tmp_path / FILE))["acme"]
    people = "account,id,name\nacme,p17,Regula Frei\n"
    await imported(tmp_path / FILE, tmp_path / "files", {"people": people})
    after = (await kept(tmp_path / FILE))["acme"]
    assert (after.numbers, after.unmatchable) == (before.numbers, before.unmatchable)
    assert after.at >= before.at


async def test_the_same_files_again_are_fresh_and_change_nothing_for_a_daemon(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    await _age(tmp_path / FILE)
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    assert all(entry.at.year > 2000 for entry in (await kept(tmp_path / FILE)).values())
    assert version(tmp_path / FILE) == 1


async def test_without_people_nothing_is_kept_and_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", BASE)
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE, Wish(dry_run=True))
    assert await kept(tmp_path / FILE) == {}


async def test_it_is_a_room_of_its_own(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    assert (journal.ROOM, journal.VERSION) in rows(tmp_path / FILE, "SELECT room, version FROM schema_version")


async def _age(store: Path) -> None:
    async with aiosqlite.connect(store) as connection:
        await connection.execute("UPDATE import_journal SET at = '2000-01-01T00:00:00+00:00'")
        await connection.commit()
