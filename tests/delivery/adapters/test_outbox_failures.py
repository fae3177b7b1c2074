"""A full disk, a broken file, a file that is gone: what can be kept is kept, what cannot is said."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.outbox import Outbox, OutboxSettings
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.kept import OutboxFault
from ctibridge.delivery.unwritten import Bounds
from tests.delivery.adapters.outboxes import desk, opened, sql, told
from tests.delivery.kept_examples import at, event, kept, pop

QUICK = OutboxSettings(gather=0.0, retry=0.001, retry_most=0.001)
LARGE = b"x" * 40_000


class Heard:
    """What the outbox said, in order."""

    def __init__(self, outbox: Outbox) -> None:
        self.states: list[tuple[bool, str]] = []
        self.lost: dict[str, int] = {}
        self.changed = asyncio.Event()
        outbox.on_state = self.state
        outbox.on_lost = self.lost.__setitem__

    def state(self, live_only: bool, why: str) -> None:
        self.states.append((live_only, why))
        self.changed.set()

    async def next(self) -> tuple[bool, str]:
        await asyncio.wait_for(self.changed.wait(), 30)
        self.changed.clear()
        return self.states[-1]


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    outbox = await opened(tmp_path, settings=QUICK)
    yield outbox
    await outbox.close()


class Disk:
    """Lets the outbox's files have so many pages and no more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._connect = outbox_tables.connect
        self.most: int | None = None
        monkeypatch.setattr(outbox_tables, "connect", self.connect)

    def connect(self, path: Path) -> tuple[sqlite3.Connection, bool]:
        connection, new = self._connect(path)
        if self.most is not None:
            connection.execute(f"PRAGMA max_page_count = {self.most}")
        return connection, new

    def fill(self, outbox: Outbox) -> None:
        self.most = 1
        writer: Any = outbox.file._writer
        writer.execute("PRAGMA max_page_count = 1")  # SQLite makes that: as many as there are


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


async def test_a_full_disk_is_said_once_and_everything_is_there_afterwards(
    outbox: Outbox, disk: Disk, tmp_path: Path
) -> None:
    heard = Heard(outbox)
    disk.fill(outbox)
    running = asyncio.create_task(outbox.run())
    for sequence in range(1, 6):
        outbox.keep_event(event(sequence, data=LARGE))
    outbox.keep_call(kept(1, pop=pop(1)))
    assert await heard.next() == (True, "database or disk is full; make room on that disk")
    outbox.keep_event(event(6))
    assert len(await outbox.tail("ana", 0, 6)) == 6
    assert await outbox.pops("ana", ["01JDX001"]) == {"01JDX001": pop(1)}
    assert sql(tmp_path, "SELECT count(*) FROM desk") == [(0,)], "no batch is half done"
    disk.most = None
    assert await heard.next() == (False, "")
    assert len(await outbox.tail("ana", 0, 6)) == 6
    assert sql(tmp_path, "SELECT sequence FROM desk") == [(6,)]
    assert [live_only for live_only, _ in heard.states] == [True, False]
    assert heard.lost == {}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_where_memory_ends_the_oldest_go_and_the_desk_knows_from_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    outbox = await opened(tmp_path, settings=OutboxSettings(bounds=Bounds(items=20)))
    heard = Heard(outbox)
    told(outbox, 1, 3)
    told(outbox, 1, 1, "ben")
    assert await outbox.flush()
    disk.fill(outbox)
    told(outbox, 2, 2, "ben")
    for sequence in range(4, 40):
        outbox.keep_event(event(sequence, data=LARGE))
    assert not await outbox.flush()
    floor = heard.lost["ana"]
    assert 4 < floor <= 39
    assert heard.lost["ben"] == 3
    with pytest.raises(OutboxFault):
        await outbox.tail("ana", floor - 2, 39)
    assert len(await outbox.tail("ana", floor - 1, 39)) == 40 - floor
    disk.most = None
    assert await outbox.flush()
    assert sql(tmp_path, "SELECT agent, sequence, floor FROM desk ORDER BY agent") == [
        ("ana", 39, floor),
        ("ben", 2, 3),
    ]
    assert sql(tmp_path, "SELECT min(key & 0xffffffff), count(*) FROM desk_event") == [(floor, 40 - floor)]
    await outbox.close()
    again = await opened(tmp_path)
    assert desk(again, "ben").sequence == 2, "the number of the lost event is not given again"
    await again.close()


async def test_who_keeps_something_is_not_spoken_to_meanwhile(tmp_path: Path) -> None:
    outbox = await opened(tmp_path, settings=OutboxSettings(bounds=Bounds(items=2)))
    heard = Heard(outbox)
    told(outbox, 1, 9)
    assert heard.lost == {}
    await outbox.flush()
    assert heard.lost["ana"] > 1
    await outbox.close()


@pytest.mark.parametrize("harm", ["deleted", "replaced", "scrawled over", "emptied"])
async def test_a_file_that_is_lost_while_it_runs_is_made_anew(tmp_path: Path, harm: str) -> None:
    outbox = await opened(tmp_path)
    heard = Heard(outbox)
    told(outbox, 1, 3)
    outbox.keep_ack("ana", 2)
    told(outbox, 1, 1, "ben")
    outbox.keep_call(kept(1, pop=pop(1)))
    assert await outbox.flush()
    await hurt(outbox, tmp_path / FILE, harm)
    hurt_inode = (tmp_path / FILE).stat().st_ino if harm != "deleted" else None
    held = told(outbox, 4, 5)
    outbox.keep_call(kept(2, pop=pop(2)))
    replaced: list[bool] = []
    outbox.on_replaced = lambda: replaced.append(True)
    assert await outbox.flush()
    assert heard.lost == {"ana": 4, "ben": 2}
    assert replaced == [True], "whoever kept facts keeps them again"
    assert [path.stat().st_ino for path in tmp_path.glob("*.damaged")] == ([hurt_inode] if hurt_inode else [])
    assert await outbox.tail("ana", 3, 5) == held
    with pytest.raises(OutboxFault):
        await outbox.tail("ana", 2, 5)
    assert set(await outbox.pops("ana", ["01JDX001", "01JDX002"])) == {"01JDX002"}
    assert sql(tmp_path, "SELECT agent, sequence, floor, acked FROM desk ORDER BY agent") == [
        ("ana", 5, 4, 2),
        ("ben", 1, 2, 0),
    ]
    await outbox.close()
    again = await opened(tmp_path)
    assert {one.epoch for one in again.desks} == {"e1"}
    await again.close()


async def hurt(outbox: Outbox, path: Path, harm: str) -> None:
    if harm == "deleted":
        path.unlink()
    elif harm == "replaced":
        path.with_suffix(".copy").write_bytes(path.read_bytes())
        path.with_suffix(".copy").rename(path)
    else:
        sql(path.parent, "PRAGMA wal_checkpoint(TRUNCATE)")
        path.write_bytes(b"" if harm == "emptied" else os.urandom(path.stat().st_size))
        # Whoever writes has all he needs in memory; whoever reads finds it out.
        with pytest.raises(OutboxFault):
            await outbox.tail("ana", 0, 3)


async def test_a_kill_after_it_was_made_anew_doubles_no_event(outbox: Outbox, tmp_path: Path) -> None:
    told(outbox, 1, 3)
    assert await outbox.flush()
    (tmp_path / FILE).unlink()
    told(outbox, 4, 4)
    assert await outbox.flush()
    told(outbox, 5, 5)
    again = await opened(tmp_path)
    assert desk(again).epoch != "e1"
    assert desk(again).sequence == 0
    await again.close()


async def test_what_only_a_reader_finds_broken_is_made_anew_too(outbox: Outbox, tmp_path: Path) -> None:
    """Else that desk could never resume again."""
    for sequence in range(1, 50):
        outbox.keep_event(event(sequence, data=LARGE))
    assert await outbox.flush()
    sql(tmp_path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(8192 * 12)
        file.write(b"\xff" * 8192 * (os.fstat(file.fileno()).st_size // 8192 - 12))
    with pytest.raises(OutboxFault, match="malformed"):
        await outbox.tail("ana", 0, 49)
    assert await outbox.flush()
    told(outbox, 50, 50)
    assert await outbox.tail("ana", 49, 50) == [event(50)]
    assert await outbox.flush()
    assert sql(tmp_path, "SELECT sequence, floor FROM desk") == [(50, 50)]


async def test_what_cannot_be_read_is_a_fault_and_nothing_else(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    told(outbox, 1, 1)
    outbox.keep_call(kept(1, pop=pop(1)))
    outbox.keep_fact("sat", "6001", b"ana")
    assert await outbox.flush()

    def broken(_: Path) -> sqlite3.Connection:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(outbox_tables, "connect_reader", broken)
    with pytest.raises(OutboxFault, match=r"desks\.db: disk I/O error"):
        await outbox.tail("ana", 0, 1)
    with pytest.raises(OutboxFault):
        await outbox.since("ana", at(0), 9)
    assert await outbox.pops("ana", ["01JDX001"]) == {}
    assert await outbox.fact("sat", "6001") is None
    assert await outbox.facts_of("sat", ["6001"]) == {}


async def test_a_stop_that_could_not_write_is_not_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    outbox = await opened(tmp_path)
    disk.fill(outbox)
    for sequence in range(1, 6):
        outbox.keep_event(event(sequence, data=LARGE))
    await outbox.close()
    assert sql(tmp_path, "SELECT clean FROM outbox_state") == [(0,)]
