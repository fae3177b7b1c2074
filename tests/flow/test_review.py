"""Open pops follow what an agent may see: who may see others now hears his calls again, and nobody else does."""

import asyncio

import pytest

from ctibridge.calls.views import Views
from ctibridge.domain.person import PersonKey
from ctibridge.flow import review
from ctibridge.flow.call_names import FreshNames
from ctibridge.flow.flow import Flow
from ctibridge.flow.nodes import Nodes
from ctibridge.lookup.adapters.answers import Answers
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import DialPlan
from tests.flow.house import AT, FakeLookup, House, settle

ACME = frozenset({"acme"})
REGULA = Pick(PersonKey("acme", "p17"), "ana", AT)


async def test_a_grant_that_ends_while_the_pop_stands_there_is_told_once() -> None:
    lookup = FakeLookup(seen={"ana": frozenset({"acme"}), "cleo": frozenset({"acme"})})
    house = House(lookup)
    house.ring("a")
    house.ring("b", line="6003", dialog="a")
    await house.flow.review()
    assert house.types == ["call.ringing call1"] * 2
    lookup.seen["ana"] = frozenset()
    await house.flow.review()
    await house.flow.review()
    assert house.types[2:] == ["call.updated call1"]
    assert house.frames[-1]["desk"] == 1


async def test_a_grant_that_ended_while_the_process_was_down_is_told_by_the_next_one() -> None:
    """A page that had missed no event kept the persons of its calls."""
    lookup = FakeLookup(granted={"ana": True}, seen={"ana": ACME})
    house = House(lookup)
    house.ring("a")
    house.end("a")
    lookup.granted["ana"], lookup.seen["ana"] = False, frozenset()
    heard = len(house.types)
    after = flow_of(house, lookup)
    await after.restore({"call1": house.desks.having("call1", AT)})
    for _ in range(2):
        await after.review()
    assert house.types[heard:] == ["call.updated call1"]
    assert house.frames[-1]["data"]["resolution"]["account"] is None


def flow_of(house: House, lookup: FakeLookup) -> Flow:
    """Of the next process, with the same desks and what was kept."""
    now, plans, views = (lambda: house.now), {"pbx": DialPlan("DE")}, {"pbx": Views()}
    return Flow(lookup, house.desks, house.outbox, plans, now, Nodes(FreshNames(str)), house.deliver, views)


async def test_a_call_that_no_desk_has_any_more_is_forgotten() -> None:
    house = House(FakeLookup())
    house.ring("a")
    house.end("a")
    assert house.flow.question("call1") is not None
    house.later(31 * 60)
    await house.flow.review()
    assert house.flow.question("call1") is None


async def test_a_call_whose_first_pop_still_waits_for_the_store_is_kept() -> None:
    """No desk has it yet, so it was taken for over: nobody could search or choose for it any more."""
    gate = asyncio.Event()
    lookup = FakeLookup(gate)
    house = House(lookup)
    house.ring("a")
    await house.flow.review()
    gate.set()
    await settle()
    assert house.types == ["call.ringing call1"]
    assert house.flow.question("call1") is not None
    lookup.gate = None
    house.flow.choose("call1", REGULA)
    assert house.types == ["call.ringing call1", "call.updated call1"]


async def test_a_call_that_rings_while_the_review_lets_others_in_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The review kept the calls that it had begun with."""
    monkeypatch.setattr(review, "PIECE", 1)
    house = House(FakeLookup())
    house.ring("a")
    reviewing = asyncio.ensure_future(house.flow.review())
    await asyncio.sleep(0)
    assert not reviewing.done()
    house.ring("b", line="6003", caller="222")
    await reviewing
    assert house.flow.question("call2") is not None


async def test_a_call_that_comes_to_its_desk_while_the_review_lets_others_in_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(review, "PIECE", 1)
    gate = asyncio.Event()
    house = House(FakeLookup(gate))
    house.ring("a")
    house.ring("b", line="6003", caller="222")
    await asyncio.sleep(0)
    gate.set()
    await house.flow.review()
    await settle()
    assert sorted(house.types) == ["call.ringing call1", "call.ringing call2"]
    assert [house.flow.question(call) is not None for call in ("call1", "call2")] == [True, True]


async def test_a_grant_that_ends_while_the_first_pop_is_being_read_is_taken_back() -> None:
    """The change was noted when no desk had the call yet; the person stood there for as long as it rang."""

    class AsItWas(FakeLookup):
        async def answers(self, question: Question, agents: frozenset[str]) -> Answers:
            told = {agent: self._shown(question, agent) for agent in agents}
            await gate.wait()
            return Answers(told)

    gate = asyncio.Event()
    lookup = AsItWas(gate, seen={"ana": ACME})
    house = House(lookup)
    house.ring("a")
    await settle()
    lookup.seen["ana"] = frozenset()
    await house.flow.review()
    gate.set()
    await settle()
    lookup.gate = None
    await house.flow.review()
    await house.flow.review()
    signals = [frame["data"]["trust"]["signals"] for frame in house.frames if frame["type"].startswith("call.")]
    assert [len(one) for one in signals] == [1, 0]


async def test_asking_again_for_one_agent_lets_what_is_late_for_the_others_come() -> None:
    """His asking again was the whole call's: the context of the other desks was thrown away."""
    gate, late = asyncio.Event(), asyncio.Event()
    lookup = FakeLookup(seen={"ana": ACME, "cleo": ACME})
    house = House(lookup)
    house.ring("a")
    house.ring("b", line="6003", dialog="a")
    gate.set()
    lookup.gate, lookup.late = gate, late
    house.flow.choose("call1", REGULA)
    await settle()
    house.frames.clear()
    lookup.gate = None
    lookup.seen["ana"] = frozenset()
    await house.flow.review()
    assert [(frame["type"], frame["desk"]) for frame in house.frames] == [("call.updated", 1)]
    late.set()
    await settle()
    assert [(frame["type"], frame["desk"]) for frame in house.frames] == [("call.updated", 1), ("call.updated", 2)]


async def test_hundreds_of_calls_are_looked_at_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look at all of them held up every datagram meanwhile."""
    monkeypatch.setattr(review, "PIECE", 2)
    lookup = FakeLookup(seen={"ana": ACME})
    house = House(lookup)
    for number in range(6):
        house.ring(f"a{number}", caller=f"11{number}")
    lookup.seen["ana"] = frozenset()
    house.frames.clear()
    told: list[int] = []
    reviewing = asyncio.ensure_future(house.flow.review())
    while not reviewing.done():
        await asyncio.sleep(0)
        told.append(len(house.frames))
    assert told[-1] == 6
    assert {one - before for before, one in zip([0, *told], told, strict=False)} <= {0, 1, 2}
