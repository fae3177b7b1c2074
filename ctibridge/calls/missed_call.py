"""One call as a missed one: at whose desks it rang, how it ended there, who answered it after all, and what became of
it since.

It is missed where it is over at all desks at which it rang and nobody answered it at any. Once answered it is never
missed again; whoever missed an earlier round of it is told that it is settled.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ctibridge.domain.call import ANSWERED, Call, Outcome
from ctibridge.domain.work import Work, WorkState

SAME_MOMENT = timedelta(seconds=2)
"""As late as that after a caller was answered another call of his may still end for that reason (a PBX that forks one
call as several). Who waits for longer is somebody else with the same number."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Somebody answered this call. by: the agent, or None where it is not known who. at: aware UTC."""

    call: str
    by: str | None
    at: datetime

    @property
    def work(self) -> Work:
        return Work(self.by, WorkState.SETTLED, self.at, self.call)


@dataclass(slots=True)
class AtDesk:
    """call: as this desk was told of it last. missed: a round of it ended here and nobody had answered here. told: it
    knows what became of it."""

    call: Call
    missed: bool = False
    told: bool = False


@dataclass(slots=True)
class MissedCall:
    """caller: what a later call of the same caller is known by, None where he is withheld or not known yet. account:
    the one that was called. desks: by agent; shared: some desk was told that many people call from his number.
    going_on: those at whose desks it is not over. was_missed: by anybody, in any round."""

    id: str
    caller: str | None = field(default=None, repr=False)
    account: str | None = None
    desks: dict[str, AtDesk] = field(default_factory=dict)
    spoken: Spoken | None = None
    work: Work | None = None
    shared: bool = False
    going_on: set[str] = field(init=False)
    was_missed: bool = field(init=False)

    def __post_init__(self) -> None:
        # Kept beside, as a call at a thousand desks ends a thousand times.
        self.going_on = {agent for agent, desk in self.desks.items() if not desk.call.is_over}
        self.was_missed = any(desk.missed for desk in self.desks.values())

    # -- what it is ----------------------------------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        return not self.going_on

    @property
    def is_settled(self) -> bool:
        return self.work is not None and self.work.state is WorkState.SETTLED

    @property
    def is_closed(self) -> bool:
        """Nobody waits for anything any more, and nobody will."""
        return self.spoken is not None or self.is_settled

    @property
    def moved_at(self) -> datetime:
        """When it rang or ended last."""
        return max(desk.call.ended_at or desk.call.rang_at for desk in self.desks.values())

    def is_settled_by(self, spoken: Spoken) -> bool:
        """Is this the answer that the caller waited for?"""
        if spoken.call == self.id:
            return self.was_missed
        return self.is_over and self.spoken is None and self.moved_at <= spoken.at + SAME_MOMENT

    # -- what happens --------------------------------------------------------------------------------------------------

    def rang(self, call: Call, agent: str) -> None:
        """For the first time at this desk, or in a later round."""
        desk = self.desks.get(agent)
        if desk is None:
            self.desks[agent] = AtDesk(call)
        elif call.round > desk.call.round:
            desk.call = call
        else:
            return
        self.going_on.add(agent)

    def moved_on(self, call: Call, agent: str, at: datetime) -> bool:
        """It was answered, or ended, at this desk. False where this is no news, or older than what is known. An end
        may be told again: after a restart nobody knows who has told what."""
        desk = self.desks.get(agent)
        if desk is None or call == desk.call or call.age < desk.call.age:
            return False
        desk.call = call
        if call.is_over:
            self.going_on.discard(agent)
        if _was_answered(call):
            self.spoken = self.spoken or Spoken(self.id, _answered_by(call, agent), call.answered_at or at)
        elif call.is_over:
            desk.missed = self.was_missed = True
        return True

    def becomes(self, work: Work) -> None:
        self.work = work
        for desk in self.desks.values():
            desk.told = False

    def to_tell(self, agents: Iterable[str]) -> list[str]:
        """Which of these missed it and have not heard what became of it; they are taken as told. Where it rings again,
        that waits until it is over there."""
        if self.work is None:
            return []
        new = [agent for agent in agents if (desk := self.desks[agent]).missed and desk.call.is_over and not desk.told]
        for agent in new:
            self.desks[agent].told = True
        return new


def _was_answered(call: Call) -> bool:
    """Also one that was talked on when we stopped, and ended as unknown."""
    return call.answered_at is not None or call.outcome in ANSWERED


def _answered_by(call: Call, agent: str) -> str | None:
    if call.outcome is Outcome.ANSWERED_ELSEWHERE:
        return None if call.answered_by is None else call.answered_by.agent
    return agent
