"""Calls as desks are told of them, and missed callers who are told all of it."""

from copy import deepcopy
from dataclasses import replace

from ctibridge.calls.missed import MissedCallers, Worked
from ctibridge.calls.missed_call import MissedCall
from ctibridge.domain.call import AnsweredBy, Call, CallState, Outcome
from ctibridge.domain.work import Work, WorkState
from tests.calls.legs import at

CALLER = "4930999888777"
ACME = "acme"


def ringing(call: str = "c1", clock: float = 0.0, round_: int = 1) -> Call:
    return Call(call, "pbx", "6001", CallState.RINGING, at(clock).at, round=round_)


def talking(call: Call, clock: float) -> Call:
    return replace(call, state=CallState.ANSWERED, answered_at=at(clock).at)


def over(call: Call, clock: float, outcome: Outcome = Outcome.ABANDONED, by: str | None = None) -> Call:
    """by: the agent who answered elsewhere."""
    answered_at = at(clock).at if outcome is Outcome.ANSWERED_ELSEWHERE else call.answered_at
    answered_by = AnsweredBy("6002", by) if by is not None else None
    return replace(
        call, state=CallState.ENDED, answered_at=answered_at, ended_at=at(clock).at, outcome=outcome,
        answered_by=answered_by,
    )  # fmt: skip


class Desks:
    """Missed callers, told in few words. facts: all that came out, oldest first."""

    def __init__(self) -> None:
        self.missed = MissedCallers()
        self.calls: dict[tuple[str, str], Call] = {}
        self.facts: list[Worked] = []

    def ring(
        self,
        call: str,
        clock: float,
        *agents: str,
        caller: str | None = CALLER,
        account: str | None = ACME,
        round_: int = 1,
    ) -> None:
        for agent in agents:
            self.calls[call, agent] = ringing(call, clock, round_)
            self.missed.rang(self.calls[call, agent], agent, at(clock))
        self.facts += self.missed.known(call, caller, account)

    def answer(self, call: str, clock: float, agent: str) -> list[Worked]:
        self.calls[call, agent] = talking(self.calls[call, agent], clock)
        return self._came(self.missed.moved_on(self.calls[call, agent], agent, at(clock)))

    def end(
        self, call: str, clock: float, *agents: str, outcome: Outcome = Outcome.ABANDONED, by: str | None = None
    ) -> list[Worked]:
        facts = []
        for agent in agents:
            self.calls[call, agent] = over(self.calls[call, agent], clock, outcome, by)
            facts += self._came(self.missed.moved_on(self.calls[call, agent], agent, at(clock)))
        return facts

    def miss(
        self, call: str, clock: float, *agents: str, caller: str | None = CALLER, account: str | None = ACME
    ) -> None:
        """It rings for ten seconds."""
        self.ring(call, clock, *agents, caller=caller, account=account)
        self.end(call, clock + 10, *agents)

    def _came(self, facts: list[Worked]) -> list[Worked]:
        self.facts += facts
        return facts


def kept(desks: Desks) -> dict[str, MissedCall]:
    """What the store holds, had it been told everything: as it is now, whatever happens behind it."""
    calls = ((call, desks.missed.waiting(call)) for call in desks.missed.changed())
    return {call: deepcopy(one) for call, one in calls if one is not None}


def settled(by: str | None, clock: float, answered_in: str | None = None) -> Work:
    return Work(by, WorkState.SETTLED, at(clock).at, answered_in)


def told(facts: object) -> dict[str, Work]:
    """By agent, what each of them was told, of one call."""
    assert isinstance(facts, list)
    calls = {fact.call.id for fact in facts}
    assert len(calls) <= 1
    assert len({fact.agent for fact in facts}) == len(facts)
    return {fact.agent: fact.work for fact in facts}
