"""While people leave, others write: who is shared again meanwhile, stays."""

from datetime import datetime, timedelta
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.lookup.adapters import purge as purging
from ctibridge.lookup.adapters.acts import Actor, Acts
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.purge import ended, purge
from tests.lookup.adapters.test_purge import ABOUT_PEOPLE, ENDED, sql, store
from tests.lookup.examples import AT


def everything_of_acme(path: Path) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: sql(path, f"SELECT * FROM {table} WHERE account IN (1, 'acme')")  # noqa: S608
        for table in ABOUT_PEOPLE
    }


@pytest.mark.parametrize("until", [None, AT + timedelta(seconds=1)])
async def test_an_account_that_is_shared_again_when_its_people_are_to_go_keeps_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: datetime | None
) -> None:
    """It was asked once, before anything went: shared and imported again (0 new), all the people went after that."""
    path = await store(tmp_path, *ENDED)
    (tmp_path / index_file.FILE).write_bytes(b"of people who stay")
    asked: list[datetime] = []

    async def then_shared(connection: aiosqlite.Connection, before: datetime) -> list[tuple[int, str]]:
        over = await ended(connection, before)
        asked.append(before)
        if len(asked) == 1:
            async with await Acts.open(path, Actor("root", AT)) as acts:
                await acts.share("acme", until)
        return over

    held = everything_of_acme(path)
    assert all(held.values())
    monkeypatch.setattr(purging, "ended", then_shared)
    assert await purge(path, AT, 0) == {}
    assert everything_of_acme(path) == held
    assert asked == [AT, AT]
    assert (tmp_path / index_file.FILE).exists()


@pytest.mark.parametrize(("rows", "gone"), [(1, 1), (2, 2), (5_000, 2)])
async def test_an_account_that_is_shared_again_while_its_people_go_keeps_all_that_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, gone: int
) -> None:
    """Also when all the people are gone: what stands beside them may be the next import's."""
    path = await store(tmp_path, *ENDED)
    monkeypatch.setattr(purging, "ROWS", rows)
    # By a trigger, as nobody else may write in a transaction: it holds from the end of the first one.
    sql(path, "CREATE TRIGGER shared AFTER DELETE ON directory_person "
              "BEGIN UPDATE directory_role_share SET ends_at = NULL WHERE account = 'acme'; END")  # fmt: skip
    held = everything_of_acme(path)
    assert await purge(path, AT, 0) == {"acme": gone}
    left = everything_of_acme(path)
    assert len(left["directory_person"]) == 2 - gone
    for table in set(ABOUT_PEOPLE) - {"directory_person", "directory_phone", "directory_term"}:
        assert left[table] == held[table] != []
    assert sql(path, "SELECT purged FROM directory_account WHERE id = 'acme'") == [(0,)]
    assert await purge(path, AT, 0) == {}


async def test_who_is_to_go_is_read_in_the_transaction_that_removes_him(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read before it, a number of the store may be by then of somebody elsewhere: SQLite gives the highest again."""
    path, real, inside = await store(tmp_path, *ENDED), purging._people, []

    async def spy(connection: aiosqlite.Connection, no: int) -> list[int]:
        inside.append(connection.in_transaction)
        return await real(connection, no)

    monkeypatch.setattr(purging, "_people", spy)
    await purge(path, AT, 0)
    assert inside == [True, True]
