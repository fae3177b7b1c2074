"""A writer that ends, also while more comes, and also while the process does."""

import asyncio
import errno
import gc
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ctibridge.delivery.adapters.outbox import Outbox, OutboxSettings
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.kept import OutboxFault
from ctibridge.delivery.ledger import Rows
from ctibridge.delivery.unwritten import Bounds
from tests.delivery.adapters.outboxes import Full, close_unclean, desk, opened, sql, told
from tests.delivery.kept_examples import ACME, at, event, kept, pop
from tests.delivery.test_unwritten_sights import sight
from tests.peers.process import until

QUICK = OutboxSettings(gather=0.0, retry=0.001, retry_most=0.001)


async def test_a_disk_that_works_again_is_said_so_while_events_keep_coming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One desk spoke during each batch, so that the writer never came to an end: "stored again" was said when the load
    ended, and a purge waited as long."""
    outbox = await opened(tmp_path)
    states: list[bool] = []
    outbox.on_state = lambda live_only, _: states.append(live_only)
    write, batches = outbox.file.write, 0

    def written(rows: Rows) -> bool:
        nonlocal batches
        batches += 1
        if batches == 1:
            raise OSError(28, "No space left on device")
        loop.call_soon_threadsafe(told, outbox, batches, batches)
        assert batches < 9, "it has no end"
        return write(rows)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(outbox.file, "write", written)
    told(outbox, 1, 1)
    assert not await outbox.flush()
    assert await outbox.flush()
    assert states == [True, False]
    assert (await outbox.tail("ana", 0, 2))[-1] == event(2), "it comes with the next"
    await outbox.purge(ACME)
    await outbox.close()


async def test_a_disk_that_hangs_is_said_and_one_that_is_full_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = await opened(tmp_path, settings=replace(QUICK, stuck_after=0.05))
    write, answers = outbox.file.write, threading.Event()
    full = OSError(errno.ENOSPC, "No space left on device")

    def hanging(rows: Rows) -> bool:
        answers.wait(10)
        return write(rows)

    def failing(rows: Rows) -> bool:
        raise full

    assert outbox.stuck() is None
    monkeypatch.setattr(outbox.file, "write", failing)
    told(outbox, 1, 1)
    assert not await outbox.flush()
    assert outbox.stuck() is None
    monkeypatch.setattr(outbox.file, "write", hanging)
    flushing = asyncio.create_task(outbox.flush())
    await until(lambda: outbox.stuck() is not None, "it stands still")
    assert "waits for the disk for more than 0.05 s" in str(outbox.stuck())
    answers.set()
    assert await flushing
    assert outbox.stuck() is None
    await outbox.close()


async def test_a_stop_during_a_purge_waits_for_it_to_end(tmp_path: Path) -> None:
    """ "Task exception was never retrieved: cannot schedule new futures after shutdown"."""
    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    outbox = await opened(tmp_path)
    for number in range(50):
        outbox.keep_event(replace(event(1, f"agent-{number}"), accounts=ACME))
    assert await outbox.flush()
    abandoned, waiting = asyncio.create_task(outbox.purge(ACME)), asyncio.create_task(outbox.purge(ACME))
    forgetting = asyncio.create_task(outbox.forget(at(0)))
    await asyncio.sleep(0)
    abandoned.cancel()
    await outbox.close()
    with pytest.raises(OutboxFault, match="being stopped; purge again"):
        await waiting
    await asyncio.gather(abandoned, forgetting, return_exceptions=True)
    del abandoned, waiting, forgetting
    gc.collect()
    assert said == []
    assert sql(tmp_path, "SELECT clean FROM outbox_state") == [(1,)]


async def test_a_desk_that_heard_nothing_yet_keeps_its_epoch_over_a_clean_stop(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    outbox.keep_heard("ana", "e1", 0)
    await outbox.close()
    again = await opened(tmp_path)
    assert (desk(again).epoch, desk(again).sequence, desk(again).floor) == ("e1", 0, 1)
    await again.close()


@pytest.fixture
def patched() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.mark.parametrize("readable", [True, False])
async def test_a_start_on_a_full_disk_is_a_start_all_the_same(
    tmp_path: Path, patched: pytest.MonkeyPatch, *, readable: bool
) -> None:
    """It was none: systemd began it again and again, and no desk had any service."""
    outbox = await opened(tmp_path)
    told(outbox, 1, 3)
    told(outbox, 1, 2, "ben", "e2")
    outbox.keep_call(kept(1, "ana", pop=pop(1)))
    await outbox.close()
    full = Full(patched, readable=readable)
    outbox = await opened(tmp_path, settings=QUICK)
    assert {one.agent: (one.sequence, one.floor, one.calls) for one in outbox.desks} == (
        {"ana": (0, 1, (kept(1),)), "ben": (0, 1, ())} if readable else {}
    )
    assert {"e1", "e2"}.isdisjoint(one.epoch for one in outbox.desks)
    epoch = desk(outbox, "ben").epoch if readable else "e3"
    await serves_until_mended(outbox, full, epoch)
    assert sql(tmp_path, "SELECT agent, no, sequence FROM desk ORDER BY agent") == [
        ("ana", 0, 0),
        ("ben", 1, 2),
        ("cleo", 2, 1),
    ]
    assert len(await outbox.tail("ben", 0, 2)) == 2
    assert set(await outbox.pops("ana", ["01JDX001"])) == {"01JDX001"}, "what was there before is still there"
    await outbox.close()
    again = await opened(tmp_path)
    assert desk(again, "ben").epoch == epoch
    assert desk(again, "cleo").sequence == 1
    await again.close()


async def serves_until_mended(outbox: Outbox, full: Full, epoch: str) -> None:
    states: asyncio.Queue[tuple[bool, str]] = asyncio.Queue()
    outbox.on_state = lambda live_only, why: states.put_nowait((live_only, why))
    running = asyncio.create_task(outbox.run())
    assert await asyncio.wait_for(states.get(), 30) == (True, "database or disk is full; make room on that disk")
    told(outbox, 1, 2, "ben", epoch)
    told(outbox, 1, 1, "cleo", "e4")
    assert len(await outbox.tail("ben", 0, 2)) == 2
    assert await outbox.pops("ben", ["01JDX001"]) == {}, "not what stands there under the number of another"
    full.mend()
    assert await asyncio.wait_for(states.get(), 30) == (False, "")
    assert await outbox.flush()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_was_written_after_a_start_on_a_full_disk_is_not_taken_for_clean(
    tmp_path: Path, patched: pytest.MonkeyPatch
) -> None:
    """The run before had ended clean; this one is killed."""
    outbox = await opened(tmp_path)
    told(outbox, 1, 3)
    await outbox.close()
    full = Full(patched)
    outbox = await opened(tmp_path)
    told(outbox, 1, 1, "ana", "e5")
    full.mend()
    assert await outbox.flush()
    await close_unclean(outbox)
    again = await opened(tmp_path)
    assert desk(again).epoch not in {"e1", "e5"}
    await again.close()


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        (sqlite3.SQLITE_CANTOPEN, "must be writable"),
        (sqlite3.SQLITE_READONLY, "must be writable"),
        (sqlite3.SQLITE_IOERR, "see whether it is broken"),
        (sqlite3.SQLITE_BUSY, "another program holds it; end that one"),
    ],
)
async def test_a_file_that_takes_nothing_is_no_reason_to_stop(
    tmp_path: Path, patched: pytest.MonkeyPatch, code: int, mend: str
) -> None:
    """Of a full disk SQLite says "unable to open" where its log cannot be made, as it does of a folder that is not
    ours: that was a refusal."""
    Full(patched, code)
    outbox = await opened(tmp_path, settings=QUICK)
    states: asyncio.Queue[tuple[bool, str]] = asyncio.Queue()
    outbox.on_state = lambda live_only, why: states.put_nowait((live_only, why))
    running = asyncio.create_task(outbox.run())
    live_only, why = await asyncio.wait_for(states.get(), 30)
    assert live_only
    assert mend in why
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await outbox.close()


async def test_a_newer_file_is_a_refusal_also_on_a_full_disk(tmp_path: Path, patched: pytest.MonkeyPatch) -> None:
    await (await opened(tmp_path)).close()
    sql(tmp_path, "UPDATE schema_version SET version = 3")
    Full(patched)
    with pytest.raises(OutboxFault, match=r"desks\.db: its tables \(desks\) are of version 3"):
        await opened(tmp_path)
    assert (tmp_path / FILE).exists()


async def test_who_was_seen_is_kept_once_with_the_first_time(tmp_path: Path) -> None:
    for day in (0, 1):
        outbox = await opened(tmp_path)
        outbox.keep_sights([replace(sight(), at=at(day)), replace(sight(how="search"), at=at(day))])
        await outbox.close()
    assert sql(tmp_path, "SELECT agent, account, person, call, how, at FROM desk_sight ORDER BY how") == [
        ("ana", "acme", "p1", "c1", "pop", at(0).timestamp()),
        ("ana", "acme", "p1", "c1", "search", at(0).timestamp()),
    ]


async def test_sights_wait_for_a_disk_that_takes_nothing_and_the_log_says_how_many_did_not_fit(
    tmp_path: Path, patched: pytest.MonkeyPatch
) -> None:
    full = Full(patched)
    outbox = await opened(tmp_path, settings=replace(QUICK, bounds=Bounds(sights=3)))
    outbox.keep_sights(sight(number, person="canary-9") for number in range(8))
    assert not await outbox.flush()
    full.mend()
    with capture_logs() as logged:
        assert await outbox.flush()
    assert sql(tmp_path, "SELECT count(*) FROM desk_sight") == [(3,)]
    assert [one["sights"] for one in logged if one["event"] == "outbox.sights_lost"] == [5]
    assert "canary-9" not in repr(logged)
    await outbox.close()
