"""Which legs are one call, at which desks it rings, in which round, and how it ended there (contract: *One call*,
*A call that comes back*, *Outcome*).

In: `ring`, `end`, time; each returns the facts that follow. The agents who hear a line come in as an argument.
"""

from dataclasses import dataclass, field, replace

from ctibridge.calls.facts import Ended, Fact, LegEnded, LegRang, Rang
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.domain.moment import Moment

SAME_DESK_WINDOW = 2.0
"""Seconds within which legs of one desk with the same caller and called number are one call."""
ROUND_WINDOW = 60.0
"""Seconds after its last leg within which a call may come back."""

_STRONGEST = (Outcome.ANSWERED_ELSEWHERE, Outcome.ABANDONED, Outcome.TIMED_OUT, Outcome.UNKNOWN)
"""What a desk is told when its legs ended differently: the one that knows most."""

Key = tuple[str, ...]


@dataclass(slots=True)
class _Desk:
    """The call at one agent's desk in its newest round."""

    call: Call
    legs: set[str] = field(default_factory=set)
    outcomes: set[Outcome] = field(default_factory=set)


@dataclass(slots=True)
class _Call:
    id: str
    trunk: str
    keys: set[Key]
    rang_clock: float
    round: int = 1
    desks: dict[str, _Desk] = field(default_factory=dict)
    ringing: set[str] = field(default_factory=set)
    answered: bool = False
    quiet_since: float | None = None


class Calls:
    """All calls that ring, or rang within the last minute."""

    def __init__(self) -> None:
        self._by_key: dict[Key, _Call] = {}
        self._by_leg: dict[str, _Call] = {}
        self._quiet: dict[str, _Call] = {}

    @property
    def deadline(self) -> float | None:
        """When the oldest quiet call is forgotten (monotonic seconds)."""
        oldest = next(iter(self._quiet.values()), None)
        return None if oldest is None or oldest.quiet_since is None else oldest.quiet_since + ROUND_WINDOW

    def __len__(self) -> int:
        return len({id(call) for call in (*self._by_key.values(), *self._by_leg.values())})

    def ring(self, leg: LegRang, agents: frozenset[str], fresh_id: str, now: Moment) -> list[Fact]:
        """A line rings, and these agents hear it. fresh_id names the call if it is a new one."""
        self.wake(now)
        call = self._find(leg, agents, now.clock)
        if call is None:
            call = _Call(fresh_id, leg.trunk, set(), now.clock)
        if not call.ringing and call.quiet_since is not None:
            self._come_back(call, now.clock)
        elif any(self._rang_out(call, agent) for agent in agents):
            call.round += 1
        self._remember(call, leg, agents)
        call.ringing.add(leg.leg)
        new = frozenset(agent for agent in agents if self._join(call, agent, leg, now))
        return [Rang(call.desks[min(new)].call, new, leg.signalled)] if new else []

    def end(self, leg: LegEnded, now: Moment) -> list[Fact]:
        """A leg ended. A leg that is not known (any more) ends silently."""
        call = self._by_leg.pop(leg.leg, None)
        if call is None:
            return []
        call.ringing.discard(leg.leg)
        call.answered = call.answered or leg.outcome is Outcome.ANSWERED_ELSEWHERE
        facts = [fact for agent in list(call.desks) for fact in self._leave(call, agent, leg, now)]
        if not call.ringing:
            self._fall_quiet(call, now.clock)
        return facts

    def stop(self, now: Moment) -> list[Fact]:
        """We stop: what rings ends as unknown, because nobody will see how it goes on."""
        return [fact for leg in list(self._by_leg) for fact in self.end(LegEnded(leg, Outcome.UNKNOWN), now)]

    def wake(self, now: Moment) -> None:
        """Forgets calls that can no longer come back."""
        while (deadline := self.deadline) is not None and deadline <= now.clock:
            self._forget(next(iter(self._quiet.values())))

    def _find(self, leg: LegRang, agents: frozenset[str], clock: float) -> _Call | None:
        """By what the forks have in common; else by caller and called number, this desk's own calls first."""
        for key in _certain_keys(leg):
            if (call := self._by_key.get(key)) is not None:
                return call
        for key in _pair_keys(leg, agents):
            call = self._by_key.get(key)
            if call is not None and (call.quiet_since is not None or self._is_second_leg(call, leg, agents, clock)):
                return call
        return None

    def _is_second_leg(self, call: _Call, leg: LegRang, agents: frozenset[str], clock: float) -> bool:
        """Where the PBX names its calls, another name is another call, also from one switchboard at one moment."""
        return leg.key is None and clock - call.rang_clock <= SAME_DESK_WINDOW and not agents.isdisjoint(call.desks)

    def _remember(self, call: _Call, leg: LegRang, agents: frozenset[str]) -> None:
        for key in (*_certain_keys(leg), *_pair_keys(leg, agents)):
            call.keys.add(key)
            self._by_key[key] = call
        self._by_leg[leg.leg] = call

    def _come_back(self, call: _Call, clock: float) -> None:
        """A new round; what the legs of the last one had in common is let go, so that no caller can pile it up."""
        self._forget(call)
        call.keys.clear()
        call.round += 1
        call.rang_clock, call.quiet_since = clock, None

    def _rang_out(self, call: _Call, agent: str) -> bool:
        """Did the call ring at this desk in this round already, and stop?"""
        desk = call.desks.get(agent)
        return desk is not None and not desk.legs and desk.call.round == call.round

    def _join(self, call: _Call, agent: str, leg: LegRang, now: Moment) -> bool:
        """True where the desk did not ring with this call yet."""
        desk = call.desks.get(agent)
        if desk is not None and desk.legs:
            desk.legs.add(leg.leg)
            return False
        ringing = Call(call.id, call.trunk, leg.line, CallState.RINGING, now.at, round=call.round)
        call.desks[agent] = _Desk(ringing, {leg.leg})
        return True

    def _leave(self, call: _Call, agent: str, leg: LegEnded, now: Moment) -> list[Fact]:
        desk = call.desks[agent]
        if leg.leg not in desk.legs:
            return []
        desk.legs.discard(leg.leg)
        desk.outcomes.add(leg.outcome)
        if desk.legs:
            return []
        outcome = next((each for each in _STRONGEST if each in desk.outcomes), leg.outcome)
        answered_at = now.at if outcome is Outcome.ANSWERED_ELSEWHERE else None
        desk.call = replace(desk.call, state=CallState.ENDED, ended_at=now.at, answered_at=answered_at, outcome=outcome)
        return [Ended(desk.call, agent)]

    def _fall_quiet(self, call: _Call, clock: float) -> None:
        if call.answered:
            self._forget(call)
            return
        call.quiet_since = clock
        self._quiet.pop(call.id, None)
        self._quiet[call.id] = call

    def _forget(self, call: _Call) -> None:
        self._quiet.pop(call.id, None)
        for key in call.keys:
            if self._by_key.get(key) is call:
                del self._by_key[key]


def _certain_keys(leg: LegRang) -> list[Key]:
    keys: list[Key] = [("dialog", *leg.dialog)]
    return [("header", leg.trunk, leg.key), *keys] if leg.key else keys


def _pair_keys(leg: LegRang, agents: frozenset[str]) -> list[Key]:
    """Caller and called number, for each desk and for the trunk, where there is a caller. A called "number" that is the
    line itself names no call: to such a PBX (plain Asterisk) everything is called like the line."""
    who = leg.signalled
    if who.raw is None:
        return []
    called = next((number.value for number in who.called if number.value != leg.line), "")
    pair = (leg.trunk, who.raw.value, called)
    return [*(("desk", agent, *pair) for agent in sorted(agents)), ("trunk", *pair)]
