"""Somebody is erased while an import reads files that still have him: it does not bring him back."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.erasing import Erasing
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.progress import Progress
from tests.lookup.adapters.files import WHOLE, Told, imported
from tests.lookup.adapters.stored import rows


class Erases(Told):
    """As another process would, once, when the first rows were read."""

    def __init__(self, store: Path) -> None:
        super().__init__()
        self._store = store

    def count(self, progress: Progress) -> None:
        if not self.progress:
            thread = Thread(target=asyncio.run, args=(self._erase(),))
            thread.start()
            thread.join()
        super().count(progress)

    async def _erase(self) -> None:
        async with await Erasing.open(self._store) as erasing:
            subject = await erasing.person("acme", "p17")
            await erasing.order(subject, Actor("meg", datetime(2026, 11, 22, tzinfo=UTC)), keep_out=True)


async def test_who_was_erased_while_files_were_read_stays_out(tmp_path: Path) -> None:
    store = tmp_path / FILE
    await imported(store, tmp_path / "files", WHOLE)
    before = rows(store, "SELECT id FROM directory_person WHERE id = 'p17'")
    assert before
    with pytest.raises(StoreFault, match="erased meanwhile; nothing was imported; run the same import again"):
        await imported(store, tmp_path / "files", WHOLE, told=Erases(store))
    assert rows(store, "SELECT id FROM directory_person WHERE id = 'p17'") == []
    await imported(store, tmp_path / "files", WHOLE)
    assert rows(store, "SELECT id FROM directory_person WHERE id = 'p17'") == []
