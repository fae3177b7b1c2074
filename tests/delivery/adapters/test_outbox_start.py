"""Which desks go on counting after which stop, and what stops the start."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import outbox_tables, sent_marks
from ctibridge.delivery.adapters.outbox import OutboxSettings
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.kept import KeptDesk, OutboxFault
from tests.delivery.adapters.outboxes import USUAL, close_unclean, desk, opened, sql, told
from tests.delivery.kept_examples import event, kept, pop


async def two_desks(folder: Path, settings: OutboxSettings = USUAL, *, clean: bool = False) -> None:
    """Of ana's events all were stored, of ben's one was sent that was not."""
    outbox = await opened(folder, settings=settings)
    told(outbox, 1, 3)
    told(outbox, 1, 3, "ben", "e2")
    outbox.keep_call(kept(1, "ben", pop=pop(1)))
    if clean:
        await outbox.close()
    else:
        await close_unclean(outbox)
        say_sent(folder, 1, 4)


def say_sent(folder: Path, slot: int, sequence: int) -> None:
    """As a kill leaves it between sending and storing."""
    (run,) = sql(folder, "SELECT run FROM outbox_state")[0]
    read = sent_marks.SentMarks.read(folder, str(run))
    assert read is not None
    marks = sent_marks.SentMarks.begin(folder, str(run), len(read))
    for no, mark in enumerate(read):
        marks.set(no, max(mark, sequence if no == slot else 0))
    marks.close()


async def epochs(folder: Path, boot: str = "boot-1") -> dict[str, str]:
    outbox = await opened(folder, boot=boot)
    found = {one.agent: one.epoch for one in outbox.desks}
    await close_unclean(outbox)
    return found


async def test_only_a_desk_that_may_have_heard_more_than_was_stored_begins_anew(tmp_path: Path) -> None:
    await two_desks(tmp_path)
    outbox = await opened(tmp_path)
    assert desk(outbox) == KeptDesk("ana", "e1", 3, 1, 0)
    ben = desk(outbox, "ben")
    assert ben.epoch.startswith("fresh-")
    assert (ben.sequence, ben.floor, ben.acked) == (0, 1, 0)
    assert ben.calls == (kept(1, "ben"),), "its calls stay"
    assert await outbox.pops("ben", ["01JDX001"]) == {"01JDX001": pop(1)}
    await outbox.close()


async def test_what_is_decided_holds_however_often_it_is_killed(tmp_path: Path) -> None:
    await two_desks(tmp_path)
    first = await epochs(tmp_path)
    assert await epochs(tmp_path) == first


async def test_the_events_of_before_are_out_of_reach_and_leave(tmp_path: Path) -> None:
    await two_desks(tmp_path)
    outbox = await opened(tmp_path)
    with pytest.raises(OutboxFault):
        await outbox.tail("ben", 0, 3)
    epoch = desk(outbox, "ben").epoch
    told(outbox, 1, 1, "ben", epoch)
    assert await outbox.flush()
    assert await outbox.tail("ben", 0, 1) == [event(1, "ben", epoch)]
    assert sql(tmp_path, "SELECT count(*) FROM desk_event WHERE key >> 32 = 1") == [(3,)]
    await outbox.forget_former()
    assert sql(tmp_path, "SELECT count(*) FROM desk_event WHERE key >> 32 = 1") == [(1,)]
    assert sql(tmp_path, "SELECT count(*) FROM desk_event WHERE key >> 32 = 0") == [(3,)]
    await outbox.close()


async def test_after_a_clean_stop_nobody_asks_for_marks(tmp_path: Path) -> None:
    await two_desks(tmp_path, clean=True)
    (tmp_path / sent_marks.FILE).unlink()
    assert await epochs(tmp_path, "boot-2") == {"ana": "e1", "ben": "e2"}


async def test_a_clean_stop_counts_once(tmp_path: Path) -> None:
    """The run after it may be killed, and then its marks count."""
    await two_desks(tmp_path, clean=True)
    await epochs(tmp_path)
    (tmp_path / sent_marks.FILE).unlink()
    assert {"e1", "e2"}.isdisjoint((await epochs(tmp_path)).values())


@pytest.mark.parametrize("stop", ["reboot", "no marks", "marks of another run", "more desks than slots"])
async def test_where_nobody_knows_every_desk_begins_anew(tmp_path: Path, stop: str) -> None:
    await two_desks(tmp_path, OutboxSettings(slots=1 if stop == "more desks than slots" else 9), clean=stop[0] == "m")
    if stop == "more desks than slots":
        sql(tmp_path, "UPDATE outbox_state SET clean = 0")
    elif stop == "no marks":
        (tmp_path / sent_marks.FILE).unlink()
    elif stop == "marks of another run":
        sql(tmp_path, "UPDATE outbox_state SET clean = 0, run = 'boot-1 another'")
    found = await epochs(tmp_path, "boot-2" if stop == "reboot" else "boot-1")
    assert {"e1", "e2"}.isdisjoint(found.values())
    assert len(set(found.values())) == 2


async def test_an_event_that_nobody_heard_leaves_the_epoch_as_it_is(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    told(outbox, 1, 3)
    assert await outbox.flush()
    outbox.keep_event(event(4, heard=False))
    assert marked(tmp_path) == 3
    assert await outbox.tail("ana", 3, 4) == [event(4, heard=False)]
    assert marked(tmp_path) == 4, "read before it was stored: now somebody may hear it"
    outbox.keep_event(event(5, heard=False))
    outbox.keep_heard("ana", "e1", 5)
    assert marked(tmp_path) == 5
    await outbox.close()


def marked(folder: Path) -> int:
    marks = sent_marks.SentMarks.read(folder, str(sql(folder, "SELECT run FROM outbox_state")[0][0]))
    assert marks is not None
    return marks[0]


async def test_without_marks_it_runs_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_marks.SentMarks, "begin", no_room)
    outbox = await opened(tmp_path)
    events = told(outbox, 1, 2)
    assert await outbox.flush()
    assert await outbox.tail("ana", 0, 2) == events
    await outbox.close()
    assert await epochs(tmp_path) == {"ana": "e1"}
    assert await epochs(tmp_path) != {"ana": "e1"}


def no_room(*_: object) -> sent_marks.SentMarks:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("harm", ["scrawled over", "halved", "a row that nobody can read", "a table is gone"])
async def test_a_damaged_file_is_set_aside_and_every_desk_begins_anew(tmp_path: Path, harm: str) -> None:
    """It was a refusal, and no desk had a pop until somebody came."""
    await two_desks(tmp_path, clean=True)
    hurt(tmp_path, harm)
    inode = (tmp_path / FILE).stat().st_ino
    outbox = await opened(tmp_path)
    assert outbox.desks == ()
    assert aside(tmp_path).stat().st_ino == inode
    told(outbox, 1, 1, "ana", "e9")
    assert await outbox.flush()
    await outbox.close()
    assert await epochs(tmp_path) == {"ana": "e9"}


async def test_what_was_set_aside_goes_with_a_purge_and_with_age(tmp_path: Path) -> None:
    """Nobody can say of whom it speaks."""
    (tmp_path / FILE).write_bytes(b"nothing of ours" * 1000)
    outbox = await opened(tmp_path)
    await outbox.forget(datetime.now(UTC))
    assert aside(tmp_path).exists(), "it is no older than what the desks keep"
    await outbox.forget(datetime.now(UTC) + timedelta(days=USUAL.keep.usual + 1))
    assert not aside(tmp_path).exists()
    aside(tmp_path).write_bytes(b"again")
    aside(tmp_path).with_name(aside(tmp_path).name + "-wal").write_bytes(b"and its log")
    await outbox.purge(frozenset({"acme"}))
    assert list(tmp_path.glob("*.damaged*")) == []
    await outbox.close()


async def test_what_cannot_be_set_aside_is_left_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE).write_bytes(b"nothing of ours" * 1000)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", no_room)
        outbox = await opened(tmp_path)
        told(outbox, 1, 1)
        assert not await outbox.flush()
    assert await outbox.flush()
    assert aside(tmp_path).exists()
    assert sql(tmp_path, "SELECT agent, sequence FROM desk") == [("ana", 1)]
    await outbox.close()


def hurt(folder: Path, harm: str) -> None:
    path = folder / FILE
    if harm == "scrawled over":
        path.write_bytes(b"nothing of ours" * 1000)
    elif harm == "halved":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif harm == "a table is gone":
        sql(folder, "DROP TABLE desk")
    else:
        sql(folder, "UPDATE desk_call SET facts = 'null'")


def aside(folder: Path) -> Path:
    return outbox_tables.aside_of(folder / FILE)


async def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    sql(tmp_path, "UPDATE schema_version SET version = 3")
    await refused(
        tmp_path, r"desks\.db: its tables \(desks\) are of version 3, this ctibridge knows 2; run the newer ctibridge"
    )


async def refused(folder: Path, why: str) -> None:
    with pytest.raises(OutboxFault, match=why) as told_why:
        await opened(folder)
    assert "\n" not in str(told_why.value)
