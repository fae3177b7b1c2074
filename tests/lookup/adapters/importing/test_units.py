"""Pieces of an account that fit into memory."""

from pathlib import Path

import pytest

from ctibridge.lookup.adapters.importing import units
from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.importing.reading import rows_of, sort
from ctibridge.lookup.adapters.importing.spill import Spill
from ctibridge.lookup.adapters.importing.units import Piece, split
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.sheets import Refused
from tests.lookup.adapters.files import BASE, Told, imported
from tests.lookup.adapters.jobs import job, packed_of
from tests.lookup.adapters.stored import everything

PEOPLE = "account,id,name,phones\n" + "".join(f"acme,p{at},N{at} Name,work:+4930231{at:05}\n" for at in range(300))
PHONES = "account,person,label,number\n" + "".join(f"acme,p{at},home,+4930232{at:05}\n" for at in range(300))


def test_what_tells_of_one_person_comes_together_however_his_id_is_written(tmp_path: Path) -> None:
    files = {"people": "account,id,name\n" + "".join(f'acme," p{at}",N\n' for at in range(50)), "phones": PHONES}
    work, pieces = job(tmp_path / "files", files)
    with Spill(tmp_path) as spill:
        for table, chunk in pieces:
            for packed in packed_of("acme", {table: sort(work, (table, chunk))}):
                parts = split(work, Piece("acme", 4, packed))
                spill.add(table, parts.groups, parts.data)
        found = [
            {
                int(row[1][1].strip()[1:])
                for packed in spill.read(f"{part}/acme")
                for row in rows_of(work.sources[packed[0]], packed)
                if not isinstance(row, Refused)
            }
            for part in range(4)
        ]
    assert all(found)
    assert sorted(at for part in found for at in part) == list(range(300))


@pytest.mark.parametrize("unit", [500, 4_000_000])
async def test_a_large_account_in_pieces_is_the_account(
    tmp_path: Path, unit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(tmp_path / "whole.db", tmp_path / "files", {**BASE, "people": PEOPLE, "phones": PHONES})
    monkeypatch.setattr(units, "UNIT", unit)
    told = Told()
    twice = PEOPLE + "acme,p7,Again,\n" + "acme,p8,Again,\n" + "acme,p9\n"
    files = {**BASE, "people": twice, "phones": PHONES, "requests": "account,id,subject\nacme,r1,Help\nacme,r1,Help\n"}
    summary = await imported(tmp_path / FILE, tmp_path / "files", files, told=told)
    assert everything(tmp_path / FILE) == everything(tmp_path / "whole.db")
    assert sorted(told.refused) == [
        "people.csv:302: stands already in line 9; leave one out",
        "people.csv:303: stands already in line 10; leave one out",
        "people.csv:304: 2 cells under 4 columns; put cells with a comma in quotes",
        "requests.csv:3: stands already in line 2; leave one out",
    ]
    assert (summary.refused, summary.numbers.new) == (4, 600)
    again = await imported(tmp_path / FILE, tmp_path / "files", {"people": PEOPLE, "phones": PHONES})
    assert again.changes == 0


async def test_a_large_account_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "UNIT", 500)
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": PEOPLE, "phones": PHONES})
    half = "".join(PEOPLE.splitlines(keepends=True)[:151])
    summary = await imported(tmp_path / FILE, tmp_path / "files", {"people": half}, Wish("acme", replace=True))
    assert (summary.files[0].removed, summary.numbers.removed) == (150, 300)
    assert len(everything(tmp_path / FILE)["people"]) == 150
