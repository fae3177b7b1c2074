"""The driver: what goes wrong while it opens."""

import asyncio
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.lookup import Lookup
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
