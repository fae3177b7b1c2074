"""One call's facts stay in order, however slow the store is; other calls do not wait for it."""

import asyncio

import pytest
import structlog

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.answers import Answers
from ctibridge.lookup.question import Pick, Question
from ctibridge.sip.events import Hearing, LineChanged, LineGone
from tests.flow.house import AT, FakeLookup, House, settle


async def test_an_answer_in_memory_reaches_the_desk_without_one_await() -> None:
    house = House(FakeLookup())
    house.ring("a")
    assert house.types == ["call.ringing call1"]


async def test_an_end_that_overtakes_the_store_waits_for_the_ringing() -> None:
    gate = asyncio.Event()
    house = House(FakeLookup(gate))
    house.ring("a")
    house.end("a")
    await settle()
    assert house.types == []
    gate.set()
    await settle()
    assert house.types == ["call.ringing call1", "call.ended call1"]


async def test_a_late_record_is_an_update_of_the_same_call() -> None:
    gate, late = asyncio.Event(), asyncio.Event()
    gate.set()
    house = House(FakeLookup(gate, late))
    house.ring("a")
    await settle()
    assert house.types == ["call.ringing call1"]
    late.set()
    await settle()
    assert house.types == ["call.ringing call1", "call.updated call1"]


async def test_an_end_does_not_wait_for_a_late_record() -> None:
    gate, late = asyncio.Event(), asyncio.Event()
    gate.set()
    house = House(FakeLookup(gate, late))
    house.ring("a")
    await settle()
    house.end("a")
    await settle()
    assert house.types == ["call.ringing call1", "call.ended call1"]
    late.set()
    await settle()
    assert house.types[2:] == ["call.updated call1"]
    assert house.frames[-1]["data"]["call"]["state"] == "ended"


async def test_stop_does_not_wait_for_a_record_that_never_comes() -> None:
    gate = asyncio.Event()
    gate.set()
    house = House(FakeLookup(gate, asyncio.Event()))
    house.ring("a")
    await settle()
    await asyncio.wait_for(house.flow.stop(), 1)
    assert house.types == ["call.ringing call1", "call.ended call1"]


async def test_a_fact_that_fails_costs_itself_alone() -> None:
    """What escaped here would reach the socket's driver, and the 180 behind the fact with it."""
    lookup = FakeLookup(breaks=True)
    house = House(lookup)
    house.ring("a")
    lookup.breaks = False
    house.ring("b", caller="222")
    assert house.types == ["call.ringing call2"]


async def test_other_calls_do_not_wait_for_a_slow_one() -> None:
    lookup = FakeLookup(asyncio.Event())
    house = House(lookup)
    house.ring("a")
    lookup.gate = None
    house.ring("b", caller="222")
    assert house.types == ["call.ringing call2"]


async def test_a_store_that_fails_costs_its_own_call_alone() -> None:
    house = House(FakeLookup(asyncio.Event(), fails=True))
    house.ring("a")
    house.end("a")
    await settle()
    house.ring("b", caller="222")
    await settle()
    assert house.types == []
    await asyncio.wait_for(house.flow.stop(), 1)


async def test_a_line_where_nobody_sits_is_said_at_its_desks() -> None:
    house = House(FakeLookup())
    house.ring("a", line="6002")
    assert [frame["data"]["kind"] for frame in house.frames if frame["type"] == "notice"] == ["nobody_sits"]


async def test_a_line_that_goes_deaf_is_said_once() -> None:
    house = House(FakeLookup())
    for _ in range(3):
        house.flow.hear(LineChanged("pbx", "6001", Hearing.DEAF, "registrar does not answer"))
    assert [frame["data"]["kind"] for frame in house.frames if frame["type"] == "notice"] == ["line_deaf"]


@pytest.mark.parametrize("slow", [False, True])
async def test_stop_ends_what_rings_as_unknown(slow: bool) -> None:
    gate = asyncio.Event() if slow else None
    house = House(FakeLookup(gate))
    house.ring("a")
    if gate is not None:
        gate.set()
    await house.flow.stop()
    assert house.types == ["call.ringing call1", "call.ended call1"]
    assert house.frames[-1]["data"]["call"]["outcome"] == "unknown"


async def test_who_sees_other_accounts_does_not_wait_for_what_a_colleague_sees() -> None:
    """All waited for the record of one: the time of a pop told that somebody whom one may not see has this number."""

    class OnlyAcmeIsRead(FakeLookup):
        def hot(self, question: Question, agents: frozenset[str]) -> Answers | None:
            return None if "ana" in agents else super().hot(question, agents)

    lookup = OnlyAcmeIsRead(seen={"ana": frozenset({"acme"}), "cleo": frozenset({"fleuron"})})
    house = House(lookup)
    lookup.gate = asyncio.Event()
    house.ring("a")
    lookup.gate = None
    house.ring("b", line="6003", dialog="a")
    house.end("b")
    assert [(frame["type"], frame["desk"]) for frame in house.frames] == [("call.ringing", 2), ("call.ended", 2)]


async def test_agents_who_see_the_same_are_asked_for_together() -> None:
    asked: list[frozenset[str]] = []

    class Counting(FakeLookup):
        def hot(self, question: Question, agents: frozenset[str]) -> Answers | None:
            asked.append(agents)
            return super().hot(question, agents)

    house = House(Counting())
    house.ring("a")
    house.ring("b", line="6003", dialog="a")
    house.flow.choose("call1", Pick(PersonKey("acme", "p17"), "ana", AT))
    assert asked[-1] == {"ana", "cleo"}


async def test_who_sits_down_while_it_rings_gets_the_pop() -> None:
    house = House(FakeLookup())
    house.ring("a", line="6002")
    assert house.types == ["notice None"]
    house.desks.receive(1, '{"type": "sit", "lines": ["6002"]}', house.now)
    house.flow.sat("ana")
    assert house.types[-1] == "call.ringing call1"
    house.end("a")
    assert house.types[-1] == "call.ended call1"


async def test_a_line_that_is_gone_is_forgotten_and_news_again_when_it_is_back() -> None:
    house = House(FakeLookup())
    deaf = LineChanged("pbx", "6001", Hearing.DEAF, "registrar does not answer")
    with structlog.testing.capture_logs() as logs:
        for event in (deaf, LineGone("pbx", "6001"), LineGone("pbx", "6001"), deaf):
            house.flow.hear(event)
    assert [each["event"] for each in logs] == ["line", "line_gone", "line_gone", "line"]
    assert [frame["data"]["kind"] for frame in house.frames if frame["type"] == "notice"] == ["line_deaf"] * 2
