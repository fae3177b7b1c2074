"""What was kept is read back, from memory and file together, in this run and in the next."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import outbox as outbox_module
from ctibridge.delivery.adapters import outbox_leaving
from ctibridge.delivery.adapters.outbox import Outbox, OutboxSettings
from ctibridge.delivery.kept import KEPT_EVENTS, KeptDesk, OutboxFault
from ctibridge.delivery.ledger import Rows
from ctibridge.delivery.standing import SLACK
from ctibridge.delivery.terms import Terms
from ctibridge.domain.call import Outcome
from tests.delivery.adapters.outboxes import desk, opened, sql, told
from tests.delivery.examples import AT, ended
from tests.delivery.kept_examples import at, event, kept, note, pop


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    outbox = await opened(tmp_path)
    yield outbox
    await outbox.close()


async def test_a_tail_is_read_from_memory_and_file_together(outbox: Outbox) -> None:
    stored = told(outbox, 1, 3)
    assert await outbox.flush()
    held = told(outbox, 4, 6)
    assert await outbox.tail("ana", 0, 6) == stored + held
    assert await outbox.tail("ana", 2, 5) == [stored[2], *held[:2]]
    assert await outbox.tail("ana", 0, 2) == stored[:2]
    assert await outbox.tail("ana", 5, 6) == [held[2]]
    assert await outbox.tail("ana", 6, 6) == []


async def test_a_tail_that_lacks_something_is_a_fault(outbox: Outbox) -> None:
    told(outbox, 5, 6)
    for agent, after, until in (("ana", 3, 6), ("ana", 4, 7), ("nobody", 0, 1)):
        with pytest.raises(OutboxFault, match="missing"):
            await outbox.tail(agent, after, until)


async def test_reading_while_it_is_written_misses_nothing(outbox: Outbox) -> None:
    """Between "taken for writing" and "committed" an event must not be in neither."""
    running = asyncio.create_task(outbox.run())
    for sequence in range(1, 200):
        told(outbox, sequence, sequence)
        writing = asyncio.create_task(outbox.flush())
        tail = await outbox.tail("ana", 0, sequence)
        assert [one.sequence for one in tail] == list(range(1, sequence + 1))
        await writing
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_run_writes_and_says_what_is_stored_once_for_a_desk_and_batch(outbox: Outbox, tmp_path: Path) -> None:
    stored: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
    outbox.on_stored = lambda agent, sequence: stored.put_nowait((agent, sequence))
    running = asyncio.create_task(outbox.run())
    told(outbox, 1, 3)
    told(outbox, 1, 1, "ben")
    assert {await stored.get(), await stored.get()} == {("ana", 3), ("ben", 1)}
    assert stored.empty()
    assert sql(tmp_path, "SELECT agent, sequence FROM desk ORDER BY agent") == [("ana", 3), ("ben", 1)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_after_a_clean_stop_each_desk_stands_where_it_stood(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    told(outbox, 1, 4)
    told(outbox, 1, 2, "ben", "e2")
    outbox.keep_ack("ana", 3)
    outbox.keep_ack("ben", 9)
    await outbox.close()
    again = await opened(tmp_path, boot="another boot")
    assert sorted(again.desks, key=lambda one: one.agent) == [
        KeptDesk("ana", "e1", 4, 1, 3),
        KeptDesk("ben", "e2", 2, 1, 2),
    ]
    assert await again.tail("ana", 0, 4) == [event(n) for n in range(1, 5)]
    await again.close()


async def test_the_tail_is_bounded_and_its_floor_says_so(outbox: Outbox, tmp_path: Path) -> None:
    newest = KEPT_EVENTS + SLACK + 1
    told(outbox, 1, newest)
    assert await outbox.flush()
    assert await outbox.tail("ana", newest - KEPT_EVENTS, newest) != []
    with pytest.raises(OutboxFault):
        await outbox.tail("ana", newest - KEPT_EVENTS - 1, newest)
    assert sql(tmp_path, "SELECT count(*) FROM desk_event") == [(KEPT_EVENTS,)]
    assert sql(tmp_path, "SELECT floor FROM desk") == [(newest - KEPT_EVENTS + 1,)]


async def test_calls_come_back_without_pops_where_they_go_on_or_ended_of_late(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    told(outbox, 1, 1)
    late = kept(2, of=ended(kept(2).call), notes=(note("back at 5"),), pop=pop(2))
    old = kept(3, of=replace(late.call, id="01JDX003", ended_at=AT - timedelta(minutes=31)), pop=pop(3))
    for one in (late, old, kept(1, pop=pop(1))):
        outbox.keep_call(one)
    await outbox.close()
    again = await opened(tmp_path, at(5))
    assert desk(again).calls == (kept(1), replace(late, pop=None))
    assert await again.pops("ana", ["01JDX001", "01JDX003", "unknown"]) == {"01JDX001": pop(1), "01JDX003": pop(3)}
    await again.close()


async def test_an_answered_call_is_worked_on_for_two_hours_over_a_restart_too(tmp_path: Path) -> None:
    """Behind a restart in minute forty a note for it was refused: unknown_call."""
    outbox = await opened(tmp_path)
    told(outbox, 1, 1)
    late, old = (
        kept(n, of=replace(ended(kept(n).call, Outcome.ANSWERED_HERE), ended_at=AT - timedelta(minutes=minutes)))
        for n, minutes in ((2, 119), (3, 121))
    )
    for one in (late, old):
        outbox.keep_call(one)
    await outbox.close()
    again = await opened(tmp_path)
    assert desk(again).calls == (late,)
    await again.close()


async def test_a_pop_that_did_not_change_is_not_forgotten(outbox: Outbox) -> None:
    told(outbox, 1, 1)
    outbox.keep_call(kept(1, pop=pop(1)))
    assert await outbox.flush()
    outbox.keep_call(kept(1, revision=2))
    assert await outbox.since("ana", AT, 9) == [kept(1, revision=2, pop=pop(1))], "the pop is in the file"
    assert await outbox.flush()
    assert await outbox.pops("ana", ["01JDX001"]) == {"01JDX001": pop(1)}
    assert await outbox.since("ana", AT, 9) == [kept(1, revision=2, pop=pop(1))]


async def test_the_calls_of_a_day_come_newest_first(outbox: Outbox) -> None:
    told(outbox, 1, 1)
    for number in (1, 2, 3):
        outbox.keep_call(kept(number, pop=pop(number)))
    assert await outbox.flush()
    outbox.keep_call(kept(4))
    outbox.keep_call(kept(2, revision=7))
    found = await outbox.since("ana", at(2), 9)
    assert [(one.call.id, one.revision, one.pop is not None) for one in found] == [
        ("01JDX004", 0, False),
        ("01JDX003", 0, True),
        ("01JDX002", 7, True),
    ]
    assert [one.call.id for one in await outbox.since("ana", AT, 2)] == ["01JDX004", "01JDX003"]
    assert await outbox.since("nobody", AT, 2) == []


async def test_facts_of_other_rooms_come_back(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    for key, body in (("6001", b"ana"), ("6002", b"ben"), ("6001", b"cleo")):
        outbox.keep_fact("sat", key, body)
    assert await outbox.fact("sat", "6001") == b"cleo"
    assert await outbox.flush()
    outbox.keep_fact("sat", "6002", None)
    assert await outbox.fact("sat", "6001") == b"cleo"
    assert await outbox.fact("sat", "6002") is None
    await outbox.close()
    again = await opened(tmp_path)
    assert await again.facts("sat") == {"6001": b"cleo"}
    await again.close()


async def test_facts_are_read_by_their_names_from_memory_and_file_in_pieces(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One read for each: 20,000 took 1.7 seconds."""
    monkeypatch.setattr(outbox_module, "FACTS_AT_ONCE", 2)
    for number in range(6):
        outbox.keep_fact("asked", f"call{number}", b"%d" % number)
    assert await outbox.flush()
    outbox.keep_fact("asked", "call0", b"newer")
    outbox.keep_fact("asked", "call1", None)
    pieces: list[list[str]] = []
    read = outbox.file.facts_of

    def reading(kind: str, keys: list[str]) -> dict[str, bytes]:
        pieces.append(keys)
        return read(kind, keys)

    monkeypatch.setattr(outbox.file, "facts_of", reading)
    found = await outbox.facts_of("asked", ["call0", "call1", "call2", "call3", "call4", "call9"])
    assert found == {"call0": b"newer", "call2": b"2", "call3": b"3", "call4": b"4"}
    assert pieces == [["call2", "call3"], ["call4", "call9"]]


async def test_what_is_too_old_leaves(outbox: Outbox, tmp_path: Path) -> None:
    told(outbox, 1, 10)  # a second apart
    told(outbox, 1, 3, "ben")
    outbox.keep_call(kept(1, pop=pop(1)))
    outbox.keep_call(kept(8))
    outbox.keep_fact("sat", "6001", b"ana")
    assert await outbox.flush()
    await outbox.forget(at(5) + timedelta(days=90))
    assert [one.sequence for one in await outbox.tail("ana", 4, 10)] == list(range(5, 11))
    with pytest.raises(OutboxFault):
        await outbox.tail("ana", 3, 10)
    assert sql(tmp_path, "SELECT agent, sequence, floor FROM desk ORDER BY agent") == [("ana", 10, 5), ("ben", 3, 4)]
    assert sql(tmp_path, "SELECT call FROM desk_call") == [("01JDX008",)]
    await outbox.forget(at(0) + timedelta(days=9_000))
    assert await outbox.fact("sat", "6001") is None


async def test_it_is_kept_for_as_long_as_is_said_meanwhile(outbox: Outbox) -> None:
    told(outbox, 1, 3)
    assert await outbox.flush()
    outbox.keep_for(Terms(200))
    await outbox.forget(at(5) + timedelta(days=199))
    assert len(await outbox.tail("ana", 0, 3)) == 3
    outbox.keep_for(Terms(10))
    await outbox.forget(at(5) + timedelta(days=199))
    with pytest.raises(OutboxFault):
        await outbox.tail("ana", 0, 3)


async def test_calls_that_nobody_can_ask_for_leave_after_two_days(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stayed for 90 days, with their pops: "today" asks for 48 hours at most. One that goes on stays."""
    monkeypatch.setattr(outbox_leaving, "PIECE", 2)
    told(outbox, 1, 1)
    over = [kept(number, of=ended(kept(number).call), pop=pop(number)) for number in range(1, 8)]
    for one in (*over, kept(9)):
        outbox.keep_call(one)
    for key in "abcde":
        outbox.keep_fact("sat", key, b"ana")
    assert await outbox.flush()
    fifth = over[4].call.ended_at
    assert fifth is not None
    await outbox.forget(fifth + timedelta(hours=48))
    assert [call for (call,) in sql(tmp_path, "SELECT call FROM desk_call ORDER BY call")] == [
        "01JDX005",
        "01JDX006",
        "01JDX007",
        "01JDX009",
    ]
    assert len(await outbox.facts("sat")) == 5
    await outbox.forget(at(0) + timedelta(days=9_000))
    assert sql(tmp_path, "SELECT * FROM desk_fact") == []


async def test_what_is_too_old_leaves_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = await opened(tmp_path, settings=OutboxSettings(keep=Terms(-9_000), forget_first=0.0, forget_every=0.0))
    told(outbox, 1, 3)
    assert await outbox.flush()
    forget, done = outbox.forget, asyncio.Event()

    async def forget_and_say(now: datetime) -> None:
        await forget(now)
        done.set()

    monkeypatch.setattr(outbox, "forget", forget_and_say)
    running = asyncio.create_task(outbox.run())
    await asyncio.wait_for(done.wait(), 60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert sql(tmp_path, "SELECT sequence, floor FROM desk") == [(3, 4)]
    told(outbox, 4, 4)
    assert await outbox.tail("ana", 3, 4) == [event(4)]
    await outbox.close()


async def test_the_desks_do_not_feel_how_long_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an outage of the disk 50,000 waited, and all in one batch they held up the loop for 300 ms. In pieces, as
    before, a desk's ringing was stored without its call: killed then, it rang for ever."""
    outbox = await opened(tmp_path, settings=OutboxSettings(most_rows=7))
    batches: list[Rows] = []
    write = outbox.file.write

    def see(rows: Rows) -> bool:
        batches.append(rows)
        return write(rows)

    monkeypatch.setattr(outbox.file, "write", see)
    for number in range(5):
        told(outbox, 1, 3, f"agent-{number}")
    told(outbox, 1, 30)
    outbox.keep_call(kept(1, pop=pop(1)))
    outbox.keep_fact("sat", "6001", b"ana")
    assert await outbox.flush()
    whose = [{no for no, _ in rows.events} for rows in batches]
    assert sum(map(len, whose)) == 6, "each desk is in one of them"
    assert all(len(rows.events) <= 7 or desks == {5} for rows, desks in zip(batches, whose, strict=True))
    assert [len(rows.events) for rows in batches if rows.calls] == [30]
    assert [rows.facts != () for rows in batches] == [False] * (len(batches) - 1) + [True]
    await outbox.close()
    assert sql(tmp_path, "SELECT clean FROM outbox_state") == [(1,)]
    assert sql(tmp_path, "SELECT count(*) FROM desk_call") == [(1,)]
