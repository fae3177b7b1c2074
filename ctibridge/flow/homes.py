"""Which desks have their home on this node, and what those of other homes were told.

Of several nodes each hears every call, and tells its own desks alone. What the others tell theirs is remembered here as
each desk's call stands: for notes, for who else is called beside, and for a desk that comes here in the middle of it.
Pure bookkeeping; a node that is alone remembers nothing.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ctibridge.calls.facts import Fact, Learned, Rang
from ctibridge.domain.call import Call

MOST_CALLS = 20_000
"""As many as a desk keeps; the oldest goes first."""
KEPT_AFTER_END = timedelta(minutes=30)
"""As long as a desk has a call that is over."""


class Homes:
    """mine: has this agent's desk its home here now? None: there is no other node."""

    def __init__(self, mine: Callable[[str], bool] | None = None) -> None:
        self._mine = mine
        self._calls: dict[str, dict[str, Call]] = {}

    def mine(self, agent: str) -> bool:
        return self._mine is None or self._mine(agent)

    @property
    def are_several(self) -> bool:
        return self._mine is not None

    def __contains__(self, call: object) -> bool:
        """Was a desk of another home told of it?"""
        return call in self._calls

    def here(self, fact: Fact) -> Fact | None:
        """What of it is for desks of ours; the rest is remembered."""
        if self._mine is None:
            return fact
        match fact:
            case Rang() | Learned():
                ours = frozenset(filter(self._mine, fact.agents))
                if isinstance(fact, Rang):
                    self.remember(fact.call, fact.agents - ours)
                    self._keep_up(fact.call, ours)
                if len(ours) == len(fact.agents):
                    return fact
                return replace(fact, agents=ours) if ours else None
            case _ if self._mine(fact.agent):
                self._keep_up(fact.call, (fact.agent,))
                return fact
            case _:
                self.remember(fact.call, (fact.agent,))
                return None

    def _keep_up(self, call: Call, agents: Iterable[str]) -> None:
        """Desks that are ours, and have not been caught up with yet: they must not be told what is old by then."""
        known = self._calls.get(call.id)
        if known is not None:
            known.update({agent: call for agent in agents if agent in known})

    def remember(self, call: Call, agents: Iterable[str]) -> None:
        """So these desks of other homes know it now."""
        if agents:
            self._calls.setdefault(call.id, {}).update(dict.fromkeys(agents, call))
            self._tidy(call)

    def calls(self, agents: frozenset[str]) -> frozenset[str]:
        """Those that these agents were told of while their desks had another home."""
        return frozenset(call for call, at in self._calls.items() if not agents.isdisjoint(at))

    def having(self, call: str) -> Mapping[str, Call]:
        """The agents of other homes who were told of it, each with the call as it stands there."""
        return self._calls.get(call, {})

    def came(self, agents: Container[str]) -> list[tuple[str, Call]]:
        """These desks have their home here from now on: their calls, in the order in which they rang."""
        came = [(agent, call) for at in self._calls.values() for agent, call in at.items() if agent in agents]
        for agent, call in came:
            del self._calls[call.id][agent]
            if not self._calls[call.id]:
                del self._calls[call.id]
        return sorted(came, key=lambda one: one[1].rang_at)

    def _tidy(self, newest: Call) -> None:
        """By the time of the newest; the oldest goes first."""
        at = newest.ended_at or newest.rang_at
        while len(self._calls) > 1:
            oldest = next(iter(self._calls))
            if len(self._calls) <= MOST_CALLS and not _is_forgotten(self._calls[oldest], at):
                return
            del self._calls[oldest]


def _is_forgotten(at_desks: Mapping[str, Call], now: datetime) -> bool:
    return all(call.ended_at is not None and now - call.ended_at > KEPT_AFTER_END for call in at_desks.values())


@dataclass(frozen=True, slots=True)
class Kept:
    """Calls that are not to be forgotten though no desk of ours has them."""

    parts: tuple[Container[str], ...]

    def __contains__(self, call: object) -> bool:
        return any(call in part for part in self.parts)
