"""Desks that come to this node and leave it, lot by lot, with their state through Redis.

Comes in: what the node's machine decided. At once: a desk that leaves says nothing more. Behind it, in that order and
off the loop's way: its state is written for the next node, read here, or begun anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

import structlog

from ctibridge.cluster import lots as of
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.keys import DESKS_LIFETIME
from ctibridge.cluster.outputs import Gained, Lost, Yield
from ctibridge.delivery import moving
from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.adapters.hand_over import HandOver
from ctibridge.delivery.kept import KeptDesk
from ctibridge.delivery.moving import MovingDesk
from ctibridge.flow.flow import Flow
from ctibridge.joining.replica import Replica

PATIENCE = 5.0
"""Seconds for the state of a lot's desks, there or back."""

SETTLES = 5.0
"""Seconds behind a hand-over in which all that was said of its calls has come."""


class _All(frozenset[str]):
    """Every call."""

    def __contains__(self, call: object) -> bool:
        return True


_ALL = _All()
Agents = Callable[[], Iterable[str]]
log = structlog.get_logger()


class Told(Protocol):
    """Who waits for what was done."""

    def given(self, turn: int) -> None: ...

    def kept(self, turn: int) -> None: ...

    def settled(self, lots: Mapping[int, int]) -> None: ...


class Moves:
    """link: to the server of our keys, for this alone. agents: all that this node knows of."""

    def __init__(
        self,
        link: Link,
        replica: Replica,
        hand_over: HandOver,
        flow: Flow,
        agents: Agents,
        told: Told,
    ) -> None:
        self._link = link
        self._replica = replica
        self._keys = replica.keys
        self._hand_over = hand_over
        self._flow = flow
        self._agents = agents
        self._told = told
        self._coming: dict[int, int] = {}
        """Token by lot, of those that were given to us and not taken since."""
        self._here: set[int] = set()
        self._open: set[int] = set()
        self._jobs: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()

    def is_home(self, agent: str) -> bool:
        """Is the desk numbered here: given to us, and all it came with in its place?"""
        return of.of_agent(agent) in self._here

    def is_open(self, agent: str) -> bool:
        """May his screens come? Not before the desk was told of what goes on: that stands in their snapshot then, and
        no screen that knew of it at the node before hears it as new."""
        return of.of_agent(agent) in self._open

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            job = await self._jobs.get()
            try:
                await job()
            except Exception:
                # What fails for one lot costs its desks their epochs, and no other lot anything.
                log.error("desks_not_moved", exc_info=True)

    def yields(self, words: Yield) -> None:
        agents = self._leave(words.lots)
        self._jobs.put_nowait(lambda: self._write(words, agents))

    def loses(self, words: Lost) -> None:
        agents = self._leave(words.lots)
        self._jobs.put_nowait(lambda: self._renew(agents))

    def gains(self, words: Gained) -> None:
        self._coming |= words.lots
        self._jobs.put_nowait(lambda: self._begin(words))

    # ------------------------------------------------------------------------------------------------------------------

    def _of(self, lots: Iterable[int]) -> list[str]:
        wanted = frozenset(lots)
        return sorted(agent for agent in set(self._agents()) if of.of_agent(agent) in wanted)

    def _leave(self, lots: Iterable[int]) -> list[str]:
        agents = self._of(lots)
        self._flow.lost(frozenset(agents))
        for lot in lots:
            self._coming.pop(lot, None)
        self._here.difference_update(lots)
        self._open.difference_update(lots)
        self._hand_over.freeze(agents)
        return agents

    async def _renew(self, agents: list[str]) -> None:
        await self._hand_over.renew(agents)

    async def _write(self, words: Yield, agents: list[str]) -> None:
        states = await self._hand_over.export(agents)
        try:
            async with asyncio.timeout(PATIENCE):
                for lot, token in words.lots.items():
                    await self._put(lot, token, {one: states[one] for one in states if of.of_agent(one) == lot})
        except (RedisFault, TimeoutError) as fault:
            log.warning("desks_not_given", lots=len(words.lots), why=str(fault) or f"no answer within {PATIENCE:g} s")
            self._told.kept(words.turn)
        else:
            log.info("desks_given", lots=len(words.lots), desks=len(states))
            self._told.given(words.turn)

    async def _put(self, lot: int, token: int, states: Mapping[str, bytes]) -> None:
        """Together with its end, so that nothing of it stays for ever."""
        key = self._keys.desks(lot, token)
        if states:
            fields = [part for pair in states.items() for part in pair]
            for reply in await self._link.calls([("HSET", key, *fields), ("EXPIRE", key, DESKS_LIFETIME)], PATIENCE):
                self._link.good(reply)

    async def _begin(self, words: Gained) -> None:
        came = await self._state(words)
        lots = {lot: token for lot, token in words.lots.items() if self._coming.get(lot) == token}
        agents = [*self._of(lots), *(agent for agent in came if of.of_agent(agent) in lots)]
        agents = sorted(set(agents))
        self._here.update(lots)
        # Whoever handed it over knew of calls that we may not have heard of yet.
        calls = self._hand_over.gained(agents, _ALL if words.how == "handed" else self._flow.going_on())
        if words.how == "handed":
            asyncio.get_running_loop().call_later(SETTLES, self._end_what_nobody_hears, agents)
        await self._flow.restore(calls)
        self._flow.gained(frozenset(agents), handed=words.how != "fresh")
        self._told.settled(lots)
        await self._flow.told()
        self._open.update(lot for lot in lots if lot in self._here)
        log.info("lots_gained", lots=len(lots), how=words.how, desks=len(agents))

    def _end_what_nobody_hears(self, agents: list[str]) -> None:
        here = [agent for agent in agents if self.is_home(agent)]
        self._hand_over.gained(here, self._flow.going_on())

    async def _state(self, words: Gained) -> frozenset[str]:
        """Puts the desks of these lots in their places; returns whose came from elsewhere."""
        if words.how == "own":
            return frozenset()
        came = await self._adopt(words) if words.how == "handed" else frozenset[str]()
        left = [agent for agent in self._of(words.lots) if agent not in came]
        came |= await self._adopt_calls(left)
        await self._hand_over.renew([agent for agent in left if agent not in came])
        return came

    async def _adopt_calls(self, agents: Iterable[str]) -> frozenset[str]:
        """Of desks that nobody handed over: a new epoch, with what they were told of their calls."""
        found = {}
        try:
            async with asyncio.timeout(PATIENCE):
                for agent in agents:
                    if calls := await self._replica.of(agent):
                        found[agent] = calls
        except (RedisFault, TimeoutError) as fault:
            log.warning("calls_not_read", why=str(fault) or f"no answer within {PATIENCE:g} s")
        desks = [KeptDesk(agent, fresh.epoch(), 0, 1, 0, calls) for agent, calls in found.items()]
        return await self._hand_over.adopt([moving.written(MovingDesk(desk)) for desk in desks])

    async def _adopt(self, words: Gained) -> frozenset[str]:
        states: list[bytes] = []
        keys = [self._keys.desks(lot, token) for lot, token in words.lots.items()]
        try:
            async with asyncio.timeout(PATIENCE):
                for key in keys:
                    reply = await self._link.call("HVALS", key)
                    states += [one for one in reply if isinstance(one, bytes)] if isinstance(reply, list) else []
                    await self._link.call("DEL", key)
        except (RedisFault, TimeoutError) as fault:
            log.warning("desks_not_read", why=str(fault) or f"no answer within {PATIENCE:g} s")
        return await self._hand_over.adopt(states)
