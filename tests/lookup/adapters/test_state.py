"""How the store stands."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.domain.agent import RoleShare
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.schema import FILE, StoreFault, open_file
from ctibridge.lookup.adapters.state import of_directory, people_of
from ctibridge.lookup.readiness import People
from ctibridge.lookup.stored_numbers import FAX
from tests.lookup.adapters.directories import Held, Small, fill
from tests.lookup.examples import ACME, AT, FLEURON, MOBILE, REGULA

URS = replace(REGULA, key=PersonKey("acme", "p18"))
EVA = replace(REGULA, key=PersonKey("acme", "p19"))
SHARES = (RoleShare("acme", ends_at=AT), RoleShare("fleuron"))
HELD = (Held(REGULA.key, MOBILE), Held(REGULA.key, "4711", "work"), Held(URS.key, "+493023125199", FAX))


async def store(folder: Path, *shares: RoleShare) -> Path:
    path = folder / FILE
    await (await open_file(path)).close()
    fill(path, Small((ACME, FLEURON), (REGULA, URS, EVA), HELD, shares=shares))
    return path


def page_of(path: Path, name: str) -> tuple[int, int]:
    """(offset, size) of the first page of a table or an index."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    return (root - 1) * size, size


def spoil(path: Path, offset: int, size: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset : offset + size] = b"\xff" * size
    path.write_bytes(data)


async def test_who_is_in_it_and_of_whom(tmp_path: Path) -> None:
    found = await of_directory(await store(tmp_path), AT, 0)
    assert (found.people, found.numbers, found.left_behind, found.imports) == ({"acme": 3}, 3, {}, {})
    assert found.snapshot.accounts == {"acme": ACME, "fleuron": FLEURON}


async def test_who_should_have_left_is_counted(tmp_path: Path) -> None:
    path = await store(tmp_path, *SHARES)
    assert (await of_directory(path, AT, 0)).left_behind == {"acme": 3}
    assert (await of_directory(path, AT, 60)).left_behind == {}
    assert (await of_directory(path, AT + timedelta(seconds=60), 60)).left_behind == {"acme": 3}


async def test_it_is_read_beside_whoever_writes_and_nothing_is_made(tmp_path: Path) -> None:
    path = await store(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM directory_person")
        assert (await of_directory(path, AT, 0)).people == {"acme": 3}
        writer.execute("COMMIT")
        assert (await of_directory(path, AT, 0)).people == {}
    with pytest.raises(sqlite3.OperationalError):
        await of_directory(tmp_path / "none.db", AT, 0)
    assert not (tmp_path / "none.db").exists()


def test_a_command_that_finds_no_store_ends_without_a_thread_that_finds_its_loop_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen once in a whole run as the error of the test behind it; of 3,000 such ends 2,193 were so."""
    said: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", said.append)
    path = tmp_path / FILE
    for _ in range(20):
        with pytest.raises(sqlite3.OperationalError):
            asyncio.run(of_directory(path, AT, 0))
        with pytest.raises(sqlite3.OperationalError):
            asyncio.run(TokenStore.open_reader(path))
    for thread in set(threading.enumerate()) - {threading.current_thread()}:
        thread.join(0.1)
    assert said == []


async def test_the_people_of_one_customer_and_how_many_can_be_found_by_a_number(tmp_path: Path) -> None:
    path = await store(tmp_path)
    assert await people_of(path, "acme") == People(3, 1)  # one has a fax alone, one nothing
    assert await people_of(path, "fleuron") == People(0, 0)
    assert await people_of(path, "acmee") == People(0, 0)


async def test_the_fax_is_known_by_its_name(tmp_path: Path) -> None:
    path = await store(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT no FROM directory_label WHERE name = ?", (FAX,)).fetchall() == [(5,)]


async def test_people_of_a_store_that_cannot_be_read(tmp_path: Path) -> None:
    path = await store(tmp_path)
    spoil(path, *page_of(path, "sqlite_autoindex_directory_account_1"))
    with pytest.raises(StoreFault, match=FILE):
        await people_of(path, "acme")
