"""A leg that rings, as the SIP room or another node says it, becomes facts of a call: under the name that all nodes
give it, in the round that its desks are in.

A leg that is over by the time we hear of it rings and ends at once, at those desks that have heard nothing of it.
"""

from collections.abc import Callable
from datetime import datetime

from ctibridge.calls import intake
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Fact, LegRang
from ctibridge.delivery.desks import Desks
from ctibridge.domain.caller import Signalled
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.moment import Moment
from ctibridge.flow.lately import Past
from ctibridge.flow.nodes import Nodes
from ctibridge.sip.events import Answered, RingEnded, RingStarted

Named = tuple[str, int]
"""To which call and round a leg belongs."""
Known = Callable[[str, Signalled], Internal | None]
"""Trunk and caller: which of our lines calls, if one does."""


class Ringing:
    """nodes: among which we are."""

    def __init__(self, calls: Calls, desks: Desks, nodes: Nodes, internal: Known) -> None:
        self._calls = calls
        self._desks = desks
        self._names, self._homes = nodes.names, nodes.homes
        self._internal = internal

    def began(
        self, event: RingStarted, agents: frozenset[str], teller: str, named: Named | None, now: Moment
    ) -> list[Fact]:
        """agents: who hear the line; teller: the node that told it, empty for this one; named: what it says of it."""
        if named is not None:
            named = self._names.here(named[0]), named[1]
        name = self._names.fresh(event, now.at, named and named[0])
        round_ = max(self._next_round(name, now.at), named[1] if named else 1)
        facts = self._calls.ring(self._leg(event, teller, named), agents, name, now, round_)
        self._names.gave(self._calls.of_leg(event.leg))
        return facts

    def past(self, past: Past, teller: str, now: Moment) -> list[Fact]:
        """What another node heard to its end, for those desks that have nothing of it."""
        began, call = past.began, self._names.here(past.call)
        having = {**self._homes.having(call), **self._desks.having(call, now.at)}
        mine = self._homes.mine
        # Where it still rings, at a desk that is not here yet, its end is news.
        known = {agent for agent, one in having.items() if one.round >= past.round and (one.is_over or mine(agent))}
        agents = frozenset(past.agents).intersection(self._desks.seats.agents(began.trunk, began.line)) - known
        if not agents:
            return []
        self._names.fresh(began, now.at, call)
        self._names.gave(call)
        facts = self._calls.ring(self._leg(began, teller, (call, past.round)), agents, call, now, past.round)
        if past.talked:
            facts += self._calls.answer(intake.answered(Answered(began.leg)), now)
        return facts + self._calls.end(intake.ended(RingEnded(began.leg, past.how)), now)

    def _leg(self, event: RingStarted, teller: str, named: Named | None) -> LegRang:
        return intake.rang(event, teller, named, lambda who: self._internal(event.trunk, who) is not None)

    def _next_round(self, call: str, at: datetime) -> int:
        """Of a call that another node heard on while this one began anew: here it ended as unknown."""
        if not self._homes.are_several:
            return 1
        return 1 + max((one.round for one in self._desks.having(call, at).values() if one.is_over), default=0)
