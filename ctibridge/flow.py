"""Facts travel right: what the SIP room heard becomes a call, the call gets its answer, the answer reaches the desks.

In order for each call, in parallel across calls. Where the answer is in memory, a ring goes from the datagram to the
desks' frames without one await; where the store has to be asked, what comes later for the same call waits behind it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from ctibridge.calls import intake
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Ended, Fact, Rang
from ctibridge.delivery.desks import Desks
from ctibridge.domain.caller import Signalled
from ctibridge.domain.line import LineState
from ctibridge.domain.moment import Moment
from ctibridge.domain.screen_pop import Answer, ScreenPop
from ctibridge.lookup.adapters.lookup import Answers
from ctibridge.lookup.settings import DialPlan
from ctibridge.sip.events import Event, LineChanged, RingEnded, RingStarted

log = structlog.get_logger()


class Resolver(Protocol):
    """What is asked of the look-up: from memory at once, or from the store."""

    def hot(
        self, signalled: Signalled, plan: DialPlan, agents: frozenset[str], call_id: str, at: datetime
    ) -> dict[str, Answer] | None: ...

    async def answers(
        self, signalled: Signalled, plan: DialPlan, agents: frozenset[str], call_id: str, at: datetime
    ) -> Answers: ...


class Flow:
    """now: both clocks; fresh_id: a new call's id for that time; deliver: carries out what the desks have to say."""

    def __init__(
        self,
        lookup: Resolver,
        desks: Desks,
        plans: dict[str, DialPlan],
        now: Callable[[], Moment],
        fresh_id: Callable[[datetime], str],
        deliver: Callable[[], None],
    ) -> None:
        self._calls = Calls()
        self._lookup = lookup
        self._desks = desks
        self._plans = plans
        self._now = now
        self._fresh_id = fresh_id
        self._deliver = deliver
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._late: set[asyncio.Future[None]] = set()
        self._states: dict[tuple[str, str], str] = {}

    def hear(self, event: Event) -> None:
        """One fact of the SIP room."""
        try:
            self._carry(event)
        except Exception:
            # Whose socket brought it goes on: a fact that fails costs itself alone.
            log.error("fact_failed", fact=type(event).__name__, exc_info=True)
        self._deliver()

    async def stop(self) -> None:
        """What rings ends as unknown, and everybody hears it, before the desks are closed."""
        self._tell(self._calls.stop(self._now()))
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
            case LineChanged():
                self._line(event)

    def _ring(self, event: RingStarted) -> None:
        now = self._now()
        agents = self._desks.hearers(event.trunk, event.line)
        if not agents:
            self._desks.nobody_sits(event.trunk, event.line, now.at)
        self._tell(self._calls.ring(intake.rang(event), agents, self._fresh_id(now.at), now))

    def _line(self, event: LineChanged) -> None:
        if self._states.get((event.trunk, event.line)) != event.hearing:
            self._states[event.trunk, event.line] = event.hearing
            log.info("line", trunk=event.trunk, line=event.line, state=event.hearing, why=event.why)
            self._desks.line_state(event.trunk, event.line, LineState(event.hearing.value), self._now().at)

    def _tell(self, facts: list[Fact]) -> None:
        for fact in facts:
            match fact:
                case Rang():
                    self._rang(fact)
                case Ended():
                    self._ended(fact)

    def _rang(self, fact: Rang) -> None:
        call = fact.call
        answers = None
        if call.id not in self._tails:
            answers = self._lookup.hot(fact.signalled, self._plans[call.trunk], fact.agents, call.id, call.rang_at)
        if answers is not None:
            self._pop(fact, answers, self._desks.ringing)
            self._deliver()
        else:
            self._behind(call.id, lambda: self._ask(fact))
        # Behind the pop: a log line costs a third of what the pop itself does.
        log.info("ringing", call=call.id, trunk=call.trunk, line=call.line, round=call.round, desks=len(fact.agents))

    async def _ask(self, fact: Rang) -> None:
        """The store is asked. The first answer pops at once; what was late follows as a later revision."""
        call = fact.call
        answers = await self._lookup.answers(
            fact.signalled, self._plans[call.trunk], fact.agents, call.id, call.rang_at
        )
        self._pop(fact, answers.first, self._desks.ringing)
        if answers.rest is not None:
            # Not in the call's order: an end that comes meanwhile is told at once, and the desk keeps what it knows.
            task = asyncio.ensure_future(self._update(fact, answers.rest))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    async def _update(self, fact: Rang, rest: Awaitable[dict[str, Answer]]) -> None:
        self._pop(fact, await rest, self._desks.updated)
        self._deliver()

    def _pop(self, fact: Rang, answers: dict[str, Answer], say: Callable[[str, ScreenPop, datetime], None]) -> None:
        at = self._now().at
        for agent, answer in answers.items():
            say(agent, ScreenPop(fact.call, answer), at)

    def _ended(self, fact: Ended) -> None:
        async def later() -> None:
            self._end(fact)

        if fact.call.id in self._tails:
            self._behind(fact.call.id, later)
        else:
            self._end(fact)
            self._deliver()
        log.info("ended", call=fact.call.id, line=fact.call.line, outcome=fact.call.outcome)

    def _end(self, fact: Ended) -> None:
        self._desks.ended(fact.agent, fact.call, self._now().at)

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
