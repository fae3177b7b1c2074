"""What is on the disk is opened together, or not at all."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge import resources
from ctibridge.config import NodeSettings, Settings
from ctibridge.delivery.tokens import SHIFT, Kind
from ctibridge.installation import StartError
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import StoreFault
from ctibridge.resources import RESERVE, reserve
from ctibridge.sd_notify import Notifier
from ctibridge.stores import Stores

NOBODY = Notifier(None, None)


async def opened(state_dir: Path, stack: AsyncExitStack) -> Stores:
    return await Stores.open(Settings(node=NodeSettings("test", state_dir)), NOBODY, stack)


async def test_they_are_closed_by_whoever_has_the_stack(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        stores = await opened(tmp_path, stack)
        assert stores.lookup.snapshot().agents == {}
        assert stores.presence.why_not is None
    assert {file.name for file in tmp_path.iterdir()} >= {"ctibridge.db", "desks.db"}


async def test_a_store_that_is_none_is_named_and_nothing_stays_open(tmp_path: Path) -> None:
    (tmp_path / "ctibridge.db").write_bytes(b"this is no database, and long enough to be looked at" * 20)
    async with AsyncExitStack() as stack:
        with pytest.raises(StartError, match=r"ctibridge\.db"):
            await opened(tmp_path, stack)
        assert not stack.pop_all()._exit_callbacks  # type: ignore[attr-defined]


async def test_a_newer_version_is_refused_with_its_mend_alone(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        await opened(tmp_path, stack)
    with closing(sqlite3.connect(tmp_path / "ctibridge.db")) as db, db:
        db.execute("UPDATE schema_version SET version = 77 WHERE room = 'delivery'")
    async with AsyncExitStack() as stack:
        with pytest.raises(StartError, match="run the newer ctibridge"):
            await opened(tmp_path, stack)


async def test_what_no_room_mends_costs_no_reserve(tmp_path: Path) -> None:
    """A store of a newer version was said to have been opened by it, and the 2 MiB were gone."""
    async with AsyncExitStack() as stack:
        await opened(tmp_path, stack)
    reserve(tmp_path)
    with closing(sqlite3.connect(tmp_path / "ctibridge.db")) as db, db:
        db.execute("UPDATE schema_version SET version = 77")
    async with AsyncExitStack() as stack:
        with capture_logs() as said, pytest.raises(StartError, match="run the newer ctibridge"):
            await opened(tmp_path, stack)
    assert said == []
    assert (tmp_path / RESERVE).exists()


async def test_who_signs_in_during_an_import_keeps_no_desk_waiting(tmp_path: Path) -> None:
    """Every desk and every question of the telephone system waited behind him, 5 s for each who signed in."""
    at = datetime.now(UTC)
    async with AsyncExitStack() as stack:
        stores = await opened(tmp_path, stack)
        text, token = await stores.tokens.issue(Kind.DESK, "ana", None, at)
        with closing(sqlite3.connect(tmp_path / "ctibridge.db", isolation_level=None)) as importing:
            importing.execute("BEGIN IMMEDIATE")
            signing_in = asyncio.create_task(stores.sign_ins.sign_in("ben", at + SHIFT, at, 10))
            assert await asyncio.wait_for(stores.tokens.find(text), 3) == token
            assert not signing_in.done()
            importing.execute("COMMIT")
        assert (await signing_in)[1] in await stores.tokens.all()
        assert await stores.tokens.changed()


async def test_where_a_full_disk_keeps_the_store_shut_the_reserve_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There was no start, and no pop, until somebody made room."""
    open_lookup = Lookup.open

    async def on_full_disk(path: Path, *rest: object, **more: object) -> Lookup:
        if (path.parent / RESERVE).exists():
            raise StoreFault(f"{path}: disk I/O error")
        return await open_lookup(path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Lookup, "open", on_full_disk)
    reserve(tmp_path)
    async with AsyncExitStack() as stack:
        await opened(tmp_path, stack)
    reserve(tmp_path)
    monkeypatch.setattr(resources, "give_back", lambda _: False)
    async with AsyncExitStack() as stack:
        with pytest.raises(StartError, match="disk I/O error"):
            await opened(tmp_path, stack)
