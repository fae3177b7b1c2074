"""A desk comes here from another node, or leaves, in the middle of its calls: what it was not told, or may not have
been, it is told now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from ctibridge.calls.facts import Answered, Ended, Fact, Rang
from ctibridge.delivery.desks import Desks
from ctibridge.domain.call import Call, CallState
from ctibridge.flow.homes import Homes
from ctibridge.flow.open_pops import OpenPops

MOST_TOLD = 20_000
"""Desks and calls; the oldest goes first."""

log = structlog.get_logger()


class MovedDesks:
    """tell: the desk, and what is counted."""

    def __init__(self, homes: Homes, desks: Desks, open_pops: OpenPops, tell: Callable[[Fact], None]) -> None:
        self._homes = homes
        self._desks = desks
        self._open = open_pops
        self._tell = tell
        self._told: dict[tuple[str, str], int] = {}
        """The newest round that this node told a desk of, before it left, and that a screen of it heard."""

    def gained(self, agents: frozenset[str]) -> None:
        """They come with what they were told, or with what Redis has of it; a call that is not there, also one
        that is over by now, they are told before their screens come, who find it in their snapshot."""
        for agent, call in self._homes.came(agents):
            try:
                self._catch_up(agent, call)
            except Exception:
                # One call costs itself alone.
                log.error("call_not_caught_up", call=call.id, exc_info=True)

    def lost(self, agents: frozenset[str], at: datetime) -> None:
        """To be said while what they have is still known here."""
        for call in self._open.calls():
            for agent, known in self._desks.having(call, at).items():
                if agent in agents:
                    self._homes.remember(known, (agent,))
                    if self._desks.was_heard(agent, call):
                        self._told[agent, call] = known.round
        while len(self._told) > MOST_TOLD:
            del self._told[next(iter(self._told))]

    def _catch_up(self, agent: str, call: Call) -> None:
        known, fact = self._desks.last_told(agent, call.id), self._open.fact(call.id)
        if call.is_over and known is not None and known.is_over:
            return  # facts of several nodes come in another order than the calls rang: rounds are counted at the home
        is_new = known is None or known.round < call.round
        # What we told it ourselves is not told again when it comes back from a node that did not know of it.
        is_untold = self._told.get((agent, call.id), 0) < call.round
        if fact is not None and is_new and (is_untold or not call.is_over):
            rang = Call(call.id, call.trunk, call.line, CallState.RINGING, call.rang_at, round=call.round)
            self._tell(Rang(rang, frozenset({agent}), fact.signalled, fact.continues))
        if call.is_over:
            self._tell(Ended(call, agent))
        elif call.state is CallState.ANSWERED:
            self._tell(Answered(call, agent))
        elif known is not None and not known.is_over and not is_new and fact is not None:
            self._tell(replace(fact, call=call, agents=frozenset({agent})))
