"""One call's facts stay in order, however slow the store is; other calls do not wait for it."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from ctibridge.delivery.desks import Desks
from ctibridge.delivery.outputs import Send
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.caller import Called, Caller, Presentation, Signalled
from ctibridge.domain.line import Line
from ctibridge.domain.moment import Moment
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Answer, LanguageChoice
from ctibridge.flow import Flow
from ctibridge.lookup.adapters.lookup import Answers
from ctibridge.lookup.settings import DialPlan
from ctibridge.sip.events import Hearing, Identity, LineChanged, RingEnd, RingEnded, RingStarted, Withheld

AT = datetime(2026, 11, 21, 18, tzinfo=UTC)
NOW = Moment(AT, 100.0)


def answer(*, complete: bool = True) -> Answer:
    return Answer(
        Caller(None, None, None, Presentation.ALLOWED, None, "From"),
        Called(None),
        LanguageChoice("en", "English", "English", "default", True, None),
        Resolution(Status.UNKNOWN, None, ()),
        complete=complete,
    )


@dataclass
class FakeLookup:
    """`hot` knows nothing while `gate` is set; `answers` waits for it."""

    gate: asyncio.Event | None = None
    late: asyncio.Event | None = None
    asked: list[str] = field(default_factory=list)
    fails: bool = False
    breaks: bool = False

    def hot(
        self, signalled: Signalled, plan: DialPlan, agents: frozenset[str], call_id: str, at: datetime
    ) -> dict[str, Answer] | None:
        if self.breaks:
            raise RuntimeError("boom")
        return None if self.gate is not None else {agent: answer() for agent in agents}

    async def answers(
        self, signalled: Signalled, plan: DialPlan, agents: frozenset[str], call_id: str, at: datetime
    ) -> Answers:
        self.asked.append(call_id)
        if self.fails:
            raise RuntimeError("boom")
        assert self.gate is not None
        await self.gate.wait()
        return Answers({agent: answer(complete=self.late is None) for agent in agents}, self._rest(agents))

    def _rest(self, agents: frozenset[str]) -> Awaitable[dict[str, Answer]] | None:
        late = self.late
        if late is None:
            return None

        async def rest() -> dict[str, Answer]:
            await late.wait()
            return {agent: answer() for agent in agents}

        return rest()


class House:
    """A flow between a counted SIP room and one listening desk of ana, at line 6001."""

    def __init__(self, lookup: FakeLookup) -> None:
        words = count(1)
        self.desks = Desks("/ctibridge/test", lambda: f"e{next(words)}")
        self.desks.set_lines([Line("pbx", "6001", ("ana",)), Line("pbx", "6002", ("ana", "ben"))])
        self.frames: list[dict[str, Any]] = []
        ids = count(1)
        self.flow = Flow(
            lookup, self.desks, {"pbx": DialPlan("DE")}, lambda: NOW, lambda _: f"call{next(ids)}", self.deliver
        )
        self.desks.connected(1, NOW)
        self.desks.receive(1, '{"type": "auth", "token": "t"}', NOW)
        self.desks.admit(1, Token("id", Kind.DESK, "ana", AT, None, None), "ana", NOW)
        self.deliver()

    def deliver(self) -> None:
        self.frames += [json.loads(output.frame) for output in self.desks.drain() if isinstance(output, Send)]

    @property
    def types(self) -> list[str]:
        return [f"{frame['type']} {frame.get('subject')}" for frame in self.frames if "specversion" in frame]

    def ring(self, leg: str, line: str = "6001", caller: str = "111") -> None:
        identity = Identity(caller, None, Withheld.NO, "From")
        self.flow.hear(RingStarted("pbx", line, leg, (leg, "tag"), None, identity, ("+4930",)))

    def end(self, leg: str) -> None:
        self.flow.hear(RingEnded(leg, RingEnd.CANCELLED))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


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
