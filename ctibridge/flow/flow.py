"""Facts travel right: what the SIP room heard becomes a call, the call gets its answer, the answer reaches the desks.

In order for each call and desk, in parallel otherwise. Where the answer is in memory, a ring goes from the datagram to
the desks' frames without one await; where the store has to be asked, what comes later for the same call waits there.
A call that continues another is asked for twice: as itself, and as the first one, of which each agent sees what he may.
What a desk asks for comes back the other way: a note goes to the notebook, and from there to the desks.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice

import structlog

from ctibridge.calls import intake
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Answered, Ended, Fact, Learned, Rang
from ctibridge.calls.notebook import Notebook
from ctibridge.calls.views import Views
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.erased import Level
from ctibridge.delivery.kept import Outbox
from ctibridge.domain.call import ANSWERED, Call
from ctibridge.domain.desk_command import Done, Sit, Take, WriteNote
from ctibridge.domain.moment import Moment
from ctibridge.domain.screen_pop import Answer
from ctibridge.flow import remembered
from ctibridge.flow.alarm import Alarm
from ctibridge.flow.asking import Asking, Resolver
from ctibridge.flow.calling_back import CallingBack
from ctibridge.flow.figures import Figures
from ctibridge.flow.homes import Kept
from ctibridge.flow.joint import Chosen, Joint, Known, Written
from ctibridge.flow.lately import Past
from ctibridge.flow.line_news import LineNews
from ctibridge.flow.moved_desks import MovedDesks
from ctibridge.flow.nodes import Nodes
from ctibridge.flow.noting import Noting
from ctibridge.flow.open_pops import OpenPops
from ctibridge.flow.pops import Pops
from ctibridge.flow.review import Review
from ctibridge.flow.ringing import Named, Ringing
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import DialPlan
from ctibridge.sip import events
from ctibridge.sip.events import Event, LineChanged, LineGone, PickedUp, RingEnded, RingStarted

log = structlog.get_logger()


class Flow:
    """now: both clocks; nodes: among which this one is; deliver: carries out what the desks have to say; plans, views:
    of each trunk, views where a line is seen by more than a contact; they may change while calls ring."""

    def __init__(
        self,
        lookup: Resolver,
        desks: Desks,
        outbox: Outbox,
        plans: dict[str, DialPlan],
        now: Callable[[], Moment],
        nodes: Nodes,
        deliver: Callable[[], None],
        views: Mapping[str, Views] | None = None,
    ) -> None:
        self.heard_at = 0.0
        """When the last fact came (monotonic seconds)."""
        self._homes, self._names = nodes.homes, nodes.names
        self.figures = Figures(self._homes.having)
        self._calls = Calls(views)
        self._notebook = Notebook()
        self._open = pops = OpenPops()
        self._lookup, self._desks = lookup, desks
        self._asking = Asking(
            lookup, plans, desks.internal, self._notebook.of, pops.chosen, pops.chosen_of_first, self._beside
        )
        self._pops = Pops(lookup, desks, outbox, pops, self._asking, now, deliver, self._known)
        self.as_seen_now, self.anew = self._pops.as_seen_now, self._pops.anew  # see there
        self._reviewing = Review(pops, desks, lookup.visible, self._pops.ask_again, deliver)
        self.calling_back = CallingBack(desks, outbox, lookup.visible, now, self._pops.in_order, self._homes, nodes.say)
        sees = self.calling_back.sees
        self._noting = Noting(self._notebook, desks, self._homes, pops, self._pops, lookup.visible, sees)
        self._ringing = Ringing(self._calls, desks, nodes, self._pops.internal)
        self.named, self.hearers = self._calls.named, self._calls.hearers  # see there
        self._moved = MovedDesks(self._homes, desks, pops, self._tell_here)
        self._now, self._deliver = now, deliver
        self._lines = LineNews(desks, self._homes)
        self._alarm = Alarm(self._wake, nodes.act, lambda: now().clock)

    def hear(self, event: Event | Past, teller: str = "", named: Named | None = None) -> None:
        """One fact of the SIP room, or what another node heard before. teller: the node that told it, empty for this
        one; named: what that one says of a leg that rings."""
        came = event.at if isinstance(event, RingStarted) else None
        self.figures.came(self._now().clock if came is None else came)
        try:
            self._carry(event, teller, named)
        except Exception:
            # Whose socket brought it goes on: a fact that fails costs itself alone.
            log.error("fact_failed", fact=type(event).__name__, exc_info=True)
        self._rearm()
        self._deliver()

    def written(self, command: WriteNote) -> Written:
        """A note for a call that the agent's desk has, as all nodes are to hear of it."""
        return self._noting.written(command, self._now().at)

    def carry_out(self, command: Joint) -> None:
        """What an agent said, here or on another node, or how a caller is known there."""
        if isinstance(command, Sit):
            self.sat(command.agent)
            return
        if (call := self._names.here(command.call)) != command.call:
            command = replace(command, call=call)
        match command:
            case Written():
                self._noting.write(command, self._now())
            case Chosen():
                self.choose(command.call, command.pick, of_first=command.of_first)
            case Take() | Done():
                self.calling_back.carry_out(command)
            case Known():
                self.calling_back.learn(command)
                return  # of many calls nothing comes of it, and what does is delivered there
        self._rearm()
        self._deliver()

    def falls_silent(self, teller: str, line: tuple[str, str] | None = None) -> None:
        """This node (empty: ours) hears this line, its trunk and user, no more; None: no line."""
        self._calls.falls_silent(teller, line)

    def gained(self, agents: frozenset[str]) -> None:
        """These desks have their home here from now on: see `MovedDesks`."""
        self.figures.came(self._now().clock)
        self._moved.gained(agents)
        self.calling_back.gained(agents)
        self._rearm()
        self._deliver()

    def going_on(self) -> frozenset[str]:
        """The calls that ring or are talked on, at whatever node."""
        return self._calls.going_on()

    def known(self, agents: frozenset[str]) -> frozenset[str]:
        """The same, and those that these desks are caught up with when they come here (`gained`)."""
        return self._calls.going_on() | self._homes.calls(agents)

    async def told(self) -> None:
        """Until all that waits now for the store is told."""
        await self._pops.tails.drain()

    def lost(self, agents: frozenset[str]) -> None:
        """These desks have another home from now on. To be said while what they have is still known."""
        self._moved.lost(agents, self._now().at)

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
        await self._reviewing.run(self._now().at, Kept((self._pops.tails, self._homes)))

    @property
    def late(self) -> int:
        """Pops of which more is still to come."""
        return self._pops.late

    async def stop(self) -> None:
        """What rings ends as unknown, and everybody hears it, before the desks are closed."""
        self._tell(self._calls.stop(self._now()))
        self.figures.stop()
        self._alarm.stop()
        await self._pops.stop()
        self.calling_back.write()
        self._deliver()

    def _carry(self, event: Event | Past, teller: str, named: Named | None) -> None:
        match event:
            case RingStarted():
                self._ring(event, teller, named)
            case RingEnded():
                self._tell(self._calls.end(intake.ended(event), self._now()))
            case events.Answered():
                self._tell(self._calls.answer(intake.answered(event), self._now()))
            case PickedUp():
                agents = self._desks.hearers(event.trunk, event.line)
                self._tell(self._calls.pick(intake.picked(event), agents, self._now()))
            case Past():
                self._tell(self._ringing.past(event, teller, self._now()))
            case LineChanged():
                self._lines.changed(event, self._now().at)
            case LineGone():
                self._lines.gone(event)

    def _ring(self, event: RingStarted, teller: str, named: Named | None) -> None:
        now = self._now()
        self.heard_at = now.clock
        agents = self._desks.hearers(event.trunk, event.line)
        if not agents:
            if not teller:
                self.figures.nobody(event.trunk)
            self._desks.nobody_sits(event.trunk, event.line, now.at, self._homes.mine)
        self._tell(self._ringing.began(event, agents, teller, named, now))

    def _rearm(self) -> None:
        rooms = self._calls, self._notebook, self.calling_back, self.figures
        due = min((due for room in rooms if (due := room.deadline) is not None), default=None)
        self._alarm.by(due)

    def _wake(self) -> None:
        self._alarm.stop()
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
            ours = self._homes.here(fact)
            if ours is None:
                self._overhear(fact)
            else:
                self._tell_here(ours)
            self._guarded(self.calling_back.heard, fact)

    def _guarded(self, hear: Callable[[Fact], None], fact: Fact) -> None:
        """Neither costs the other the fact, nor the facts behind it."""
        try:
            hear(fact)
        except Exception:
            log.error("fact_failed", fact=type(fact).__name__, exc_info=True)

    def _tell_here(self, fact: Fact) -> None:
        self._guarded(self._count, fact)
        self._guarded(self._say, fact)

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
                self._noting.read_on(fact)
            case Learned():
                self._pops.learned(fact)
                self._noting.read_on(fact)
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
        if self._open.fact(call) is None:
            return frozenset()
        return frozenset((*self._desks.having(call, self._now().at), *self._homes.having(call)))

    def _rang(self, fact: Rang) -> None:
        call = fact.call
        self._pops.rang(fact)
        # Behind the pop: a log line costs a third of what the pop itself does.
        log.info("ringing", call=call.id, trunk=call.trunk, line=call.line, round=call.round, desks=len(fact.agents))

    def _ended(self, fact: Ended, at: datetime) -> None:
        self._noting.ended(fact.call, fact.agent, self._now())
        self._desks.ended(fact.agent, fact.call, at)

    def _overhear(self, fact: Fact) -> None:
        """Desks of other homes hear it: what is asked for it is known, should one of ours continue it."""
        match fact:
            case Rang() | Learned():
                self._open.told(replace(fact, agents=frozenset()), lambda _: frozenset())
            case Ended():
                self._noting.ended(fact.call, fact.agent, self._now())

    def _saw(self, call: str, at: datetime, agent: str) -> frozenset[str]:
        return self._lookup.visible(agent, at) | (self._desks.told_of(agent, call) or frozenset())
