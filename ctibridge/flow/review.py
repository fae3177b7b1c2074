"""Open pops show what the agent may see *now*: whose share or grant has ended or begun hears his calls again.

Looked at a few times a minute, in pieces, as there may be hundreds of desks with thousands of calls.
"""

import asyncio
from collections.abc import Callable, Container
from datetime import datetime

from ctibridge.delivery.desks import Desks
from ctibridge.flow.open_pops import OpenPops

PIECE = 20
"""Calls in one turn of the loop."""


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
        for count, call in enumerate(self._pops.calls(), 1):
            self._look_at(call, at, waiting)
            await self._let_others(count)
        self._deliver()

    def _look_at(self, call: str, at: datetime, waiting: Container[str]) -> None:
        """All in one moment: in a later turn it may have come to a desk, or be told otherwise."""
        agents = self._desks.having(call, at)
        if outdated := self._pops.outdated(call, agents, lambda agent: self._visible(agent, at)):
            self._ask_again(call, outdated)
        elif not agents and call not in waiting:
            self._pops.forget(call)

    async def _let_others(self, count: int) -> None:
        if count % PIECE == 0:
            self._deliver()
            await asyncio.sleep(0)
