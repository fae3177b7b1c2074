"""From the SIP room to the desks: both views of a call, and calls that are handed on."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from ctibridge.calls.views import Views
from ctibridge.domain.call import Call
from ctibridge.domain.private import Number
from ctibridge.sip.events import (
    Answered,
    HandOver,
    Identity,
    PickedUp,
    RingEnd,
    RingStarted,
    Withheld,
)
from tests.flow.house import FakeLookup, House, settle

# -- both views of a call ----------------------------------------------------------------------------------------------

BOTH = Views(watched=True)


async def test_what_the_invite_knows_better_is_a_later_revision_of_the_same_pop() -> None:
    house = House(FakeLookup(granted={"ana": True}), BOTH)
    house.state("s")
    house.ring("i")
    assert house.types == ["call.ringing call1", "call.updated call1"]
    assert [frame["data"]["resolution"]["revision"] for frame in house.frames[-2:]] == [1, 2]
    assert house.frames[-1]["data"]["resolution"]["account"] == {"id": "acme", "name": "ACME AG"}


async def test_answered_and_hung_up_are_told() -> None:
    house = House(FakeLookup(), BOTH)
    house.ring("i")
    house.state("s")
    house.end("i", RingEnd.COMPLETED_ELSEWHERE)
    house.flow.hear(Answered("s"))
    house.end("s", RingEnd.HUNG_UP)
    assert house.types == ["call.ringing call1", "call.answered call1", "call.ended call1"]
    assert house.frames[-1]["data"]["call"]["outcome"] == "answered_here"


async def test_an_answer_that_overtakes_the_store_waits_for_the_ringing() -> None:
    gate = asyncio.Event()
    house = House(FakeLookup(gate), BOTH)
    house.state("s")
    house.flow.hear(Answered("s"))
    await settle()
    assert house.types == []
    gate.set()
    await settle()
    assert house.types == ["call.ringing call1", "call.answered call1"]


async def test_who_waits_for_the_other_view_is_woken() -> None:
    house = House(FakeLookup(), BOTH)
    house.ring("old", "6003", "222")
    house.end("old")
    house.ring("i")
    house.end("i", RingEnd.COMPLETED_ELSEWHERE)
    assert house.types[-1] == "call.ringing call2"
    house.later(0.6)
    house.flow._rearm()
    await asyncio.sleep(0.6)
    assert house.types[-1] == "call.ended call2", "the timer that was set for the older call's minute was moved"


async def test_of_several_facts_one_that_fails_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(FakeLookup(), BOTH)
    for leg, line, caller in (("i", "6001", "111"), ("j", "6003", "222"), ("k", "6003", "333")):
        house.ring(leg, line, caller)
    ended = house.desks.ended

    def breaks_for_ana(agent: str, call: Call, at: datetime) -> None:
        if agent == "ana":
            raise RuntimeError("boom")
        ended(agent, call, at)

    monkeypatch.setattr(house.desks, "ended", breaks_for_ana)
    house.end("k")
    house.end("i", RingEnd.COMPLETED_ELSEWHERE)
    house.end("j", RingEnd.COMPLETED_ELSEWHERE)
    house.later(1.0)
    house.flow._wake()
    assert house.types[-2:] == ["call.ended call3", "call.ended call2"]
    assert house.flow._alarm.due_at is not None, "what is quiet is still to be forgotten"
    await house.flow.stop()


async def test_what_was_still_read_for_the_first_view_does_not_overwrite_the_second() -> None:
    gate, late = asyncio.Event(), asyncio.Event()
    gate.set()
    lookup = FakeLookup(gate, late)
    house = House(lookup, BOTH)
    house.state("s")
    await settle()
    lookup.gate = None
    house.ring("i")
    late.set()
    await settle()
    assert house.types == ["call.ringing call1", "call.updated call1"]


# -- hand-overs --------------------------------------------------------------------------------------------------------


def pops(house: House, agent: str) -> list[dict[str, Any]]:
    """The data of the pops at this agent's desk."""
    line = {"ana": "6001", "cleo": "6003"}[agent]
    frames = [frame for frame in house.frames if frame["type"] == "call.ringing"]
    return [frame["data"] for frame in frames if frame["data"]["call"]["line"] == line]


def ask_a_colleague(house: House) -> None:
    house.ring("a")
    house.end("a", RingEnd.COMPLETED_ELSEWHERE)
    house.later(20)
    house.ring("b", "6003", "6001", "6003")


@pytest.mark.parametrize("slow", [False, True])
async def test_a_colleague_who_asks_hands_on_what_he_sees(slow: bool) -> None:
    gate = asyncio.Event() if slow else None
    house = House(FakeLookup(gate, granted={"ana": True, "cleo": True}))
    ask_a_colleague(house)
    if gate is not None:
        gate.set()
    await settle()
    (pop,) = pops(house, "cleo")
    assert pop["caller"]["number"] == "6001"
    assert pop["caller"]["internal"] == {"line": "6001", "agent": "ana"}
    assert pop["resolution"]["account"] == {"id": "acme", "name": "ACME AG"}
    assert pop["hand_over"] == {
        "kind": "internal",
        "line": "6001",
        "agent": "ana",
        "call": "call1",
        "caller": {"number": "111", "display_name": None},
        "notes": [],
    }


async def test_who_may_not_see_the_first_call_sees_a_colleague_and_no_more() -> None:
    house = House(FakeLookup(granted={"ana": True}))
    ask_a_colleague(house)
    (pop,) = pops(house, "cleo")
    assert (pop["hand_over"], pop["resolution"]["account"]) == (None, None)
    assert pop["caller"]["internal"] == {"line": "6001", "agent": "ana"}
    assert "111" not in str(pop)
    assert "call1" not in str(pop)


async def test_the_first_call_is_looked_up_with_what_was_called_first() -> None:
    lookup = FakeLookup(granted={"cleo": True})
    house = House(lookup)
    house.ring("a")
    house.end("a", RingEnd.COMPLETED_ELSEWHERE)
    identity = Identity("111", None, Withheld.NO, "From")
    house.flow.hear(RingStarted("pbx", "6003", "b", ("b", "t"), None, identity, ("6003",), hand_over=HandOver("6001")))
    assert [who.called for who in lookup.heard[1:]] == [(Number("+4930"),), (Number("6003"),)]
    (pop,) = pops(house, "cleo")
    assert (pop["hand_over"]["kind"], pop["resolution"]["status"]) == ("blind", "shared")


async def test_a_call_that_is_picked_up_pops_and_is_answered() -> None:
    house = House(FakeLookup(granted={"cleo": True}), BOTH)
    house.ring("a")
    identity = Identity("111", None, Withheld.NO, "dialog-info")
    house.flow.hear(PickedUp("pbx", "6003", "p", ("", ""), identity, HandOver(None, ("a", "t", "f"))))
    house.end("a", RingEnd.COMPLETED_ELSEWHERE)
    assert house.types == ["call.ringing call1", "call.ringing call1", "call.answered call1", "call.ended call1"]
    (pop,) = pops(house, "cleo")
    assert (pop["hand_over"]["kind"], pop["hand_over"]["line"]) == ("pickup", "6001")
    assert house.frames[-1]["data"]["call"]["answered_by"] == {"line": "6003", "agent": "cleo"}


async def test_a_late_record_of_the_first_call_is_a_later_revision() -> None:
    gate, late = asyncio.Event(), asyncio.Event()
    gate.set()
    house = House(FakeLookup(gate, late))
    house.ring("a")
    house.end("a", RingEnd.COMPLETED_ELSEWHERE)
    house.ring("b", "6003", "6001", "6003")
    await settle()
    late.set()
    await settle()
    assert house.types.count("call.updated call2") == 1
