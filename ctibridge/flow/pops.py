"""One pop of a call at its desks: asked of the look-up, told as it comes, and asked again when something has changed.

In order for each call and desk: where the answer is in memory it is told at once, where the store has to be asked, what
comes later for the same call waits there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from ctibridge.calls.facts import Learned, Rang
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import Outbox
from ctibridge.domain.call import Call
from ctibridge.domain.caller import Signalled
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.moment import Moment
from ctibridge.domain.screen_pop import Answer, ScreenPop
from ctibridge.flow import remembered
from ctibridge.flow.asking import Anew, Asked, Asking, Resolver
from ctibridge.flow.open_pops import OpenPops, Turns
from ctibridge.flow.tails import Tails
from ctibridge.lookup.adapters.answers import Answers

log = structlog.get_logger()
Say = Callable[[str, ScreenPop, datetime], None]
Known = Callable[[Call, Mapping[str, Answer], bool], None]
"""A call, what its desks were just told of it, and whether that was asked for now or comes as a later revision."""


class Pops:
    """open_pops: the calls that desks have; asking: asks for one fact; known: hears what a call's desks are told of it.
    deliver: carries out what the desks have to say."""

    def __init__(
        self,
        lookup: Resolver,
        desks: Desks,
        outbox: Outbox,
        open_pops: OpenPops,
        asking: Asking,
        now: Callable[[], Moment],
        deliver: Callable[[], None],
        known: Known,
    ) -> None:
        self.tails = Tails(deliver)
        self._lookup = lookup
        self._desks = desks
        self._outbox = outbox
        self._open = open_pops
        self._asking = asking
        self._now = now
        self._deliver = deliver
        self._known = known
        self._late: dict[asyncio.Future[None], str] = {}

    def rang(self, fact: Rang) -> None:
        self._pop(fact, self._desks.ringing)

    def learned(self, fact: Learned) -> None:
        self._pop(fact, self._desks.updated)

    def ask_again(self, call: str, agents: frozenset[str]) -> None:
        """At those of these desks that have the call."""
        fact, desks = self._open.fact(call), self._desks.having(call, self._now().at)
        wanted = {agent: known for agent, known in desks.items() if agent in agents}
        if fact is not None and wanted:
            self.learned(Learned(next(iter(wanted.values())), frozenset(wanted), fact.signalled, fact.continues))

    def erase(self, call: str, *, his: bool) -> None:
        """Who called has to leave for good; else somebody who may have. Those desks that have the call hear it."""
        fact, desks = self._open.fact(call), frozenset(self._desks.having(call, self._now().at))
        if fact is not None:
            self._open.erase(call, remembered.erased(fact, desks, his=his))
            self.ask_again(call, desks)

    async def as_seen_now(self, agent: str, call: str) -> Answer | None:
        """What a pop of this call would say to this agent now, also of one from before a restart; told to nobody. None
        where it is not known any more."""
        fact = self._open.fact(call) or await self.remembered(call, frozenset())
        if fact is None:
            return None
        alone = frozenset({agent})
        answers = await self._asking.answers(replace(fact, agents=alone), alone, self._now().at, again=True)
        found = answers.first[agent]
        if answers.rest is not None:
            async for later in answers.rest:
                found = later.get(agent, found)
        return self._with_internal(fact, found)

    async def anew(self, agent: str, call: str) -> Anew | None:
        """What would be asked for this call once more for this agent, told to nobody. None where it is not known any
        more."""
        fact = self._open.fact(call) or await self.remembered(call, frozenset())
        if fact is None:
            return None
        fact = replace(fact, agents=frozenset({agent}))
        asked = self._asking.anew(fact)
        return replace(asked, whole=lambda own, first: self._with_internal(fact, asked.whole(own, first)))

    async def remembered(self, call: str, agents: frozenset[str]) -> Learned | None:
        """What was asked for it, as the outbox kept it; agents: its desks. None where it is gone, or its trunk."""
        return self._read(await self._outbox.fact(remembered.KIND, call), agents)

    async def all_remembered(self, desks: Mapping[str, Iterable[str]]) -> dict[str, Learned]:
        """The same of many calls at once, by call; desks: of each. Those that are gone are left out."""
        bodies = await self._outbox.facts_of(remembered.KIND, desks)
        facts = {call: self._read(bodies.get(call), frozenset(agents)) for call, agents in desks.items()}
        return {call: fact for call, fact in facts.items() if fact is not None}

    def in_order(self, call: str, agents: frozenset[str], say: Callable[[datetime], None]) -> None:
        """At once, or behind what still waits for the store at these desks."""

        async def later() -> None:
            say(self._now().at)

        if self.tails.free(call, agents):
            say(self._now().at)
            self._deliver()
        else:
            self.tails.behind(call, agents, later)

    def internal(self, trunk: str, signalled: Signalled) -> Internal | None:
        """One of our lines calls, and the PBX does not say that it comes from outside."""
        raw = signalled.raw
        return None if raw is None or signalled.is_external else self._desks.internal(trunk, raw.value)

    @property
    def late(self) -> int:
        """How many wait for later revisions."""
        return len(self._late)

    async def stop(self) -> None:
        """What still waits for the store is told; what was late is given up."""
        await self.tails.drain()
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    # ------------------------------------------------------------------------------------------------------------------

    def _pop(self, fact: Asked, say: Say) -> None:
        call, at = fact.call.id, self._seen_at(fact)
        turns = self._open.told(fact, self._seen(at))
        for agents in self._open.alike(call, fact.agents):
            answers = self._asking.hot(fact, agents, at) if self.tails.free(call, agents) else None
            if answers is None:
                self.tails.behind(call, agents, partial(self._ask, fact, agents, say, turns))
            else:
                self._first(fact, answers, say, turns)
        # Behind the pop: for whoever comes back after a restart.
        self._outbox.keep_fact(remembered.KIND, call, remembered.text(fact))

    def _read(self, body: bytes | None, agents: frozenset[str]) -> Learned | None:
        fact = None if body is None else remembered.read(body, agents)
        return fact if fact is not None and self._asking.knows(fact) else None

    def _seen(self, at: datetime) -> Callable[[str], frozenset[str]]:
        return lambda agent: self._lookup.visible(agent, at)

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
        self._deliver()
        if answers.rest is not None:
            # Not in the call's order: an end that comes meanwhile is told at once, and the desk keeps what it knows.
            task = asyncio.ensure_future(self._update(fact, answers.rest, turns))
            self._late[task] = fact.call.id
            task.add_done_callback(self._late.pop)
        self._known(fact.call, answers.first, True)

    async def _update(self, fact: Asked, rest: AsyncIterator[dict[str, Answer]], turns: Turns) -> None:
        """Whoever was asked for again meanwhile hears that, and not what is older."""
        try:
            async for answers in rest:
                newest = self._open.newest(fact.call.id, turns)
                self._show(fact, {agent: one for agent, one in answers.items() if agent in newest}, self._desks.updated)
                self._deliver()
                self._known(fact.call, answers, False)
        except Exception:
            # Nobody waits for this task: the desk keeps what it was told.
            log.error("revision_failed", call=fact.call.id, exc_info=True)

    def _show(self, fact: Asked, answers: Mapping[str, Answer], say: Say, *, anew: bool = False) -> None:
        """anew: also who is told what he was told before: it rings there."""
        at = self._now().at
        for agent, answer in answers.items():
            known = self._with_internal(fact, answer)
            if self._open.says_more(fact.call.id, agent, known, anew=anew):
                say(agent, ScreenPop(fact.call, known), at)

    def _with_internal(self, fact: Asked, answer: Answer) -> Answer:
        internal = self.internal(fact.call.trunk, fact.signalled)
        return answer if internal is None else replace(answer, internal=internal)
