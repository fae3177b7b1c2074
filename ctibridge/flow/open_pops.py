"""The calls that desks still have: what was asked for each, whom an agent chose, and what each agent could see then.

Pure bookkeeping for `flow.py`: so that a call can be asked for again when somebody chooses a person, or when what an
agent may see has changed since he was told; and so that what was asked earlier and comes later is told from it.
"""

from collections.abc import Callable, Mapping

from ctibridge.calls.facts import Learned, Rang
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup.question import Pick

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
        self._chosen: dict[str, Pick] = {}
        self._chosen_of_first: dict[str, Pick] = {}
        self._seen: dict[str, frozenset[str]] = {}
        self._answers: dict[str, dict[str, Answer]] = {}

    def told(self, fact: Rang | Learned, seen: Seen) -> Turns:
        """These desks are asked for now. Returns by what this time is known from an earlier or later one."""
        call = fact.call.id
        if call not in self._facts and len(self._facts) >= MOST_CALLS:
            self.forget(next(iter(self._facts)))
        self._facts[call] = fact
        for agent in fact.agents - self._seen.keys():
            self._seen[agent] = seen(agent)
        turns = self._turns.setdefault(call, {})
        for agent in fact.agents:
            turns[agent] = turns.get(agent, 0) + 1
        return {agent: turns[agent] for agent in fact.agents}

    def newest(self, call: str, turns: Turns) -> frozenset[str]:
        """For whom the call has not been asked for again since."""
        now = self._turns.get(call, {})
        return frozenset(agent for agent, turn in turns.items() if now.get(agent) == turn)

    def says_more(self, call: str, agent: str, answer: Answer) -> bool:
        """Is this another answer than he was told last? To be told the same again would say that a colleague knows more
        of the caller. Of a call that no desk has any more nothing is kept."""
        if call not in self._facts:
            return True
        told = self._answers.setdefault(call, {})
        before, told[agent] = told.get(agent), answer
        return before != answer

    def may_read(self, call: str, agent: str, by: str) -> bool:
        """A note of a colleague who may see the company of this call: may this agent see it as well?"""
        told = self._answers.get(call, {})
        own, others = told.get(agent), told.get(by)
        return (own is not None and own.of_granted_account) or others is None or not others.of_granted_account

    def fact(self, call: str) -> Rang | Learned | None:
        """What was asked last."""
        return self._facts.get(call)

    def calls(self) -> tuple[str, ...]:
        return tuple(self._facts)

    def choose(self, call: str, pick: Pick, *, of_first: bool = False) -> None:
        """The last one is the one that counts. of_first: of the call that this one continues."""
        if call in self._facts:
            (self._chosen_of_first if of_first else self._chosen)[call] = pick

    def chosen(self, call: str) -> Pick | None:
        return self._chosen.get(call)

    def chosen_of_first(self, call: str, first: str) -> Pick | None:
        """What was said at the desks of this call counts before what was said at those of the first one."""
        return self._chosen_of_first.get(call) or self._chosen.get(first)

    def forget(self, call: str) -> None:
        """No desk has it any more."""
        self._facts.pop(call, None)
        self._turns.pop(call, None)
        self._answers.pop(call, None)
        self._chosen.pop(call, None)
        self._chosen_of_first.pop(call, None)

    def changed(self, agent: str, accounts: frozenset[str]) -> tuple[bool, bool]:
        """Does he see others than when he was last looked at, and is one of those gone?"""
        before, self._seen[agent] = self._seen.get(agent, accounts), accounts
        return before != accounts, not before <= accounts
