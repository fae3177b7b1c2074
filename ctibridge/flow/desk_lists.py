"""What an agent asks for beside his calls: which calls he had, and who else is there. Answered to the connection that
asked."""

import asyncio
import math
from collections.abc import Callable, Mapping

import structlog

from ctibridge.delivery import encode_control
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptCall, Outbox, OutboxFault
from ctibridge.delivery.today import listed
from ctibridge.domain.agent import Agent
from ctibridge.domain.desk_command import ListCalls, ListColleagues
from ctibridge.domain.work import Work

MOST = 200
LEARN_EVERY = 10.0
PIECE = 50
"""Agents in one turn of the loop."""
log = structlog.get_logger()


class DeskLists:
    """agents: those of the directory; visible: the accounts that an agent may see now; became: what became of a missed
    call, as far as this agent may know. clock: monotonic seconds."""

    def __init__(
        self,
        desks: Desks,
        outbox: Outbox,
        agents: Callable[[], Mapping[str, Agent]],
        visible: Callable[[str], frozenset[str]],
        became: Callable[[str, str], Work | None],
        clock: Callable[[], float],
    ) -> None:
        self._desks = desks
        self._outbox = outbox
        self._agents = agents
        self._visible = visible
        self._became = became
        self._clock = clock
        self._learn_at = -math.inf
        self._of_account: dict[str, list[str]] = {}

    async def calls(self, command: ListCalls) -> None:
        """At worst the list is empty: whoever asked waits for it."""
        kept: list[KeptCall] = []
        try:
            kept = await self._outbox.since(command.agent, command.since, MOST)
        except OutboxFault as fault:
            log.warning("calls_unreadable", why=str(fault))
        visible = self._visible(command.agent)
        calls = [listed(one, visible, self._became(one.call.id, command.agent)) for one in kept]
        self._desks.answer(command.session, encode_control.today(command.text, calls))

    async def colleagues(self, command: ListColleagues) -> None:
        """Who answers for a customer for which this agent answers, too; those who are here first."""
        await self._learn()
        agents, mine = self._agents(), self._visible(command.agent)
        ids = {one for account in mine for one in self._of_account.get(account, ()) if one != command.agent}
        found = [(agents[one], self._desks.is_here(one)) for one in ids if one in agents]
        found.sort(key=lambda one: (not one[1], one[0].name))
        self._desks.answer(command.session, encode_control.colleagues(found[:MOST], mine))

    async def _learn(self) -> None:
        """Who answers for whom, looked at again from time to time and in pieces: there may be ten thousand agents, and
        each page asks once a minute."""
        if self._clock() < self._learn_at:
            return
        self._learn_at = self._clock() + LEARN_EVERY
        found: dict[str, list[str]] = {}
        for count, agent in enumerate(list(self._agents().values()), 1):
            for account in () if agent.disabled else self._visible(agent.id):
                found.setdefault(account, []).append(agent.id)
            if count % PIECE == 0:
                await asyncio.sleep(0)
        self._of_account = found
