"""One caller's call over all lines and rounds, and what each desk has been told of it.

A desk hears one or more of the lines. It rings with the first of them, is answered with the one whose phone took the
call, and has ended when that one has, or all of them.
"""

from dataclasses import dataclass, field, replace

from ctibridge.calls.at_line import AtLine, strongest
from ctibridge.calls.facts import Answered, Continues, Ended, Fact, LegRang
from ctibridge.calls.keys import Key
from ctibridge.calls.views import View, Views
from ctibridge.domain.call import AnsweredBy, Call, CallState, Outcome
from ctibridge.domain.caller import Signalled
from ctibridge.domain.moment import Moment

MOST_BETWEEN = 8
"""Calls between the first one of a chain and the newest that are remembered: whoever was asked on the way."""


@dataclass(slots=True)
class AtDesk:
    """The call at one agent's desk in its newest round, as it was told."""

    call: Call
    lines: list[AtLine]


@dataclass(slots=True, eq=False)
class Attempt:
    """signalled, known_by: the best that is known of it, and the view that told. taker: the line whose phone took it,
    where dialog-info said so. keys, call_ids: of the legs of this round."""

    id: str
    trunk: str
    views: Views
    signalled: Signalled
    known_by: View
    rang_clock: float
    round: int = 1
    keys: set[Key] = field(default_factory=set)
    call_ids: set[str] = field(default_factory=set)
    lines: dict[str, AtLine] = field(default_factory=dict)
    desks: dict[str, AtDesk] = field(default_factory=dict)
    taker: AtLine | None = None
    continues: Continues | None = None
    quiet_since: float | None = None

    @property
    def rings_or_talks(self) -> bool:
        return any(at.outcome is None for at in self.lines.values())

    @property
    def was_answered(self) -> bool:
        """By whomever: such a call does not come back, another one from the same caller does."""
        return self.taker is not None or any(at.outcome is Outcome.ANSWERED_ELSEWHERE for at in self.lines.values())

    @property
    def first_signalled(self) -> Signalled:
        """Of the first call of the chain that was handed on."""
        return self.signalled if self.continues is None else self.continues.signalled

    @property
    def first_id(self) -> str:
        return self.id if self.continues is None else self.continues.call

    @property
    def behind_first(self) -> tuple[str, ...]:
        """The chain's calls behind its first, up to this one; of a long chain the newest."""
        return () if self.continues is None else (*self.continues.through, self.id)[-MOST_BETWEEN:]

    @property
    def rings(self) -> bool:
        return any(at.rings for at in self.lines.values())

    def rings_elsewhere(self, line: str) -> bool:
        return any(at.rings for at in self.lines.values() if at.line != line)

    def rang_out(self, agent: str) -> bool:
        """Did the call ring at this desk in this round already, and stop?"""
        desk = self.desks.get(agent)
        return desk is not None and desk.call.is_over and desk.call.round == self.round

    def is_told(self, leg: LegRang) -> bool:
        """Does another node say that the leg is of this round, or of one before? It heard it before the round was over
        here."""
        return leg.named is not None and leg.named[0] == self.id and leg.named[1] <= self.round

    def open(self, line: str, clock: float) -> AtLine:
        """A new ringing at this line; what the last one left behind there is over."""
        before = self.lines.get(line)
        at = self.lines[line] = AtLine(line, self.views, clock)
        if before is not None:
            before.hand_legs(at)
        return at

    def come_back(self, clock: float) -> None:
        """A new round; what the legs of the last one had in common is let go, so that no caller can pile it up."""
        self.keys.clear()
        self.call_ids.clear()
        self.continues = None
        self.round += 1
        self.rang_clock, self.quiet_since = clock, None

    def learn(self, leg: LegRang) -> bool:
        """The contact knows what dialog-info cannot. True where that is more than the desks have been told."""
        if leg.view is not View.CONTACT or self.known_by is View.CONTACT:
            return False
        more = replace(self.signalled, source=leg.signalled.source) != leg.signalled
        self.signalled, self.known_by = leg.signalled, View.CONTACT
        return more

    def learn_again(self, leg: LegRang) -> bool:
        """The same leg, told with more. What the contact knows is better."""
        if self.known_by is not leg.view or self.signalled == leg.signalled:
            return False
        self.signalled = leg.signalled
        return True

    def told(self, leg: LegRang) -> Signalled:
        """What a desk that this leg reaches is told: an INVITE's own words, else the best of the call."""
        return leg.signalled if leg.view is View.CONTACT else self.signalled

    def join(self, agent: str, at: AtLine, now: Moment) -> bool:
        """True where the desk did not ring with this call in this round yet."""
        desk = self.desks.get(agent)
        if self.rang_out(agent):
            return False
        if desk is not None and not desk.call.is_over:
            if at not in desk.lines:
                desk.lines.append(at)
            return False
        call = Call(self.id, self.trunk, at.line, CallState.RINGING, now.at, round=self.round)
        self.desks[agent] = AtDesk(call, [at])
        return True

    def verdicts(self, now: Moment) -> list[Fact]:
        """What has changed at the desks since they were told last."""
        facts: list[Fact] = []
        for agent, desk in self.desks.items():
            fact = None if desk.call.is_over else self._verdict(agent, desk, now)
            if fact is not None:
                desk.call = fact.call
                facts.append(fact)
        return facts

    def _verdict(self, agent: str, desk: AtDesk, now: Moment) -> Answered | Ended | None:
        talking = next((at for at in desk.lines if at.talks), None)
        if talking is not None:
            if desk.call.state is CallState.ANSWERED:
                return None
            answered = replace(desk.call, state=CallState.ANSWERED, line=talking.line, answered_at=talking.answered_at)
            return Answered(answered, agent)
        hung_up = next((at for at in desk.lines if at.outcome is Outcome.ANSWERED_HERE), None)
        over = [at for at in desk.lines if at.outcome is not None]
        if hung_up is None and len(over) < len(desk.lines):
            return None
        return Ended(self._ended(desk, over, now), agent)

    def _ended(self, desk: AtDesk, over: list[AtLine], now: Moment) -> Call:
        outcome = strongest({at.outcome for at in over if at.outcome is not None})
        by = self.taker if self.taker not in desk.lines else None
        if by is not None and outcome is Outcome.ABANDONED:
            # A CANCEL without a reason: another line's phone was quicker, and the caller did not hang up.
            outcome = Outcome.ANSWERED_ELSEWHERE
        ended_at = max((at.over_at for at in over if at.over_at is not None), default=now.at)
        answered_at, answered_by = desk.call.answered_at, None
        if outcome is Outcome.ANSWERED_ELSEWHERE:
            answered_at = ended_at
            if by is not None:
                answered_by = AnsweredBy(by.line, next(iter(by.agents)) if len(by.agents) == 1 else None)
        elif outcome is Outcome.ANSWERED_HERE:
            answered_at = next((at.answered_at for at in over if at.answered_at), answered_at)
        return replace(
            desk.call, state=CallState.ENDED, answered_at=answered_at, ended_at=ended_at, outcome=outcome,
            answered_by=answered_by,
        )  # fmt: skip
