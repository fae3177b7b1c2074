"""What is kept does not print, and what the outbox promises is what the desks' own one keeps."""

import pytest

from ctibridge.delivery.desk import Desk, Told
from ctibridge.delivery.kept import KeptDesk, KeptEvent, KeptPop, Outbox, OutboxFault
from tests.delivery import examples as ex
from tests.delivery.memory_outbox import MemoryOutbox
from tests.delivery.test_desk import told


def rang() -> Told:
    desk = Desk("/ctibridge/desk-1", KeptDesk("ana", "k3f9", 0, 1, 0))
    desk.ringing(ex.pop(), ex.AT)
    return told(desk.worked("01JDX001", ex.NOTE))


def test_what_is_kept_does_not_print() -> None:
    event = rang()
    assert b"laptop" in event.event.data
    assert event.call is not None
    assert event.call.newest == event.event.data
    printed = [repr(event.event), repr(event.call), repr(KeptPop(frozenset({"acme"}), event.event.data))]
    assert not [text for text in printed if "laptop" in text or "Regula" in text]


async def test_a_tail_is_whole_or_a_fault() -> None:
    outbox: Outbox = MemoryOutbox()
    for sequence in (1, 2, 4):
        outbox.keep_event(KeptEvent("ana", "k3f9", sequence, "notice", None, ex.AT, frozenset(), b"{}"))
    assert [event.sequence for event in await outbox.tail("ana", 0, 2)] == [1, 2]
    assert await outbox.tail("ana", 2, 2) == []
    with pytest.raises(OutboxFault):
        await outbox.tail("ana", 1, 4)


async def test_a_pop_stays_where_its_call_changes_without_it() -> None:
    outbox: Outbox = MemoryOutbox()
    desk = Desk("/ctibridge/desk-1", KeptDesk("ana", "k3f9", 0, 1, 0))
    first, over = desk.ringing(ex.pop(), ex.AT), told(desk.ended(ex.ended(ex.call()), ex.AT))
    for event in (first, over):
        assert event.call is not None
        outbox.keep_call(event.call)
    assert (await outbox.pops("ana", ["01JDX001", "nothing"]))["01JDX001"].data == first.event.data
    (kept,) = await outbox.since("ana", ex.AT, 200)
    assert (kept.call.state, kept.newest) == ("ended", over.event.data)


async def test_of_facts_that_are_asked_for_together_those_come_that_there_are() -> None:
    outbox: Outbox = MemoryOutbox()
    for key, body in (("call1", b"1"), ("call2", b"2"), ("call3", b"3"), ("call2", None)):
        outbox.keep_fact("asked", key, body)
    assert await outbox.facts_of("asked", ["call3", "call2", "call1"]) == {"call1": b"1", "call3": b"3"}
    assert await outbox.facts_of("missed", ["call1"]) == {}
