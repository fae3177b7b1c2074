"""What is asked again: a chosen person reaches every desk that has the call, and what is late does not overtake him."""

import asyncio

import pytest

from ctibridge.domain.notice import Notice
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.question import Pick
from ctibridge.sip.events import RingEnd
from tests.flow.house import AT, FakeLookup, House, settle

REGULA = Pick(PersonKey("acme", "p17"), "ana", AT)


async def test_a_choice_is_asked_with_and_told_to_all_desks_that_have_the_call() -> None:
    lookup = FakeLookup()
    house = House(lookup)
    house.ring("a")
    house.ring("b", line="6003", dialog="a")
    house.flow.choose("call1", REGULA)
    assert house.types == ["call.ringing call1", "call.ringing call1", "call.updated call1", "call.updated call1"]
    assert lookup.questions[-1].chosen == (REGULA,)
    assert lookup.questions[-1].beside == {"ana", "cleo"}
    assert {frame["desk"] for frame in house.frames[-2:]} == {1, 2}


async def test_a_choice_is_kept_for_the_next_round() -> None:
    lookup = FakeLookup()
    house = House(lookup)
    house.ring("a")
    house.flow.choose("call1", REGULA)
    house.end("a", RingEnd.EXPIRED)
    house.later(20)
    house.ring("b")
    assert house.types[-1] == "call.ringing call1"
    assert lookup.questions[-1].chosen == (REGULA,)


async def test_a_choice_for_a_call_that_nobody_has_changes_nothing() -> None:
    house = House(FakeLookup())
    house.flow.choose("call1", REGULA)
    assert house.types == []
    assert house.flow.question("call1") is None


async def test_a_notice_comes_with_the_call_and_to_whom_it_is_for() -> None:
    notice = Notice("several_callers", "Third caller of this site.", (("account", "acme"), ("site", "Bern")))
    house = House(FakeLookup(notices={"cleo": (notice,)}))
    house.ring("a", line="6003")
    (told,) = [frame for frame in house.frames if frame["type"] == "notice"]
    assert (told["desk"], told["data"]["site"]) == (2, "Bern")


async def test_who_took_the_call_spoke_with_the_caller_and_who_missed_it_did_not() -> None:
    lookup = FakeLookup()
    house = House(lookup)
    house.ring("a")
    house.end("a", RingEnd.EXPIRED)
    assert lookup.spoken == []
    house.later(300)
    house.ring("b")
    house.end("b", RingEnd.COMPLETED_ELSEWHERE)
    assert lookup.spoken == ["call2"]


@pytest.mark.parametrize("slow", [False, True])
async def test_what_was_late_before_a_choice_does_not_overtake_it(slow: bool) -> None:
    """It told once more that nobody knows who calls; also while the chosen person himself is still being read."""
    gate, late = asyncio.Event(), asyncio.Event()
    gate.set()
    lookup = FakeLookup(gate, late)
    house = House(lookup)
    house.ring("a")
    await settle()
    reading = lookup.gate = asyncio.Event() if slow else None
    lookup.late = None
    house.flow.choose("call1", REGULA)
    late.set()
    await settle()
    if reading is not None:
        assert house.types == ["call.ringing call1"]
        reading.set()
        await settle()
    assert house.types == ["call.ringing call1", "call.updated call1"]
    assert lookup.questions[-1].chosen == (REGULA,)


async def test_what_is_late_comes_revision_by_revision() -> None:
    gate, late = asyncio.Event(), asyncio.Event()
    gate.set()
    house = House(FakeLookup(gate, late))
    house.ring("a")
    await settle()
    late.set()
    await settle()
    revisions = [frame["data"]["resolution"]["revision"] for frame in house.frames if "specversion" in frame]
    assert revisions == [1, 2]


async def test_who_learns_nothing_by_a_choice_is_told_nothing() -> None:
    """An update with nothing new told a desk without the role that, and when, a colleague had found the caller."""
    lookup = FakeLookup(blind={"cleo"})
    house = House(lookup)
    house.ring("a")
    house.ring("b", line="6003", dialog="a")
    house.flow.choose("call1", REGULA)
    assert [frame["desk"] for frame in house.frames if frame["type"] == "call.updated"] == [1]


async def test_who_may_not_see_the_chosen_person_is_not_even_asked_for() -> None:
    """That he was told once more what he knew, and when, told him that a colleague had found somebody."""
    lookup = FakeLookup(seen={"ana": frozenset({"acme"}), "cleo": frozenset({"fleuron"})})
    house = House(lookup)
    house.ring("a")
    house.ring("b", line="6003", dialog="a")
    house.flow.choose("call1", REGULA)
    assert [frame["desk"] for frame in house.frames if frame["type"] == "call.updated"] == [1]
    house.flow.choose("call1", Pick(PersonKey("fleuron", "e1"), "cleo", AT))
    assert [frame["desk"] for frame in house.frames if frame["type"] == "call.updated"] == [1, 2]
    assert {pick.person.account for pick in lookup.questions[-1].chosen} == {"acme", "fleuron"}


async def test_who_saw_whom_a_colleague_took_back_hears_it() -> None:
    lookup = FakeLookup(seen={"ana": frozenset({"acme", "fleuron"}), "cleo": frozenset({"acme"})})
    house = House(lookup)
    house.ring("a")
    house.ring("b", line="6003", dialog="a")
    house.flow.choose("call1", REGULA)
    house.frames.clear()
    house.flow.choose("call1", Pick(PersonKey("fleuron", "e1"), "ana", AT))
    assert sorted(frame["desk"] for frame in house.frames if frame["type"] == "call.updated") == [1, 2]


async def test_a_note_on_a_customers_call_reaches_no_desk_without_the_role() -> None:
    lookup = FakeLookup(granted={"ana": True})
    house = House(lookup)
    house.ring("a")
    house.ring("b", line="6003", dialog="a")
    house.write("ana", "call1", "asks for a new badge")
    assert [frame["desk"] for frame in house.frames if frame["type"] == "call.worked"] == [1]
    house.write("cleo", "call1", "rang here too")
    assert [frame["desk"] for frame in house.frames if frame["type"] == "call.worked"] == [1, 1, 2]


async def test_who_loses_an_account_is_shown_the_call_without_it_when_he_comes_back() -> None:
    lookup = FakeLookup(granted={"ana": True})
    house = House(lookup)
    house.ring("a")
    lookup.granted["ana"] = False
    answer = await house.flow.as_seen_now("ana", "call1")
    assert answer is not None
    assert answer.resolution.account is None
    assert lookup.questions[-1].again, "it is no new call of his"


async def test_a_call_of_before_a_restart_is_asked_for_again_by_what_was_kept_of_it() -> None:
    house = House(FakeLookup())
    house.ring("a")
    after = House(FakeLookup())
    after.outbox.facts = house.outbox.facts
    answer = await after.flow.as_seen_now("ana", "call1")
    assert answer is not None
    assert await after.flow.as_seen_now("ana", "call2") is None
