"""Facts travel right: what the SIP room heard becomes a call, the call gets its answer, the answer reaches the desks.

In order for each call and desk, in parallel otherwise. Where the answer is in memory, a ring goes from the datagram to
the desks' frames without one await; where the store has to be asked, what comes later for the same call waits there.
A call that continues another is asked for twice: as itself, and as the first one, of which each agent sees what he may.
What a desk asks for comes back the other way: a note goes to the notebook, and from there to the desks.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from ctibridge.calls import intake
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Answered, Ended, Fact, Learned, Noted, Rang
from ctibridge.calls.notebook import Notebook
from ctibridge.calls.views import Views
from ctibridge.delivery.desks import Desks
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Signalled
from ctibridge.domain.desk_command import WriteNote
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.line import LineState
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import Note
from ctibridge.domain.screen_pop import Answer, ScreenPop
from ctibridge.flow.asking import Asked, Asking, Resolver
from ctibridge.flow.open_pops import OpenPops, Turns
from ctibridge.flow.review import Review
from ctibridge.flow.tails import Tails
from ctibridge.lookup.adapters.answers import Answers
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import DialPlan
from ctibridge.sip import events
from ctibridge.sip.events import Event, LineChanged, PickedUp, RingEnded, RingStarted

log = structlog.get_logger()

_SPOKEN = frozenset({Outcome.ANSWERED_HERE, Outcome.ANSWERED_ELSEWHERE})
Say = Callable[[str, ScreenPop, datetime], None]


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
        self._open = OpenPops()
        self._lookup = lookup
        self._desks = desks
        pops = self._open
        self._asking = Asking(
            lookup, plans, desks.internal, self._notebook.of, pops.chosen, pops.chosen_of_first, self._beside
        )
        self._reviewing = Review(pops, desks, lookup.visible, self._ask_again, deliver)
        self._now = now
        self._fresh_id = fresh_id
        self._deliver = deliver
        self._tails = Tails(deliver)
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
        of_granted = self._open.of_granted_account(command.call, command.agent) is not False
        note = Note(command.agent, command.text, now.at, of_granted)
        for fact in self._notebook.write(command.call, note, desks, now):
            if isinstance(fact, Noted):
                for agent in sorted(fact.agents):
                    alone = frozenset({agent})
                    self._in_order(fact.call, alone, partial(self._noted, [replace(fact, agents=alone)]))
            else:
                self._learned(fact)
        self._rearm()
        self._deliver()

    def sat(self, agent: str) -> None:
        """An agent sat down at lines of which some may ring."""
        now = self._now()
        self._tell(self._calls.sit(agent, lambda trunk, line: agent in self._desks.hearers(trunk, line), now))
        self._rearm()
        self._deliver()

    def question(self, call: str) -> Question | None:
        """What a desk that has this call would ask now; None where it is over and forgotten."""
        fact = self._open.fact(call)
        return None if fact is None else self._asking.question(fact, self._now().at)

    def first_question(self, call: str) -> Question | None:
        """The same of the call that this one continues, which is what its desks are shown if they may see it; None
        where it continues none."""
        fact = self._open.fact(call)
        if fact is None or fact.continues is None:
            return None
        return self._asking.first_question(fact, fact.continues, self._now().at)

    def is_internal(self, call: str) -> bool:
        """Does one of our lines call?"""
        fact = self._open.fact(call)
        return fact is not None and self._internal(fact.call.trunk, fact.signalled) is not None

    def choose(self, call: str, pick: Pick, *, of_first: bool = False) -> None:
        """This person is calling: those desks that have the call and may see him hear it. of_first: the call that this
        one continues was meant."""
        accounts, at = self._open.choose(call, pick, of_first=of_first), self._now().at
        # Nobody else is asked for: that anything is said at all would tell him of a person whom he may not see.
        desks = self._desks.having(call, at)
        self._ask_again(call, frozenset(agent for agent in desks if accounts & self._lookup.visible(agent, at)))
        self._deliver()

    async def review(self) -> None:
        """Whose accounts have changed since his calls were told hears them again. Called a few times a minute."""
        await self._reviewing.run(self._now().at, self._tails)

    async def stop(self) -> None:
        """What rings ends as unknown, and everybody hears it, before the desks are closed."""
        self._tell(self._calls.stop(self._now()))
        if self._timer is not None:
            self._timer.cancel()
        await self._tails.drain()
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
                self._lookup.spoke(fact.call.id, self._now().at)
                self._in_order(
                    fact.call.id, frozenset({fact.agent}), partial(self._desks.answered, fact.agent, fact.call)
                )
                log.info("answered", call=fact.call.id, line=fact.call.line)
            case Ended():
                if fact.call.outcome in _SPOKEN:
                    self._lookup.spoke(fact.call.id, self._now().at)
                self._in_order(fact.call.id, frozenset({fact.agent}), partial(self._ended, fact))
                log.info("ended", call=fact.call.id, line=fact.call.line, outcome=fact.call.outcome)

    def _beside(self, call: str) -> frozenset[str]:
        return frozenset(self._desks.having(call, self._now().at)) if self._open.fact(call) is not None else frozenset()

    def _seen(self, at: datetime) -> Callable[[str], frozenset[str]]:
        return lambda agent: self._lookup.visible(agent, at)

    def _ask_again(self, call: str, agents: frozenset[str]) -> None:
        fact, desks = self._open.fact(call), self._desks.having(call, self._now().at)
        wanted = {agent: known for agent, known in desks.items() if agent in agents}
        if fact is not None and wanted:
            self._learned(Learned(next(iter(wanted.values())), frozenset(wanted), fact.signalled, fact.continues))

    def _rang(self, fact: Rang) -> None:
        call = fact.call
        self._pop(fact, self._desks.ringing)
        # Behind the pop: a log line costs a third of what the pop itself does.
        log.info("ringing", call=call.id, trunk=call.trunk, line=call.line, round=call.round, desks=len(fact.agents))

    def _learned(self, fact: Learned) -> None:
        self._pop(fact, self._desks.updated)

    def _ended(self, fact: Ended, at: datetime) -> None:
        self._notebook.ended(fact.call.id, fact.agent, self._now())
        self._desks.ended(fact.agent, fact.call, at)

    def _read_on(self, fact: Asked) -> None:
        """Behind the pop: what was noted before the call came to this desk."""
        for agents in self._open.alike(fact.call.id, fact.agents):
            if self._notebook.concerns(fact) or not self._tails.free(fact.call.id, agents):
                self._in_order(fact.call.id, agents, partial(self._noted_before, replace(fact, agents=agents)))

    def _noted_before(self, fact: Asked, at: datetime) -> None:
        self._noted(self._notebook.popped(fact), at)

    def _noted(self, facts: Iterable[Noted], at: datetime) -> None:
        """Told with the time when it was written."""
        for fact in facts:
            for agent in sorted(fact.agents):
                seen = self._open.of_granted_account(fact.call, agent)
                if agent == fact.note.by or seen or not fact.note.of_granted_account:
                    self._desks.worked(agent, fact.call, fact.note)

    def _pop(self, fact: Asked, say: Say) -> None:
        call, at = fact.call.id, self._seen_at(fact)
        turns = self._open.told(fact, self._seen(at))
        for agents in self._open.alike(call, fact.agents):
            answers = self._asking.hot(fact, agents, at) if self._tails.free(call, agents) else None
            if answers is None:
                self._tails.behind(call, agents, partial(self._ask, fact, agents, say, turns))
            else:
                self._first(fact, answers, say, turns)
        self._deliver()

    def _seen_at(self, fact: Asked) -> datetime:
        """What is learned later, may be much later (a note), is for who may see the caller then."""
        return fact.call.rang_at if isinstance(fact, Rang) else self._now().at

    async def _ask(self, fact: Asked, agents: frozenset[str], say: Say, turns: Turns) -> None:
        """The store is asked. The first answer pops at once; what was late follows as later revisions."""
        self._first(fact, await self._asking.answers(fact, agents, self._seen_at(fact)), say, turns)

    def _first(self, fact: Asked, answers: Answers, say: Say, turns: Turns) -> None:
        self._show(fact, answers.first, say, anew=isinstance(fact, Rang))
        for agent, notices in answers.notices.items():
            for notice in notices:
                self._desks.notice(agent, notice, self._now().at)
        if answers.rest is not None:
            # Not in the call's order: an end that comes meanwhile is told at once, and the desk keeps what it knows.
            task = asyncio.ensure_future(self._update(fact, answers.rest, turns))
            self._late[task] = fact.call.id
            task.add_done_callback(self._late.pop)

    async def _update(self, fact: Asked, rest: AsyncIterator[dict[str, Answer]], turns: Turns) -> None:
        """Whoever was asked for again meanwhile hears that, and not what is older."""
        try:
            async for answers in rest:
                newest = self._open.newest(fact.call.id, turns)
                self._show(fact, {agent: one for agent, one in answers.items() if agent in newest}, self._desks.updated)
                self._deliver()
        except Exception:
            log.error("revision_failed", call=fact.call.id, exc_info=True)

    def _show(self, fact: Asked, answers: Mapping[str, Answer], say: Say, *, anew: bool = False) -> None:
        """anew: also who is told what he was told before: it rings there."""
        at = self._now().at
        internal = self._internal(fact.call.trunk, fact.signalled)
        for agent, answer in answers.items():
            known = answer if internal is None else replace(answer, internal=internal)
            if self._open.says_more(fact.call.id, agent, known, anew=anew):
                say(agent, ScreenPop(fact.call, known), at)

    def _in_order(self, call: str, agents: frozenset[str], say: Callable[[datetime], None]) -> None:
        """At once, or behind what still waits for the store at these desks."""

        async def later() -> None:
            say(self._now().at)

        if self._tails.free(call, agents):
            say(self._now().at)
            self._deliver()
        else:
            self._tails.behind(call, agents, later)
