"""A flow between a counted SIP room and two listening desks, with a look-up that can be slow, late or broken."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from ctibridge.calls.views import Views
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptCall, KeptDesk
from ctibridge.delivery.outputs import Command, KeepCall, Output, Send
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.account import AccountRef
from ctibridge.domain.caller import Called, Caller, Presentation, Signalled
from ctibridge.domain.desk_command import DeskCommand, WriteNote
from ctibridge.domain.line import Line
from ctibridge.domain.moment import Moment
from ctibridge.domain.notice import Notice
from ctibridge.domain.private import Number
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Answer, LanguageChoice, Signal
from ctibridge.flow import calling_back
from ctibridge.flow.call_names import FreshNames
from ctibridge.flow.flow import Flow
from ctibridge.flow.nodes import Nodes
from ctibridge.lookup.adapters.answers import Answers
from ctibridge.lookup.question import Question
from ctibridge.lookup.settings import DialPlan
from ctibridge.sip.events import (
    Identity,
    RingEnd,
    RingEnded,
    RingStarted,
    View,
    Withheld,
)
from tests.delivery.memory_outbox import MemoryOutbox

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
    heard: list[Signalled] = field(default_factory=list)
    granted: dict[str, bool] = field(default_factory=dict)
    fails: bool = False
    breaks: bool = False
    questions: list[Question] = field(default_factory=list)
    seen: dict[str, frozenset[str]] = field(default_factory=dict)
    spoken: list[str] = field(default_factory=list)
    blind: set[str] = field(default_factory=set)
    notices: dict[str, tuple[Notice, ...]] = field(default_factory=dict)

    def hot(self, question: Question, agents: frozenset[str]) -> Answers | None:
        if self.breaks:
            raise RuntimeError("boom")
        self.heard.append(question.signalled)
        self.questions.append(question)
        if self.gate is not None:
            return None
        return Answers({agent: self._shown(question, agent) for agent in agents}, notices=self.notices)

    def _shown(self, question: Question, agent: str) -> Answer:
        """Another one where another person was chosen, or where the agent sees other accounts."""
        words = sorted(self.seen.get(agent, ()))
        words += [] if agent in self.blind else [pick.person.id for pick in question.chosen]
        return replace(self._answer(question.signalled, agent), signals=tuple(map(Signal, words)))

    def _answer(self, signalled: Signalled, agent: str) -> Answer:
        """Says of a first call whose it was; an agent without the grant is told of no account."""
        caller = replace(answer().caller, number=signalled.raw)
        status = Status.SHARED if signalled.called == (Number("+4930"),) else Status.UNKNOWN
        account = AccountRef("acme", "ACME AG") if status is Status.SHARED and self.granted.get(agent) else None
        return replace(answer(), caller=caller, resolution=Resolution(status, account, ()))

    async def answers(self, question: Question, agents: frozenset[str]) -> Answers:
        self.asked.append(question.call_id or "")
        self.questions.append(question)
        if self.fails:
            raise RuntimeError("boom")
        if self.gate is not None:
            await self.gate.wait()
        if self.granted:
            return Answers({agent: self._answer(question.signalled, agent) for agent in agents})
        return Answers({agent: answer(complete=self.late is None) for agent in agents}, self._rest(agents))

    def _rest(self, agents: frozenset[str]) -> AsyncIterator[dict[str, Answer]] | None:
        late = self.late
        if late is None:
            return None

        async def rest() -> AsyncIterator[dict[str, Answer]]:
            await late.wait()
            yield {agent: answer() for agent in agents}

        return rest()

    def visible(self, agent: str, at: datetime) -> frozenset[str]:
        return self.seen.get(agent, frozenset({"acme"}))

    def spoke(self, call: str, at: datetime) -> None:
        self.spoken.append(call)


class House:
    """A flow between a counted SIP room and one listening desk of ana, at line 6001."""

    def __init__(
        self,
        lookup: FakeLookup,
        views: Views | None = None,
        before: "House | None" = None,
        nodes: Nodes | None = None,
    ) -> None:
        """before: of the process before this one, whose desks and outbox go on."""
        words = count(1)
        self.lookup = lookup
        self.now = NOW
        self.desks = Desks("/ctibridge/test", lambda: f"e{next(words)}", () if before is None else before.kept())
        self.desks.set_lines(
            [Line("pbx", "6001", ("ana",)), Line("pbx", "6002", ("ana", "ben")), Line("pbx", "6003", ("cleo",))]
        )
        self.frames: list[dict[str, Any]] = []
        self.on_command: Callable[[DeskCommand], None] = lambda _: None
        ids = count(1)
        self.outbox: MemoryOutbox = MemoryOutbox() if before is None else before.outbox
        self.flow = Flow(
            lookup,
            self.desks,
            self.outbox,
            {"pbx": DialPlan("DE")},
            lambda: self.now,
            nodes or Nodes(FreshNames(lambda _: f"call{next(ids)}")),
            self.deliver,
            {"pbx": views or Views()},
        )
        for number, agent in enumerate(("ana", "cleo"), 1):
            self.desks.connected(number, NOW)
            self.desks.receive(number, '{"type": "auth", "token": "t"}', NOW)
            self.desks.admit(number, Token("id", Kind.DESK, agent, AT, None, None), agent, NOW)
        self.deliver()

    def deliver(self) -> None:
        while outputs := self.desks.drain():
            for output in outputs:
                self.do(output)

    def do(self, output: Output) -> None:
        match output:
            case Send():
                self.frames.append(json.loads(output.frame) | {"desk": output.session})
            case KeepCall(call):
                self.outbox.keep_call(call)
            case Command(WriteNote() as command):
                self.flow.carry_out(self.flow.written(command))
            case Command(command):
                self.on_command(command)

    def kept(self) -> list[KeptDesk]:
        """As the next process finds them; their events are not kept here."""
        calls: dict[str, list[KeptCall]] = {}
        for (agent, _), call in self.outbox.calls.items():
            calls.setdefault(agent, []).append(replace(call, pop=None))
        return [KeptDesk(agent, "e0", 9, 10, 0, tuple(of_desk)) for agent, of_desk in calls.items()]

    async def restarted(self) -> "House":
        """The next process, whose desks have heard what went on before it began."""
        await self.flow.stop()
        after = House(self.lookup, before=self)
        calls = after.desks.restarted(after.now.at)
        await after.flow.restore(calls)
        missed = {call: body for (kind, call), body in self.outbox.facts.items() if kind == calling_back.KIND}
        after.flow.calling_back.restore(missed, calls)
        after.deliver()
        after.frames.clear()
        return after

    @property
    def types(self) -> list[str]:
        return [f"{frame['type']} {frame.get('subject')}" for frame in self.frames if "specversion" in frame]

    def ring(
        self, leg: str, line: str = "6001", caller: str = "111", called: str = "+4930", dialog: str | None = None
    ) -> None:
        """dialog: the Call-ID, where other legs have it too."""
        identity = Identity(caller, None, Withheld.NO, "From")
        self.flow.hear(RingStarted("pbx", line, leg, (dialog or leg, "tag"), None, identity, (called,)))

    def state(self, leg: str, line: str = "6001", caller: str | None = "111") -> None:
        """As dialog-info shows it, without a called number."""
        identity = Identity(caller, None, Withheld.NO, "dialog-info")
        self.flow.hear(RingStarted("pbx", line, leg, ("", ""), None, identity, (), View.DIALOG_INFO))

    def end(self, leg: str, how: RingEnd = RingEnd.CANCELLED) -> None:
        self.flow.hear(RingEnded(leg, how))

    def write(self, agent: str, call: str, text: str) -> None:
        """A note, as the agent's desk would send it."""
        self.says(agent, {"type": "note", "call": call, "text": text})

    def says(self, agent: str, frame: dict[str, Any]) -> None:
        """As the agent's desk would send it."""
        self.desks.receive({"ana": 1, "cleo": 2}[agent], json.dumps(frame), self.now)
        self.deliver()

    def later(self, seconds: float) -> None:
        self.now = Moment(self.now.at + timedelta(seconds=seconds), self.now.clock + seconds)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
