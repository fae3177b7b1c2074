"""The driver: what goes wrong while it opens."""

import asyncio
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.own_or_shared import OwnOrShared
from ctibridge.lookup.adapters.schema import FILE, StoreFault, open_file
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings


@pytest.mark.parametrize("fault", [RuntimeError("no numbering plans here"), KeyboardInterrupt()])
async def test_any_fault_while_it_opens_closes_the_store_whose_thread_would_keep_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    closed: list[SqliteStore] = []
    close = SqliteStore.close

    async def spy(store: SqliteStore) -> None:
        await close(store)
        closed.append(store)

    async def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(SqliteStore, "close", spy)
    monkeypatch.setattr(asyncio, "to_thread", fail)
    with pytest.raises(type(fault)):
        await Lookup.open(tmp_path / FILE, ResolutionSettings(), LanguageSettings())
    assert len(closed) == 1


async def test_a_directory_that_cannot_be_read_is_named_when_it_opens(tmp_path: Path) -> None:
    path = tmp_path / FILE
    connection = await open_file(path)
    await connection.execute("ALTER TABLE directory_contact RENAME TO gone")
    await connection.close()
    with pytest.raises(StoreFault, match=r"ctibridge\.db: the directory in it cannot be read: .*; restore it"):
        await Lookup.open(path, ResolutionSettings(), LanguageSettings())


async def test_a_store_that_goes_without_people_has_no_index_until_it_has_them(tmp_path: Path) -> None:
    path = tmp_path / FILE
    either = OwnOrShared(await SqliteStore.open(path), await SqliteStore.open(tmp_path / "elsewhere.db"))
    lookup = await Lookup.open(path, ResolutionSettings(), LanguageSettings(), indexed=True, store=either)
    assert lookup.learned is not None
    try:
        assert [lookup.lean] == [True]
        assert [lookup.index] == [None]
        assert [lookup.learned.people] == [either.people]
        await lookup.keep(path)
        assert [lookup.lean] == [False]
        assert lookup.index is not None
        assert lookup.learned.people is None
        index = lookup.index
        await lookup.keep(path)
        assert lookup.index == index
    finally:
        await lookup.close()
        await either._own.close()
