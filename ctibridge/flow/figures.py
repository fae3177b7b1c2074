"""What is counted of calls: each once, when it is over at all its desks, and how long its pops took.

In: what the desks are told, with the clock (monotonic seconds). Out: counters that only grow, for whoever reads them.
No person and no number is kept here. A call that nobody took is counted when its queue can no longer come round with
it: until then it may still be answered.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ctibridge.calls.at_line import strongest
from ctibridge.calls.register import ROUND_WINDOW
from ctibridge.domain.call import ANSWERED, Call, Outcome
from ctibridge.domain.resolution import Status
from ctibridge.domain.screen_pop import Answer
from ctibridge.flow.distribution import Distribution

POP_BOUNDS = (
    0.00025, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0,
)  # fmt: skip
"""Seconds: a warm pop takes less than one millisecond, and the store has 50 of them for the first one."""
MOST_ACCOUNTS = 200
"""Companies that are counted by name; those that are called for the first time after them are OTHER."""
MOST_CALLS = 20_000
"""Ringing, talked on, or just over. Beyond them the oldest is counted as it stands."""
OTHER = "other"
NO_ACCOUNT = "none"
"""It was no company's number."""

_CLEAREST = (Status.IDENTIFIED, Status.AMBIGUOUS, Status.SHARED, Status.UNKNOWN, Status.WITHHELD)
"""What a call counts as where agents who may see different people are told differently."""


@dataclass(slots=True)
class _Open:
    """ringing: desks that it has not ended at. awaited: desks whose pop has not gone out, and since when.
    first: of all its desks, by name."""

    ringing: set[str] = field(default_factory=set)
    awaited: dict[str, float] = field(default_factory=dict)
    outcomes: set[Outcome] = field(default_factory=set)
    status: Status | None = None
    account: str = NO_ACCOUNT
    is_counted: bool = False
    first: str | None = None

    def learn(self, answer: Answer) -> None:
        status = answer.resolution.status
        if self.status is None or _CLEAREST.index(status) < _CLEAREST.index(self.status):
            self.status = status
        if self.account == NO_ACCOUNT and answer.called.account is not None:
            self.account = answer.called.account.id


class Figures:
    """elsewhere: the agents at whose desks a call rang that have their home on another node. Of several nodes the one
    counts a call that is the home of the first of its desks, in alphabetical order."""

    def __init__(self, elsewhere: Callable[[str], Iterable[str]] = lambda _: ()) -> None:
        self._elsewhere = elsewhere
        self.calls: Counter[tuple[str, Outcome]] = Counter()
        """By account that was called, and outcome: answered here, if it was at any desk."""
        self.statuses: Counter[Status] = Counter()
        """The same calls by what the desk that was told most was told."""
        self.without_desk: Counter[str] = Counter()
        """Rings that nobody heard, by trunk."""
        self.pops = Distribution(POP_BOUNDS)
        """Seconds from the INVITE, or what else made it ring, to the frame; one for each desk and round."""
        self._open: dict[str, _Open] = {}
        self._over: dict[str, float] = {}
        """When each call that may still come round again is forgotten, soonest first."""
        self._accounts: set[str] = set()
        self._came = 0.0

    @property
    def open(self) -> int:
        """Calls that ring or are talked on at a desk."""
        return len(self._open) - len(self._over)

    @property
    def deadline(self) -> float | None:
        return next(iter(self._over.values()), None)

    def came(self, clock: float) -> None:
        """What follows from here on is because of something that came then."""
        self._came = clock

    def nobody(self, trunk: str) -> None:
        """A call rang where no desk hears it."""
        self.without_desk[trunk] += 1

    def rang(self, call: str, agents: Iterable[str]) -> None:
        """It begins to ring at these desks, perhaps in a later round."""
        one = self._open.get(call)
        if one is None:
            one = self._open[call] = _Open()
        if self._over.pop(call, None) is not None:
            one.outcomes.clear()
        for agent in agents:
            one.ringing.add(agent)
            one.awaited[agent] = self._came
            one.first = agent if one.first is None else min(one.first, agent)
        if len(self._open) > MOST_CALLS:
            self._forget(next(iter(self._open)))

    def told(self, call: str, answers: Mapping[str, Answer], clock: float) -> None:
        """The frames for these desks have gone out, the first ones or later ones."""
        one = self._open.get(call)
        if one is None:
            return
        for agent, answer in answers.items():
            since = one.awaited.pop(agent, None)
            if since is not None:
                self.pops.observe(clock - since)
            one.learn(answer)

    def ended(self, call: Call, agent: str, clock: float) -> None:
        """It is over at this desk, for this round."""
        one = self._open.get(call.id)
        if one is None or agent not in one.ringing:
            return
        one.ringing.discard(agent)
        one.outcomes.add(call.outcome or Outcome.UNKNOWN)
        if not one.ringing:
            self._over[call.id] = clock + ROUND_WINDOW
            if not one.outcomes.isdisjoint(ANSWERED):
                self._count(call.id, one)

    def wake(self, clock: float) -> None:
        """What can no longer come round is counted."""
        while (due := self.deadline) is not None and due <= clock:
            self._forget(next(iter(self._over)))

    def stop(self) -> None:
        """Nothing comes any more."""
        for call in list(self._open):
            self._forget(call)

    def _forget(self, call: str) -> None:
        self._over.pop(call, None)
        self._count(call, self._open.pop(call))

    def _count(self, call: str, one: _Open) -> None:
        is_ours = one.first is None or all(one.first < other for other in self._elsewhere(call))
        if not one.is_counted and is_ours:
            one.is_counted = True
            self.calls[self._named(one.account), strongest(one.outcomes)] += 1
            self.statuses[one.status or Status.UNKNOWN] += 1

    def _named(self, account: str) -> str:
        if account in self._accounts or account == NO_ACCOUNT:
            return account
        if len(self._accounts) >= MOST_ACCOUNTS:
            return OTHER
        self._accounts.add(account)
        return account
