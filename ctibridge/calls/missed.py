"""Missed callers: who waits for a call back, who calls him, and when nobody need any more (contract: *call.worked*).

In: what each desk is told of a call (it rings, is answered, is over), by what its caller is known again, what agents
say (`take`, `done`), time. Out: `Worked` for the desks that missed the call; and the calls that have to outlive the
process, as values. What an agent may see is not known here: who carries `Worked` on looks at its account.

A missed call is open, then taken, then settled, and that is final:

* by `done`, whoever says it;
* by itself, when the same call comes round again and is answered, or the same caller is in a later one.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ctibridge.calls.missed_call import MissedCall
from ctibridge.calls.same_caller import SameCaller
from ctibridge.domain.call import Call
from ctibridge.domain.moment import Moment
from ctibridge.domain.work import Work, WorkState

KEPT = timedelta(hours=24)
"""From the end of a call; who waits since yesterday is called back from the log of calls."""
MOST_CALLS = 5_000
"""Answered and settled ones go first, then the oldest."""
TAKE_HOLDS = timedelta(minutes=15)
"""So long a colleague leaves the caller to the one who took him."""

Who = tuple[str | None, str | None, bool]
"""The caller's key, the account that he called, and whether his number is many people's."""


@dataclass(frozen=True, slots=True)
class Worked:
    """This agent's desk has to hear what became of a call that it missed. call: as the desk was told of it last, ended.
    account: whose role one needs to hear it, the company that was called; None: it was nobody's number."""

    call: Call
    agent: str
    account: str | None
    work: Work


class Why(StrEnum):
    """Why a call cannot be taken or settled."""

    RINGS = "rings"
    ANSWERED = "answered"
    TAKEN = "taken"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Refused:
    """by: the agent who answered, took or settled it, where that is known; at: when (aware UTC); both None where it
    rings. answered_in: the later call in which its caller was answered, where that settled it."""

    why: Why
    by: str | None = None
    at: datetime | None = None
    answered_in: str | None = None


class MissedCallers:
    """All calls that ring, and those that ended of late."""

    def __init__(self) -> None:
        self._calls: dict[str, MissedCall] = {}
        self._callers = SameCaller()
        self._forget_at: dict[str, float] = {}
        """Monotonic seconds, of those that are over, soonest first."""
        self._closed: dict[str, None] = {}
        """Answered or settled, in that order."""
        self._changed: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def __contains__(self, call: object) -> bool:
        return call in self._calls

    @property
    def deadline(self) -> float | None:
        """When `wake` wants to be called (monotonic seconds)."""
        return next(iter(self._forget_at.values()), None)

    # -- what happens --------------------------------------------------------------------------------------------------

    def rang(self, call: Call, agent: str, now: Moment) -> None:
        """It rings at this desk, perhaps in a later round: who missed it before need not call back now."""
        self.wake(now)
        one = self._calls.get(call.id)
        if one is None:
            one = self._keep(MissedCall(call.id))
        one.rang(call, agent)
        if not one.is_over:
            self._forget_at.pop(call.id, None)
        self._changed[call.id] = None

    def known(self, call: str, caller: str | None, account: str | None, *, shared: bool = False) -> list[Worked]:
        """Behind `rang`, and whenever a desk is told more. caller: the same for each call of the same caller (E.164, or
        an extension with its trunk); None where he is withheld. account: that was called; None: nobody's. shared: many
        people call from his number. An account, and that it is shared, stand whatever other desks are told."""
        one = self._calls.get(call)
        if one is None:
            return []
        known = caller, account or one.account, shared or one.shared
        if known == (one.caller, one.account, one.shared):
            return []
        self._callers.leave(one)
        one.caller, one.account, one.shared = known
        self._callers.join(one)
        self._changed[call] = None
        return self._follow(one)

    def moved_on(self, call: Call, agent: str, now: Moment) -> list[Worked]:
        """It was answered, or is over, at this desk."""
        one = self._calls.get(call.id)
        if one is None or not one.moved_on(call, agent, now.at):
            return []
        self._changed[call.id] = None
        if one.is_over:
            self._forget_at.setdefault(call.id, now.clock + KEPT.total_seconds())
        # What became of it before, this desk may have to hear yet.
        return self._follow(one) + _tell(one, (agent,))

    def wake(self, now: Moment) -> None:
        """Forgets what is due."""
        while (due := self.deadline) is not None and due <= now.clock:
            self._forget(next(iter(self._forget_at)))

    # -- what agents say -----------------------------------------------------------------------------------------------

    def account(self, call: str) -> str | None:
        """Whose role one needs to take or settle this call; None where it was nobody's number, or is not known."""
        one = self._calls.get(call)
        return None if one is None else one.account

    def caller(self, call: str) -> Who | None:
        """What `known` has told of it. None: it is not known."""
        one = self._calls.get(call)
        return None if one is None else (one.caller, one.account, one.shared)

    def touch(self, agents: Container[str]) -> None:
        """The calls of these desks are `changed`."""
        for one in self._calls.values():
            if any(agent in agents for agent in one.desks):
                self._changed[one.id] = None

    def became(self, call: str) -> Work | None:
        """What became of it; None where it waits, or is not known."""
        one = self._calls.get(call)
        return None if one is None else one.work

    def take(self, call: str, agent: str, now: Moment) -> list[Worked] | Refused | None:
        """He calls the caller back. None: his desk has no such call."""
        one = self._at_desk(call, agent)
        if one is None:
            return None
        refused = _refusal(one)
        if refused is not None:
            return refused
        if one.work is not None and now.at - one.work.at <= TAKE_HOLDS:
            return [] if one.work.by == agent else Refused(Why.TAKEN, one.work.by, one.work.at)
        return self._becomes(one, Work(agent, WorkState.TAKEN, now.at))

    def done(self, call: str, agent: str, now: Moment) -> list[Worked] | Refused | None:
        """Nobody need call back any more, whoever took it. None: his desk has no such call."""
        one = self._at_desk(call, agent)
        if one is None:
            return None
        return _refusal(one) or self._becomes(one, Work(agent, WorkState.SETTLED, now.at))

    # -- what outlives the process -------------------------------------------------------------------------------------

    def changed(self) -> tuple[str, ...]:
        """The calls that are to be kept as they are now, or no longer, since this was asked last."""
        changed, self._changed = tuple(self._changed), {}
        return changed

    def waiting(self, call: str) -> MissedCall | None:
        """As it has to be kept; it is ours, and goes on changing. None: nothing of it has to be kept (any more). While
        it goes on it is kept, in case nobody sees its end."""
        one = self._calls.get(call)
        if one is None or (one.spoken is not None and one.is_over and not one.was_missed):
            return None
        return one

    def restore(self, calls: Iterable[MissedCall], now: Moment) -> None:
        """At the start, before anything else: what was kept, in any order; the calls are ours from now on. What is too
        old is `changed`. Behind it: each desk's calls that are over (`moved_on`), then `restarted`."""
        for one in sorted(calls, key=lambda one: one.moved_at):
            age = (now.at - one.moved_at).total_seconds()
            if age >= KEPT.total_seconds():
                self._changed[one.id] = None
            elif self._keep(one).is_over:
                self._forget_at[one.id] = now.clock + KEPT.total_seconds() - max(age, 0.0)

    def restarted(self, now: Moment) -> list[Worked]:
        """What rang when the process ended, and no desk has told the end of, ends as unknown."""
        facts = []
        for one in list(self._calls.values()):
            for agent, desk in one.desks.items():
                if not desk.call.is_over:
                    facts += self.moved_on(desk.call.lost(now.at), agent, now)
        return facts

    # ------------------------------------------------------------------------------------------------------------------

    def _follow(self, one: MissedCall) -> list[Worked]:
        """What settles itself now: this call, or the caller's other ones where it was answered."""
        if one.spoken is None:
            return self._settle(one)
        self._close(one)
        return [fact for each in (one, *self._callers.waiting(one)) for fact in self._settle(each)]

    def _settle(self, one: MissedCall) -> list[Worked]:
        spoken = one.spoken or self._callers.spoken(one)
        if spoken is None or one.is_settled or not one.is_settled_by(spoken):
            return []
        return self._becomes(one, spoken.work)

    def _becomes(self, one: MissedCall, work: Work) -> list[Worked]:
        one.becomes(work)
        if one.is_closed:
            self._close(one)
        self._changed[one.id] = None
        return _tell(one, one.desks)

    def _at_desk(self, call: str, agent: str) -> MissedCall | None:
        one = self._calls.get(call)
        return one if one is not None and agent in one.desks else None

    def _close(self, one: MissedCall) -> None:
        self._closed.setdefault(one.id)
        self._callers.join(one)

    def _keep(self, one: MissedCall) -> MissedCall:
        if len(self._calls) >= MOST_CALLS:
            self._forget(next(iter(self._closed or self._calls)))
        self._calls[one.id] = one
        if one.is_closed:
            self._closed[one.id] = None
        self._callers.join(one)
        return one

    def _forget(self, call: str) -> None:
        self._callers.leave(self._calls.pop(call))
        self._forget_at.pop(call, None)
        self._closed.pop(call, None)
        self._changed[call] = None


def _tell(one: MissedCall, agents: Iterable[str]) -> list[Worked]:
    if one.work is None:
        return []
    return [Worked(one.desks[agent].call, agent, one.account, one.work) for agent in one.to_tell(agents)]


def _refusal(one: MissedCall) -> Refused | None:
    """None: it is missed, and not settled."""
    work = one.work
    if one.spoken is not None:
        return Refused(Why.ANSWERED, one.spoken.by, one.spoken.at)
    if not one.is_over:
        return Refused(Why.RINGS)
    if work is not None and work.state is WorkState.SETTLED:
        return Refused(Why.SETTLED, work.by, work.at, work.answered_in)
    return None
