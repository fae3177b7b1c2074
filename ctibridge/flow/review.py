"""Open pops show what the agent may see *now*: whose share or grant has ended or begun hears his calls again.

Looked at a few times a minute, in pieces, as there may be hundreds of desks with thousands of calls.
"""

import asyncio
from collections.abc import Callable, Container
from datetime import datetime

from ctibridge.delivery.desks import Desks
from ctibridge.domain.call import Call
from ctibridge.flow.open_pops import OpenPops

PIECE = 20
"""Agents or calls in one turn of the loop."""


class Review:
    """visible: the accounts that an agent may see at a time; ask_again: for a call and some of its desks."""

    def __init__(
        self,
        pops: OpenPops,
        desks: Desks,
        visible: Callable[[str, datetime], frozenset[str]],
        ask_again: Callable[[str, frozenset[str]], None],
        deliver: Callable[[], None],
    ) -> None:
        self._pops = pops
        self._desks = desks
        self._visible = visible
        self._ask_again = ask_again
        self._deliver = deliver

    async def run(self, at: datetime, waiting: Container[str]) -> None:
        """at: aware UTC. waiting: calls whose first pop has not come yet: no desk has them, and they are not over."""
        having = await self._having(at, waiting)
        changed = await self._changed(at)
        asked = 0
        for call, agents in having.items():
            if concerned := changed & agents.keys():
                self._ask_again(call, frozenset(concerned))
                asked += 1
                await self._let_others(asked)
        self._deliver()

    async def _having(self, at: datetime, waiting: Container[str]) -> dict[str, dict[str, Call]]:
        having = {}
        for count, call in enumerate(self._pops.calls(), 1):
            if agents := self._desks.having(call, at):
                having[call] = agents
            elif call not in waiting:
                # In the same moment: in a later turn it may have come to a desk.
                self._pops.forget(call)
            await self._let_others(count)
        return having

    async def _changed(self, at: datetime) -> set[str]:
        changed: set[str] = set()
        for count, agent in enumerate(self._desks.agents(), 1):
            others, fewer = self._pops.changed(agent, self._visible(agent, at))
            if others:
                changed.add(agent)
            if fewer:
                self._desks.forget_sent(agent)
            await self._let_others(count)
        return changed

    async def _let_others(self, count: int) -> None:
        if count % PIECE == 0:
            self._deliver()
            await asyncio.sleep(0)
