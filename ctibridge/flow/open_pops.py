"""The calls that desks still have: what was asked for each, whom an agent chose, and what each agent could see then.

Pure bookkeeping for `flow.py`: so that a call can be asked for again when somebody chooses a person, or when what an
agent may see has changed since he was told; and so that what was asked earlier and comes later is told from it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ctibridge.calls.facts import Learned, Rang
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup.question import Pick, picked

MOST_CALLS = 20_000
"""As many as a desk keeps; the oldest goes first."""

Seen = Callable[[str], frozenset[str]]
"""An agent, and the accounts that he may see now."""
Turns = Mapping[str, int]
"""How often a call was asked for, by agent."""


class OpenPops:
    def __init__(self) -> None:
        self._facts: dict[str, Rang | Learned] = {}
        self._turns: dict[str, dict[str, int]] = {}
        self._chosen: dict[str, tuple[Pick, ...]] = {}
        self._chosen_of_first: dict[str, tuple[Pick, ...]] = {}
        self._asked_for: dict[str, dict[str, frozenset[str]]] = {}
        self._answers: dict[str, dict[str, Answer]] = {}

    def told(self, fact: Rang | Learned, seen: Seen) -> Turns:
        """These desks are asked for now. Returns by what this time is known from an earlier or later one."""
        call = fact.call.id
        if call not in self._facts and len(self._facts) >= MOST_CALLS:
            self.forget(next(iter(self._facts)))
        self._facts[call] = fact
        turns, asked_for = self._turns.setdefault(call, {}), self._asked_for.setdefault(call, {})
        for agent in fact.agents:
            asked_for[agent] = seen(agent)
            turns[agent] = turns.get(agent, 0) + 1
        return {agent: turns[agent] for agent in fact.agents}

    @property
    def room(self) -> int:
        """So many calls can be restored."""
        return max(MOST_CALLS - len(self._facts), 0)

    def restore(self, fact: Rang | Learned, seen: Seen) -> None:
        """A call from before the process began, whose desks were told of it then. Who was told of an account that he
        may not see now is `outdated`."""
        if self.room:
            self._facts[fact.call.id] = fact
            self._asked_for[fact.call.id] = {agent: seen(agent) for agent in fact.agents}

    def alike(self, call: str, agents: Iterable[str]) -> tuple[frozenset[str], ...]:
        """Those who see the same accounts together. Each group is asked for by itself: an agent who waited until what
        another one sees has been read would know that there is something to read."""
        groups: dict[frozenset[str], set[str]] = {}
        for agent in sorted(agents):
            groups.setdefault(self._asked_for[call][agent], set()).add(agent)
        return tuple(map(frozenset, groups.values()))

    def newest(self, call: str, turns: Turns) -> frozenset[str]:
        """For whom the call has not been asked for again since."""
        now = self._turns.get(call, {})
        return frozenset(agent for agent, turn in turns.items() if now.get(agent) == turn)

    def outdated(self, call: str, agents: Iterable[str], seen: Seen) -> frozenset[str]:
        """Who sees other accounts now than when the call was asked for him last: also where the first answer is still
        being read, or was read before and told since."""
        asked_for = self._asked_for.get(call, {})
        return frozenset(agent for agent in agents if agent in asked_for and asked_for[agent] != seen(agent))

    def says_more(self, call: str, agent: str, answer: Answer, *, anew: bool = False) -> bool:
        """Is this another answer than he was told last? To be told the same again would say that a colleague knows more
        of the caller; so would a context that is read once more. anew: it rings there, he is told in any case. Of a
        call that no desk has any more nothing is kept."""
        if call not in self._facts:
            return True
        told = self._answers.setdefault(call, {})
        before = told.get(agent)
        if before is not None and not anew and _is_less(answer, before):
            return False
        told[agent] = answer
        return anew or before != answer

    def of_granted_account(self, call: str, agent: str) -> bool | None:
        """Was he told of a company that he may see? None where he was told nothing."""
        told = self._answers.get(call, {}).get(agent)
        return None if told is None else told.of_granted_account

    def fact(self, call: str) -> Rang | Learned | None:
        """What was asked last."""
        return self._facts.get(call)

    def calls(self) -> tuple[str, ...]:
        return tuple(self._facts)

    def choose(self, call: str, pick: Pick, *, of_first: bool = False) -> frozenset[str]:
        """of_first: of the call that this one continues. Returns the accounts whose people count otherwise now."""
        if call not in self._facts:
            return frozenset()
        all_chosen = self._chosen_of_first if of_first else self._chosen
        before = all_chosen.get(call, ())
        all_chosen[call] = picked((pick,), before)
        return frozenset(one.person.account for one in {pick, *before} - {*all_chosen[call]} | {pick})

    def chosen(self, call: str) -> tuple[Pick, ...]:
        """Newest first; none where nobody said anything."""
        return self._chosen.get(call, ())

    def chosen_of_first(self, call: str, first: str) -> tuple[Pick, ...]:
        """What was said at the desks of this call counts before what was said at those of the first one."""
        return picked(self._chosen_of_first.get(call, ()), self._chosen.get(first, ()))

    def erase(self, call: str, fact: Learned) -> None:
        """fact: what is to be asked for it from now on. Nothing that was told of it counts any more."""
        self._facts[call] = fact
        for told in (self._answers, self._chosen, self._chosen_of_first):
            told.pop(call, None)

    def forget(self, call: str) -> None:
        """No desk has it any more."""
        self._facts.pop(call, None)
        self._turns.pop(call, None)
        self._answers.pop(call, None)
        self._asked_for.pop(call, None)
        self._chosen.pop(call, None)
        self._chosen_of_first.pop(call, None)


def _is_less(answer: Answer, told: Answer) -> bool:
    """The same, with a part of its context still to come."""
    if answer.context is None or answer.context.complete or told.context is None:
        return False
    return replace(answer, context=told.context) == told
