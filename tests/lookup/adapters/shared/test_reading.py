"""What a store has of people, as it lies in Redis."""

from pathlib import Path

from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.shared import record as records
from ctibridge.lookup.adapters.shared.reading import opened
from ctibridge.lookup.adapters.shared.state import Standing
from tests.lookup.adapters.directories import sqlite
from tests.lookup.adapters.test_directory_behaviour import ELODIE, SMALL, URS


async def test_each_person_as_the_store_itself_has_him(tmp_path: Path) -> None:
    store = await sqlite(SMALL, tmp_path)
    async with opened(tmp_path / FILE) as reading:
        accounts = await reading.accounts()
        pieces = [piece async for piece in reading.everybody(3)]
        assert [len(piece) for piece in pieces] == [3, 1]
        for piece in pieces:
            assert await reading.people(list(piece)) == piece
            for (no, one), record in piece.items():
                key = next(each.key for each in SMALL.people if (each.key.account, each.key.id) == (accounts[no], one))
                expected = next(each for each in SMALL.complete() if each.key == key)
                assert records.person(key, record) == expected
        assert await reading.people([(99, "p17"), (1, "gone")]) == {}
        assert await reading.counts() == (4, 9)
        assert await reading.most_people() == 4
    await store.close()


async def test_where_it_stands_and_what_it_knows(tmp_path: Path) -> None:
    await (await sqlite(SMALL, tmp_path)).close()
    async with opened(tmp_path / FILE) as reading:
        now = await reading.standing()
        assert now.version == 9
        assert now.stamp
        assert await reading.knows(now)
        assert not await reading.knows(Standing(9, "another"))
        assert not await reading.knows(Standing(8, now.stamp))
        assert {one for _, one in await reading.changed(7)} == {"p17", "p18", "gone"}
        assert await reading.changed(9) == []
        numbers = {name: no for no, name in (await reading.accounts()).items()}
        assert (numbers[URS.key.account], "gone") in await reading.changed(8)
        assert ELODIE.key.account in numbers
