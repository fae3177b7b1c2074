"""What an agent asks for beside his calls: which calls he had, and who else is there. Answered to the connection that
asked."""

import asyncio
import math
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from ctibridge.delivery import encode_control, sights
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptCall, Outbox, OutboxFault
from ctibridge.delivery.today import listed, named
from ctibridge.domain.agent import Agent
from ctibridge.domain.desk_command import ListCalls, ListColleagues
from ctibridge.domain.work import Work

MOST = 200
LEARN_EVERY = 10.0
PIECE = 50
"""Agents in one turn of the loop."""
MOST_KEPT = 1_000_000
"""Ids in the lists that are kept, 8 MB; the oldest list goes first."""
log = structlog.get_logger()


class DeskLists:
    """agents: those of the directory; visible: the accounts that an agent may see now; became: what became of a missed
    call, as far as this agent may know. clock: monotonic seconds; now: aware UTC."""

    def __init__(
        self,
        desks: Desks,
        outbox: Outbox,
        agents: Callable[[], Mapping[str, Agent]],
        visible: Callable[[str], frozenset[str]],
        became: Callable[[str, str], Work | None],
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._desks = desks
        self._outbox = outbox
        self._agents = agents
        self._visible = visible
        self._became = became
        self._clock = clock
        self._now = now
        self._learn_at = -math.inf
        self._learning = asyncio.Lock()
        self._ids: list[str] = []
        """In the order of their names, as at the newest learning."""
        self._of_account: dict[str, list[int]] = {}
        """Places in that order."""
        self._of_sight: dict[frozenset[str], list[str]] = {}
        """By the accounts that somebody sees: his colleagues and himself, until the next learning."""
        self._kept = 0

    async def calls(self, command: ListCalls) -> None:
        """At worst the list is empty: whoever asked waits for it."""
        kept: list[KeptCall] = []
        try:
            kept = await self._outbox.since(command.agent, command.since, MOST)
        except OutboxFault as fault:
            log.warning("calls_unreadable", why=str(fault))
        visible = self._visible(command.agent)
        calls = [listed(one, visible, self._became(one.call.id, command.agent)) for one in kept]
        people = [(one.call.id, who) for one in kept if (who := named(one, visible)) is not None]
        saw = sights.of_list(command.agent, people, self._now())
        self._desks.answer(command.session, encode_control.today(command.text, calls), saw)

    async def colleagues(self, command: ListColleagues) -> None:
        """Who answers for a customer for which this agent answers, too; those who are here first."""
        await self._learn()
        mine = self._visible(command.agent)
        found = self._here_first(self._by_name(mine), command.agent)
        self._desks.answer(command.session, encode_control.colleagues(found, mine))

    async def _learn(self) -> None:
        """Who answers for whom, looked at again from time to time and in pieces: there may be ten thousand agents, and
        each page asks once a minute. Who asks meanwhile is answered from what was learned before; where there is
        nothing yet, he waits. Whoever gives up leaves it to the next."""
        if self._clock() < self._learn_at or (self._learn_at > -math.inf and self._learning.locked()):
            return
        async with self._learning:
            if self._clock() < self._learn_at:
                return
            found: dict[str, list[int]] = {}
            agents = sorted(self._agents().values(), key=lambda one: one.name)
            for place, agent in enumerate(agents):
                for account in () if agent.disabled else self._visible(agent.id):
                    found.setdefault(account, []).append(place)
                if place % PIECE == PIECE - 1:
                    await asyncio.sleep(0)
            self._ids, self._of_account = [agent.id for agent in agents], found
            self._of_sight, self._kept = {}, 0
            self._learn_at = self._clock() + LEARN_EVERY

    def _by_name(self, mine: frozenset[str]) -> list[str]:
        """Who answers for one of these accounts, in the order of their names; sorted once for all who see the same."""
        known = self._of_sight.get(mine)
        if known is None:
            places = set[int]().union(*(self._of_account.get(account, ()) for account in mine))
            known = self._of_sight[mine] = [self._ids[place] for place in sorted(places)]
            self._kept += _size(mine, known)
            while self._kept > MOST_KEPT and len(self._of_sight) > 1:
                oldest = next(iter(self._of_sight))
                self._kept -= _size(oldest, self._of_sight.pop(oldest))
        return known

    def _here_first(self, ids: list[str], asks: str) -> list[tuple[Agent, bool]]:
        agents, here, away = self._agents(), list[tuple[Agent, bool]](), list[tuple[Agent, bool]]()
        for one in ids:
            if one == asks or one not in agents:
                continue
            if self._desks.is_here(one):
                here.append((agents[one], True))
                if len(here) == MOST:
                    break
            elif len(away) < MOST:
                away.append((agents[one], False))
        return (here + away)[:MOST]


def _size(mine: frozenset[str], ids: list[str]) -> int:
    return 1 + len(mine) + len(ids)
