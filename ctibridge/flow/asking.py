"""One fact of a call, asked of the look-up: as itself, and where it continues another call, as that first one too.

Of the first call each agent sees what he may; both answers become his one pop.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ctibridge.calls.facts import Continues, Learned, Rang
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.note import Note
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup.adapters.answers import Answers
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import DialPlan

Asked = Rang | Learned


class Resolver(Protocol):
    """What is asked of the look-up: from memory at once, or from the store; and what an agent may see."""

    def hot(self, question: Question, agents: frozenset[str]) -> Answers | None: ...

    async def answers(self, question: Question, agents: frozenset[str]) -> Answers: ...

    def visible(self, agent: str, at: datetime) -> frozenset[str]: ...

    def spoke(self, call: str, at: datetime) -> None:
        """Somebody took this call: the desk speaks with whoever it was for."""


@dataclass(frozen=True, slots=True)
class Anew:
    """What would be asked for a call once more, for nobody's desk. whole: the answers, this call's and the first one's,
    as one."""

    own: Question
    first: Question | None
    whole: Callable[[Answer, Answer | None], Answer]


class Asking:
    """plans: by trunk. internal: the line of a trunk and who hears it. notes: of the calls that one continues. chosen:
    whom an agent named for a call. chosen_of_first: the same of the first one, seen from the call that continues it.
    beside: at whose desks a call is already."""

    def __init__(
        self,
        lookup: Resolver,
        plans: Mapping[str, DialPlan],
        internal: Callable[[str, str], Internal | None],
        notes: Callable[[Continues], tuple[Note, ...]],
        chosen: Callable[[str], tuple[Pick, ...]],
        chosen_of_first: Callable[[str, str], tuple[Pick, ...]],
        beside: Callable[[str], frozenset[str]],
    ) -> None:
        self._lookup = lookup
        self._plans = plans
        self._internal = internal
        self._notes = notes
        self._chosen = chosen
        self._chosen_of_first = chosen_of_first
        self._beside = beside

    def question(self, fact: Asked, at: datetime, *, again: bool = False) -> Question:
        """again: as for `answers`."""
        call = fact.call.id
        plan, beside = self._plans[fact.call.trunk], self._beside(call) | fact.agents
        return Question(fact.signalled, plan, call, at, self._chosen(call), beside, again=again)

    def first_question(self, fact: Asked, continues: Continues, at: datetime) -> Question:
        """Of the call that this one continues."""
        plan, beside = self._plans[fact.call.trunk], self._beside(fact.call.id) | fact.agents
        chosen = self._chosen_of_first(fact.call.id, continues.call)
        return Question(continues.signalled, plan, fact.call.id, at, chosen, beside, again=True)

    def anew(self, fact: Asked) -> Anew:
        """As it was when it rang."""
        continues, at = fact.continues, fact.call.rang_at
        first = None if continues is None else self.first_question(fact, continues, at)

        def whole(own: Answer, of_first: Answer | None) -> Answer:
            if continues is None or of_first is None:
                return own
            return self._continued(fact, continues, {"": own}, {"": of_first})[""]

        return Anew(self.question(fact, at, again=True), first, whole)

    def hot(self, fact: Asked, agents: frozenset[str], at: datetime) -> Answers | None:
        """For these of its agents, from memory; None where the store has to be asked."""
        if fact.continues is None:
            return self._lookup.hot(self.question(fact, at), agents)
        # The first call before: what is noticed of this one is said once, and would be lost where the other is slow.
        first = self._lookup.hot(self.first_question(fact, fact.continues, at), agents)
        own = None if first is None else self._lookup.hot(self.question(fact, at), agents)
        return None if own is None or first is None else self._both(fact, fact.continues, own, first)

    async def answers(self, fact: Asked, agents: frozenset[str], at: datetime, *, again: bool = False) -> Answers:
        """again: for somebody who is shown it once more: it is no new call, and nothing is noticed of it."""
        own = self._lookup.answers(self.question(fact, at, again=again), agents)
        if fact.continues is None:
            return await own
        first = self._lookup.answers(self.first_question(fact, fact.continues, at), agents)
        return self._both(fact, fact.continues, *await asyncio.gather(own, first))

    def knows(self, fact: Asked) -> bool:
        """Is its trunk one of ours (still)?"""
        return fact.call.trunk in self._plans

    def _both(self, fact: Asked, continues: Continues, own: Answers, first: Answers) -> Answers:
        told = self._continued(fact, continues, own.first, first.first)
        late = own.rest is not None or first.rest is not None
        return Answers(told, self._rest(fact, continues, own, first) if late else None, own.notices)

    async def _rest(
        self, fact: Asked, continues: Continues, own: Answers, first: Answers
    ) -> AsyncIterator[dict[str, Answer]]:
        """Each revision, of this call or of the first one, with what is known of the other by then."""
        newest = dict(own.first), dict(first.first)
        async for revised in _as_they_come((own.rest, first.rest)):
            for known, answers in zip(newest, revised, strict=True):
                known.update(answers)
            told = self._continued(fact, continues, *newest)
            yield {agent: told[agent] for agent in {**revised[0], **revised[1]}}

    def _continued(
        self, fact: Asked, continues: Continues, own: Mapping[str, Answer], first: Mapping[str, Answer]
    ) -> dict[str, Answer]:
        by = self._internal(fact.call.trunk, continues.line) or Internal(continues.line, None)
        notes = self._notes(continues)
        return {
            agent: answer.continuing(first[agent], continues.kind, by, continues.call, notes)
            for agent, answer in own.items()
        }


Rest = AsyncIterator[dict[str, Answer]] | None


async def _as_they_come(rests: tuple[Rest, Rest]) -> AsyncIterator[tuple[dict[str, Answer], dict[str, Answer]]]:
    """Revisions of both, those that come together as one; neither waits for the other."""
    waiting = {asyncio.ensure_future(_next(rest)): place for place, rest in enumerate(rests) if rest is not None}
    try:
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            revised: list[dict[str, Answer]] = [{}, {}]
            for task in done:
                place, answers = waiting.pop(task), task.result()
                if answers is not None:
                    revised[place] = answers
                    waiting[asyncio.ensure_future(_next(rests[place]))] = place
            if any(revised):
                yield revised[0], revised[1]
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _next(rest: Rest) -> dict[str, Answer] | None:
    return None if rest is None else await anext(rest, None)
