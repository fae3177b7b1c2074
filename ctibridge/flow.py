"""Facts travel right: what the SIP room heard becomes a call, the call gets its answer, the answer reaches the desks.

In order for each call, in parallel across calls. Where the answer is in memory, a ring goes from the datagram to the
desks' frames without one await; where the store has to be asked, what comes later for the same call waits behind it.
A call that continues another is asked for twice: as itself, and as the first one, of which each agent sees what he may.
What a desk asks for comes back the other way: a note goes to the notebook, and from there to the desks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog

from ctibridge.calls import intake
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Answered, Continues, Ended, Fact, Learned, Noted, Rang
from ctibridge.calls.notebook import Notebook
from ctibridge.calls.views import Views
from ctibridge.delivery.desks import Desks
from ctibridge.domain.caller import Signalled
from ctibridge.domain.desk_command import WriteNote
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.line import LineState
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import Note
from ctibridge.domain.screen_pop import Answer, ScreenPop
from ctibridge.lookup.adapters.lookup import Answers
from ctibridge.lookup.settings import DialPlan
from ctibridge.sip import events
from ctibridge.sip.events import Event, LineChanged, PickedUp, RingEnded, RingStarted

log = structlog.get_logger()

Asked = Rang | Learned
Say = Callable[[str, ScreenPop, datetime], None]


class Resolver(Protocol):
    """What is asked of the look-up: from memory at once, or from the store."""

    def hot(
        self, signalled: Signalled, plan: DialPlan, agents: frozenset[str], call_id: str, at: datetime
    ) -> dict[str, Answer] | None: ...

    async def answers(
        self, signalled: Signalled, plan: DialPlan, agents: frozenset[str], call_id: str, at: datetime
    ) -> Answers: ...


class Flow:
    """now: both clocks; fresh_id: a new call's id for that time; deliver: carries out what the desks have to say;
    views: how the lines of each trunk are seen, where that is more than by a contact."""

    def __init__(
        self,
        lookup: Resolver,
        desks: Desks,
        plans: dict[str, DialPlan],
        now: Callable[[], Moment],
        fresh_id: Callable[[datetime], str],
        deliver: Callable[[], None],
        views: Mapping[str, Views] | None = None,
    ) -> None:
        self.heard_at = 0.0
        """When the last fact came (monotonic seconds)."""
        self._calls = Calls(views)
        self._notebook = Notebook()
        self._lookup = lookup
        self._desks = desks
        self._plans = plans
        self._now = now
        self._fresh_id = fresh_id
        self._deliver = deliver
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._late: dict[asyncio.Future[None], str] = {}
        self._states: dict[tuple[str, str], tuple[str, str]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due_at = 0.0

    def hear(self, event: Event) -> None:
        """One fact of the SIP room."""
        try:
            self._carry(event)
        except Exception:
            # Whose socket brought it goes on: a fact that fails costs itself alone.
            log.error("fact_failed", fact=type(event).__name__, exc_info=True)
        self._rearm()
        self._deliver()

    def note(self, command: WriteNote) -> None:
        """An agent wrote a note for a call that his desk has."""
        now = self._now()
        desks = self._desks.having(command.call, now.at)
        for fact in self._notebook.write(command.call, Note(command.agent, command.text, now.at), desks, now):
            if isinstance(fact, Noted):
                self._in_order(fact.call, partial(self._noted, [fact]))
            else:
                self._learned(fact)
        self._rearm()
        self._deliver()

    async def stop(self) -> None:
        """What rings ends as unknown, and everybody hears it, before the desks are closed."""
        self._tell(self._calls.stop(self._now()))
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*self._tails.values())
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        self._deliver()

    def _carry(self, event: Event) -> None:
        match event:
            case RingStarted():
                self._ring(event)
            case RingEnded():
                self._tell(self._calls.end(intake.ended(event), self._now()))
            case events.Answered():
                self._tell(self._calls.answer(intake.answered(event), self._now()))
            case PickedUp():
                agents = self._desks.hearers(event.trunk, event.line)
                self._tell(self._calls.pick(intake.picked(event), agents, self._now()))
            case LineChanged():
                self._line(event)

    def _ring(self, event: RingStarted) -> None:
        now = self._now()
        self.heard_at = now.clock
        agents = self._desks.hearers(event.trunk, event.line)
        if not agents:
            self._desks.nobody_sits(event.trunk, event.line, now.at)
        leg = intake.rang(event)
        leg = replace(leg, internal=self._internal(event.trunk, leg.signalled) is not None)
        self._tell(self._calls.ring(leg, agents, self._fresh_id(now.at), now))

    def _internal(self, trunk: str, signalled: Signalled) -> Internal | None:
        """One of our lines calls, and the PBX does not say that it comes from outside."""
        raw = signalled.raw
        return None if raw is None or signalled.is_external else self._desks.internal(trunk, raw.value)

    def _line(self, event: LineChanged) -> None:
        if self._states.get((event.trunk, event.line)) != (event.hearing, event.why):
            self._states[event.trunk, event.line] = event.hearing, event.why
            log.info("line", trunk=event.trunk, line=event.line, state=event.hearing, why=event.why)
            self._desks.line_state(event.trunk, event.line, LineState(event.hearing.value), self._now().at)

    def _rearm(self) -> None:
        """One timer for what the calls wait for: never too late; too early where what it was for has come."""
        due = min((due for due in (self._calls.deadline, self._notebook.deadline) if due is not None), default=None)
        if due is None or (self._timer is not None and self._due_at <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due_at = due
        self._timer = asyncio.get_running_loop().call_later(max(due - self._now().clock, 0.0), self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self._now()
        self._notebook.wake(now)
        self._tell(self._calls.wake(now))
        self._rearm()
        self._deliver()

    def _tell(self, facts: list[Fact]) -> None:
        for fact in facts:
            try:
                self._say(fact)
            except Exception:
                log.error("fact_failed", fact=type(fact).__name__, exc_info=True)

    def _say(self, fact: Fact) -> None:
        match fact:
            case Rang():
                self._rang(fact)
                self._read_on(fact)
            case Learned():
                self._learned(fact)
                self._read_on(fact)
            case Answered():
                self._in_order(fact.call.id, partial(self._desks.answered, fact.agent, fact.call))
                log.info("answered", call=fact.call.id, line=fact.call.line)
            case Ended():
                self._in_order(fact.call.id, partial(self._ended, fact))
                log.info("ended", call=fact.call.id, line=fact.call.line, outcome=fact.call.outcome)

    def _rang(self, fact: Rang) -> None:
        call = fact.call
        self._pop(fact, self._desks.ringing)
        # Behind the pop: a log line costs a third of what the pop itself does.
        log.info("ringing", call=call.id, trunk=call.trunk, line=call.line, round=call.round, desks=len(fact.agents))

    def _learned(self, fact: Learned) -> None:
        """What is still being read for the first view would only overwrite what the second one knows better."""
        for task, call in list(self._late.items()):
            if call == fact.call.id:
                task.cancel()
        self._pop(fact, self._desks.updated)

    def _ended(self, fact: Ended, at: datetime) -> None:
        self._notebook.ended(fact.call.id, fact.agent, self._now())
        self._desks.ended(fact.agent, fact.call, at)

    def _read_on(self, fact: Asked) -> None:
        """Behind the pop: what was noted before the call came to this desk."""
        if self._notebook.concerns(fact) or fact.call.id in self._tails:
            self._in_order(fact.call.id, lambda at: self._noted(self._notebook.popped(fact), at))

    def _noted(self, facts: Iterable[Noted], at: datetime) -> None:
        """Told with the time when it was written."""
        for fact in facts:
            for agent in sorted(fact.agents):
                self._desks.worked(agent, fact.call, fact.note)

    def _pop(self, fact: Asked, say: Say) -> None:
        answers = None if fact.call.id in self._tails else self._hot(fact)
        if answers is None:
            self._behind(fact.call.id, lambda: self._ask(fact, say))
        else:
            self._show(fact, answers, say)
            self._deliver()

    def _hot(self, fact: Asked) -> dict[str, Answer] | None:
        call = fact.call
        plan, at = self._plans[call.trunk], self._seen_at(fact)
        own = self._lookup.hot(fact.signalled, plan, fact.agents, call.id, at)
        if own is None or fact.continues is None:
            return own
        first = self._lookup.hot(fact.continues.signalled, plan, fact.agents, call.id, at)
        return None if first is None else self._continued(fact.continues, call.trunk, own, first)

    def _seen_at(self, fact: Asked) -> datetime:
        """What is learned later, may be much later (a note), is for who may see the caller then."""
        return fact.call.rang_at if isinstance(fact, Rang) else self._now().at

    async def _ask(self, fact: Asked, say: Say) -> None:
        """The store is asked. The first answer pops at once; what was late follows as a later revision."""
        answers = await self._answers(fact)
        self._show(fact, answers.first, say)
        if answers.rest is not None:
            # Not in the call's order: an end that comes meanwhile is told at once, and the desk keeps what it knows.
            task = asyncio.ensure_future(self._update(fact, answers.rest))
            self._late[task] = fact.call.id
            task.add_done_callback(self._late.pop)

    async def _answers(self, fact: Asked) -> Answers:
        call, continues = fact.call, fact.continues
        plan, at = self._plans[call.trunk], self._seen_at(fact)
        own = self._lookup.answers(fact.signalled, plan, fact.agents, call.id, at)
        if continues is None:
            return await own
        both = await asyncio.gather(own, self._lookup.answers(continues.signalled, plan, fact.agents, call.id, at))
        first = self._continued(continues, call.trunk, both[0].first, both[1].first)
        if both[0].rest is None and both[1].rest is None:
            return Answers(first)
        return Answers(first, self._rest(continues, call.trunk, *both))

    async def _rest(self, continues: Continues, trunk: str, own: Answers, first: Answers) -> dict[str, Answer]:
        late_own = own.first if own.rest is None else await own.rest
        late_first = first.first if first.rest is None else await first.rest
        return self._continued(continues, trunk, late_own, late_first)

    def _continued(
        self, continues: Continues, trunk: str, own: dict[str, Answer], first: dict[str, Answer]
    ) -> dict[str, Answer]:
        """Each agent's own pop with what he may see of the first call."""
        by = self._desks.internal(trunk, continues.line) or Internal(continues.line, None)
        notes = self._notebook.of(continues)
        return {
            agent: answer.continuing(first[agent], continues.kind, by, continues.call, notes)
            for agent, answer in own.items()
        }

    async def _update(self, fact: Asked, rest: Awaitable[dict[str, Answer]]) -> None:
        self._show(fact, await rest, self._desks.updated)
        self._deliver()

    def _show(self, fact: Asked, answers: dict[str, Answer], say: Say) -> None:
        at = self._now().at
        internal = self._internal(fact.call.trunk, fact.signalled)
        for agent, answer in answers.items():
            known = answer if internal is None else replace(answer, internal=internal)
            say(agent, ScreenPop(fact.call, known), at)

    def _in_order(self, call: str, say: Callable[[datetime], None]) -> None:
        """At once, or behind what still waits for the store."""

        async def later() -> None:
            say(self._now().at)

        if call in self._tails:
            self._behind(call, later)
        else:
            say(self._now().at)
            self._deliver()

    def _behind(self, call: str, step: Callable[[], Awaitable[None]]) -> None:
        """Runs `step` when all earlier steps of this call are done. A step that fails costs itself alone."""
        before = self._tails.get(call)

        async def run() -> None:
            if before is not None:
                await before
            try:
                await step()
            except Exception:
                log.error("step_failed", call=call, exc_info=True)
            self._deliver()
            if self._tails.get(call) is asyncio.current_task():
                del self._tails[call]

        self._tails[call] = asyncio.get_running_loop().create_task(run())
