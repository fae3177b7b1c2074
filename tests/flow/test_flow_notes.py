"""From one desk to the others: a note reaches whoever has the call, and whoever it is handed on to."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from ctibridge.calls.views import Views
from ctibridge.lookup.adapters.answers import Answers
from ctibridge.sip.events import HandOver, Identity, PickedUp, RingEnd, RingStarted, Withheld
from tests.flow.house import FakeLookup, House, settle
from tests.leaks import canary

TEXT = canary("Regula waits for a laptop")
DESKS = {"ana": 1, "cleo": 2}


def house(gate: asyncio.Event | None = None, **granted: bool) -> House:
    return House(FakeLookup(gate, granted=granted or {"ana": True, "cleo": True}))


def heard(at: House, agent: str) -> list[dict[str, Any]]:
    """The events of this desk."""
    return [frame for frame in at.frames if frame["desk"] == DESKS[agent] and "specversion" in frame]


def told(at: House, agent: str) -> list[str]:
    return [f"{event['type']} {event['subject']}" for event in heard(at, agent)]


def handed(at: House) -> list[list[str]]:
    """The notes of each pop that cleo gets as one that is handed over."""
    pops = [event["data"].get("hand_over") for event in heard(at, "cleo")]
    return [[note["text"] for note in pop["notes"]] for pop in pops if pop]


def hand_on(at: House) -> None:
    """Ana, whose call has been answered, calls cleo."""
    at.end("a", RingEnd.COMPLETED_ELSEWHERE)
    at.later(20)
    at.ring("b", "6003", "6001", "6003")


async def test_a_note_is_told_to_every_desk_that_has_the_call_and_to_no_other() -> None:
    one = house()
    one.ring("a")
    one.ring("a2", "6003", "222")
    one.write("ana", "call1", TEXT)
    assert told(one, "ana") == ["call.ringing call1", "call.worked call1"]
    assert told(one, "cleo") == ["call.ringing call2"]
    event = heard(one, "ana")[-1]
    assert (event["data"]["by"], event["data"]["state"], event["data"]["note"]) == ("ana", None, TEXT)
    assert (event["data"]["call"]["id"], event["data"]["call"]["state"]) == ("call1", "ringing")


async def test_of_a_call_that_rings_at_two_desks_both_hear_what_one_notes() -> None:
    one = house()
    identity = Identity("111", None, Withheld.NO, "From")
    for line in ("6001", "6003"):
        one.flow.hear(RingStarted("pbx", line, line, ("same", "tag"), None, identity, ("+4930",)))
    one.write("cleo", "call1", TEXT)
    assert [told(one, agent)[-1] for agent in ("ana", "cleo")] == ["call.worked call1"] * 2


async def test_a_note_is_kept_over_rounds_and_told_to_a_desk_that_comes_later() -> None:
    one = house()
    one.ring("a")
    one.end("a")
    one.later(5)
    one.write("ana", "call1", TEXT)
    one.later(5)
    one.ring("b", "6003")
    assert told(one, "cleo") == ["call.ringing call1", "call.worked call1"]
    ring, worked = heard(one, "cleo")
    assert (ring["data"]["call"]["round"], worked["data"]["note"]) == (2, TEXT)
    assert worked["time"] == "2026-11-21T18:00:05.000000Z", "when it was written"
    assert told(one, "ana") == ["call.ringing call1", "call.ended call1", "call.worked call1"], "and told nobody twice"


async def test_a_note_written_while_the_next_round_waits_for_the_store_reaches_it_as_well() -> None:
    one = house()
    lookup = one.flow._lookup
    assert isinstance(lookup, FakeLookup)
    one.ring("a")
    one.end("a")
    lookup.gate = asyncio.Event()
    one.ring("b", "6003")
    one.write("ana", "call1", TEXT)
    lookup.gate.set()
    await settle()
    assert told(one, "cleo") == ["call.ringing call1", "call.worked call1"]
    assert told(one, "ana")[-1] == "call.worked call1"


@pytest.mark.parametrize("slow", [False, True])
async def test_the_next_desk_sees_the_notes_of_the_first_call_before_it_answers(slow: bool) -> None:
    gate = asyncio.Event() if slow else None
    one = house(gate)
    one.ring("a")
    if gate is not None:
        gate.set()
    await settle()
    one.write("ana", "call1", TEXT)
    hand_on(one)
    await settle()
    assert handed(one) == [[TEXT]]
    assert heard(one, "cleo")[-1]["data"]["hand_over"]["notes"] == [
        {"by": "ana", "text": TEXT, "at": "2026-11-21T18:00:00.000000Z"}
    ]


async def test_a_note_written_after_the_hand_over_is_an_update_at_the_next_desk() -> None:
    one = house()
    one.ring("a")
    hand_on(one)
    one.end("b", RingEnd.COMPLETED_ELSEWHERE)
    one.write("ana", "call1", TEXT)
    assert handed(one) == [[], [TEXT]]
    assert told(one, "cleo") == ["call.ringing call2", "call.ended call2", "call.updated call2"]
    update = heard(one, "cleo")[-1]["data"]
    assert (update["call"]["state"], update["resolution"]["revision"]) == ("ended", 2)


async def test_who_may_not_see_the_first_call_reads_none_of_its_notes() -> None:
    one = house(ana=True)
    one.ring("a")
    one.write("ana", "call1", TEXT)
    hand_on(one)
    one.write("ana", "call1", "and another")
    assert handed(one) == []
    said = str(heard(one, "cleo"))
    assert TEXT not in said
    assert "another" not in said
    assert "call1" not in said


async def test_what_the_one_in_between_noted_is_handed_on_too() -> None:
    one = house()
    one.ring("a")
    one.write("ana", "call1", TEXT)
    hand_on(one)
    one.write("cleo", "call2", "asked: it is in the post")
    assert told(one, "ana").count("call.worked call1") == 1
    assert not any("call2" in event for event in told(one, "ana")), "it is not her call"
    one.end("b", RingEnd.COMPLETED_ELSEWHERE)
    one.later(5)
    one.ring("c", "6001", "6003", "6001")
    pop = heard(one, "ana")[-1]["data"]
    assert pop["hand_over"]["call"] == "call1"
    assert [note["text"] for note in pop["hand_over"]["notes"]] == [TEXT, "asked: it is in the post"]


async def test_who_picks_the_call_up_reads_what_was_noted_and_hears_of_the_next() -> None:
    one = House(FakeLookup(granted={"ana": True, "cleo": True}), Views(watched=True))
    one.ring("a")
    one.write("ana", "call1", TEXT)
    identity = Identity("111", None, Withheld.NO, "dialog-info")
    one.flow.hear(PickedUp("pbx", "6003", "p", ("", ""), identity, HandOver(None, ("a", "t", "f"))))
    one.write("ana", "call1", "and another")
    assert handed(one) == [[TEXT]]
    assert told(one, "cleo") == ["call.ringing call1", "call.answered call1", "call.worked call1"]


async def test_notes_are_forgotten_with_their_call() -> None:
    one = house()
    one.ring("a")
    one.write("ana", "call1", TEXT)
    one.end("a")
    one.later(29 * 60)
    one.flow._wake()
    assert len(one.flow._notebook) == 1
    one.later(60)
    one.flow._wake()
    assert len(one.flow._notebook) == 0
    await one.flow.stop()


async def test_a_note_alone_arms_the_timer_that_forgets_it() -> None:
    one = house()
    one.ring("a")
    one.end("a")
    one.later(61)
    one.flow._wake()
    before = one.flow._alarm.due_at
    one.write("ana", "call1", TEXT)
    after = one.flow._alarm.due_at
    assert before is not None
    assert after is not None
    assert after < before
    await one.flow.stop()


async def test_a_grant_is_asked_for_as_it_is_when_the_note_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    one = house()
    one.ring("a")
    hand_on(one)
    asked: list[datetime] = []
    hot = one.flow._lookup.hot

    def listening(*args: Any) -> Answers | None:
        asked.append(args[0].at)
        return hot(*args)

    monkeypatch.setattr(one.flow._lookup, "hot", listening)
    one.later(300)
    one.write("ana", "call1", TEXT)
    assert asked == [one.now.at] * 2


async def test_a_note_of_who_has_lost_the_customer_stays_among_those_who_see_him() -> None:
    """It was judged by what its author may see now: his grant ended, and everybody could read it."""
    lookup = FakeLookup(granted={"ana": True})
    house = House(lookup)
    house.ring("a")
    house.write("ana", "call1", "reset her token")
    lookup.granted["ana"] = False
    house.flow._pops.ask_again("call1", frozenset({"ana"}))
    house.ring("b", line="6003", dialog="a")
    await settle()
    assert [frame["desk"] for frame in house.frames if frame["type"] == "call.worked"] == [1]
