"""Facts travel right: what the SIP room heard becomes a call, the call gets its answer, the answer reaches the desks.

In order for each call and desk, in parallel otherwise. Where the answer is in memory, a ring goes from the datagram to
the desks' frames without one await; where the store has to be asked, what comes later for the same call waits there.
A call that continues another is asked for twice: as itself, and as the first one, of which each agent sees what he may.
What a desk asks for comes back the other way: a note goes to the notebook, and from there to the desks.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice

import structlog

from ctibridge.calls import intake
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Answered, Ended, Fact, Learned, Noted, Rang
from ctibridge.calls.notebook import Notebook
from ctibridge.calls.views import Views
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.erased import Level
from ctibridge.delivery.kept import Outbox
from ctibridge.domain.call import ANSWERED, Call
from ctibridge.domain.desk_command import WriteNote
from ctibridge.domain.line import LineState
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import Note
from ctibridge.domain.screen_pop import Answer
from ctibridge.flow import remembered
from ctibridge.flow.asking import Anew, Asked, Asking, Resolver
from ctibridge.flow.calling_back import CallingBack
from ctibridge.flow.figures import Figures
from ctibridge.flow.open_pops import OpenPops
from ctibridge.flow.pops import Pops
from ctibridge.flow.review import Review
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import DialPlan
from ctibridge.sip import events
from ctibridge.sip.events import Event, LineChanged, LineGone, PickedUp, RingEnded, RingStarted

log = structlog.get_logger()


class Flow:
    """now: both clocks; fresh_id: a new call's id for that time; deliver: carries out what the desks have to say;
    plans, views: of each trunk, views where its lines are seen by more than a contact; whoever gives them may change
    them while calls ring."""

    def __init__(
        self,
        lookup: Resolver,
        desks: Desks,
        outbox: Outbox,
        plans: dict[str, DialPlan],
        now: Callable[[], Moment],
        fresh_id: Callable[[datetime], str],
        deliver: Callable[[], None],
        views: Mapping[str, Views] | None = None,
    ) -> None:
        self.heard_at = 0.0
        """When the last fact came (monotonic seconds)."""
        self.figures = Figures()
        self._calls = Calls(views)
        self._notebook = Notebook()
        self._open = pops = OpenPops()
        self._lookup = lookup
        self._desks = desks
        self._asking = Asking(
            lookup, plans, desks.internal, self._notebook.of, pops.chosen, pops.chosen_of_first, self._beside
        )
        self._pops = Pops(lookup, desks, outbox, pops, self._asking, now, deliver, self._known)
        self._reviewing = Review(pops, desks, lookup.visible, self._pops.ask_again, deliver)
        self.calling_back = CallingBack(desks, outbox, lookup.visible, now, self._pops.in_order)
        self._now = now
        self._fresh_id = fresh_id
        self._deliver = deliver
        self._states: dict[tuple[str, str], tuple[str, str]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due_at = 0.0

    def hear(self, event: Event) -> None:
        """One fact of the SIP room."""
        came = event.at if isinstance(event, RingStarted) else None
        self.figures.came(self._now().clock if came is None else came)
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
        of_granted = self._open.of_granted_account(command.call, command.agent)
        if of_granted is None:  # from before a restart: he may write of all that he was told then
            of_granted = self._desks.told_of(command.agent, command.call) != frozenset()
        note = Note(command.agent, command.text, now.at, of_granted)
        for fact in self._notebook.write(command.call, note, desks, now):
            if isinstance(fact, Noted):
                for agent in sorted(fact.agents):
                    alone = frozenset({agent})
                    self._pops.in_order(fact.call, alone, partial(self._noted, [replace(fact, agents=alone)]))
            else:
                self._pops.learned(fact)
        self._rearm()
        self._deliver()

    def sat(self, agent: str) -> None:
        """An agent sat down at lines of which some may ring."""
        now = self._now()
        self.figures.came(now.clock)
        self._tell(self._calls.sit(agent, lambda trunk, line: agent in self._desks.hearers(trunk, line), now))
        self._rearm()
        self._deliver()

    async def restore(self, calls: Mapping[str, Mapping[str, Call]]) -> None:
        """Calls of before the process began, which desks still have, as each agent was told of it last. What he was
        told of he could see then; a grant may have ended since."""
        at, left = self._now().at, iter(calls)
        while some := {call: calls[call] for call in islice(left, self._open.room)}:
            for call, fact in (await self._pops.all_remembered(some)).items():
                self._open.restore(fact, partial(self._saw, call, at))

    async def as_seen_now(self, agent: str, call: str) -> Answer | None:
        """What a pop of this call would say to this agent now; None where it is not known any more."""
        return await self._pops.as_seen_now(agent, call)

    async def anew(self, agent: str, call: str) -> Anew | None:
        """What would be asked for this call once more; None where it is not known any more."""
        return await self._pops.anew(agent, call)

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
        return fact is not None and self._pops.internal(fact.call.trunk, fact.signalled) is not None

    def choose(self, call: str, pick: Pick, *, of_first: bool = False) -> None:
        """This person is calling: those desks that have the call and may see him hear it. of_first: the call that this
        one continues was meant."""
        accounts, at = self._open.choose(call, pick, of_first=of_first), self._now().at
        # Nobody else is asked for: that anything is said at all would tell him of a person whom he may not see.
        desks = self._desks.having(call, at)
        self._pops.ask_again(call, frozenset(agent for agent in desks if accounts & self._lookup.visible(agent, at)))
        self._deliver()

    def erase(self, calls: Mapping[str, Level]) -> None:
        """Who called in these has to leave for good, or somebody who may have; their desks hear it."""
        his = frozenset(call for call, level in calls.items() if level is Level.HIS)
        self._calls.erase(his, remembered.NOBODY)
        self._notebook.erase(calls.keys())
        self.calling_back.erase(his)
        for call in calls:
            self._pops.erase(call, his=call in his)
        self._deliver()

    async def review(self) -> None:
        """Whose accounts have changed since his calls were told hears them again. Called a few times a minute."""
        await self._reviewing.run(self._now().at, self._pops.tails)

    @property
    def late(self) -> int:
        """Pops of which more is still to come."""
        return self._pops.late

    async def stop(self) -> None:
        """What rings ends as unknown, and everybody hears it, before the desks are closed."""
        self._tell(self._calls.stop(self._now()))
        self.figures.stop()
        if self._timer is not None:
            self._timer.cancel()
        await self._pops.stop()
        self.calling_back.write()
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
            case LineGone():
                self._line_gone(event)

    def _ring(self, event: RingStarted) -> None:
        now = self._now()
        self.heard_at = now.clock
        agents = self._desks.hearers(event.trunk, event.line)
        if not agents:
            self.figures.nobody(event.trunk)
            self._desks.nobody_sits(event.trunk, event.line, now.at)
        leg = intake.rang(event)
        leg = replace(leg, internal=self._pops.internal(event.trunk, leg.signalled) is not None)
        self._tell(self._calls.ring(leg, agents, self._fresh_id(now.at), now))

    def _line(self, event: LineChanged) -> None:
        if self._states.get((event.trunk, event.line)) != (event.hearing, event.why):
            self._states[event.trunk, event.line] = event.hearing, event.why
            log.info("line", trunk=event.trunk, line=event.line, state=event.hearing, why=event.why)
            self._desks.line_state(event.trunk, event.line, LineState(event.hearing.value), self._now().at)

    def _line_gone(self, event: LineGone) -> None:
        """It was taken out of the configuration. What rings there ends by itself."""
        self._states.pop((event.trunk, event.line), None)
        log.info("line_gone", trunk=event.trunk, line=event.line)
        self._desks.line_gone(event.trunk, event.line)

    def _rearm(self) -> None:
        """One timer for what the calls wait for: never too late; too early where what it was for has come."""
        rooms = self._calls, self._notebook, self.calling_back, self.figures
        due = min((due for room in rooms if (due := room.deadline) is not None), default=None)
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
        self.figures.came(now.clock)
        self.calling_back.wake(now)
        self._tell(self._calls.wake(now))
        self.figures.wake(now.clock)
        self._rearm()
        self._deliver()

    def _tell(self, facts: list[Fact]) -> None:
        for fact in facts:
            for hear in (self._count, self._say, self.calling_back.heard):
                try:
                    hear(fact)
                except Exception:
                    # Neither costs the other the fact, nor the facts behind it.
                    log.error("fact_failed", fact=type(fact).__name__, exc_info=True)

    def _count(self, fact: Fact) -> None:
        match fact:
            case Rang():
                self.figures.rang(fact.call.id, fact.agents)
            case Ended():
                self.figures.ended(fact.call, fact.agent, self._now().clock)

    def _say(self, fact: Fact) -> None:
        match fact:
            case Rang():
                self._rang(fact)
                self._read_on(fact)
            case Learned():
                self._pops.learned(fact)
                self._read_on(fact)
            case Answered():
                self._lookup.spoke(fact.call.id, self._now().at)
                self._pops.in_order(
                    fact.call.id, frozenset({fact.agent}), partial(self._desks.answered, fact.agent, fact.call)
                )
                log.info("answered", call=fact.call.id, line=fact.call.line)
            case Ended():
                if fact.call.outcome in ANSWERED:
                    self._lookup.spoke(fact.call.id, self._now().at)
                self._pops.in_order(fact.call.id, frozenset({fact.agent}), partial(self._ended, fact))
                log.info("ended", call=fact.call.id, line=fact.call.line, outcome=fact.call.outcome)

    def _known(self, call: Call, answers: Mapping[str, Answer], first: bool) -> None:
        self.figures.told(call.id, answers, self._now().clock)
        if first:
            self.calling_back.known(call, answers.values())

    def _beside(self, call: str) -> frozenset[str]:
        return frozenset(self._desks.having(call, self._now().at)) if self._open.fact(call) is not None else frozenset()

    def _rang(self, fact: Rang) -> None:
        call = fact.call
        self._pops.rang(fact)
        # Behind the pop: a log line costs a third of what the pop itself does.
        log.info("ringing", call=call.id, trunk=call.trunk, line=call.line, round=call.round, desks=len(fact.agents))

    def _ended(self, fact: Ended, at: datetime) -> None:
        self._notebook.ended(fact.call.id, fact.agent, self._now())
        self._desks.ended(fact.agent, fact.call, at)

    def _read_on(self, fact: Asked) -> None:
        """Behind the pop: what was noted before the call came to this desk."""
        for agents in self._open.alike(fact.call.id, fact.agents):
            if self._notebook.concerns(fact) or not self._pops.tails.free(fact.call.id, agents):
                self._pops.in_order(fact.call.id, agents, partial(self._noted_before, replace(fact, agents=agents)))

    def _noted_before(self, fact: Asked, at: datetime) -> None:
        self._noted(self._notebook.popped(fact), at)

    def _noted(self, facts: Iterable[Noted], at: datetime) -> None:
        """Told with the time when it was written."""
        for fact in facts:
            for agent in sorted(fact.agents):
                seen = self.calling_back.sees(fact.call, agent)
                if seen is None:
                    seen = self._open.of_granted_account(fact.call, agent)
                if seen is None:
                    seen = self._sees_all_of(fact, agent, at)
                if agent == fact.note.by or seen or not fact.note.of_granted_account:
                    self._desks.worked(agent, fact.call, fact.note)

    def _saw(self, call: str, at: datetime, agent: str) -> frozenset[str]:
        return self._lookup.visible(agent, at) | (self._desks.told_of(agent, call) or frozenset())

    def _sees_all_of(self, fact: Noted, agent: str, at: datetime) -> bool:
        """Of a call from before a restart: was he told of all that the note's author was told of with it, and may he
        see it still? Of which of it the note speaks nobody knows."""
        of_note = self._desks.told_of(fact.note.by, fact.call)
        of_agent = self._desks.told_of(agent, fact.call)
        if not of_note or of_agent is None:
            return False
        return of_note <= of_agent & self._lookup.visible(agent, at)
