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
from ctibridge.cluster.adapters.faults import RedisFault, Refused
from ctibridge.cluster.keys import DESKS_LIFETIME
from ctibridge.cluster.outputs import Gained, Lost, Yield
from ctibridge.delivery import moving
from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.adapters.hand_over import HandOver
from ctibridge.delivery.kept import KeptCall, KeptDesk
from ctibridge.delivery.moving import MovingDesk
from ctibridge.flow.flow import Flow
from ctibridge.joining.replica import Replica

PATIENCE = 5.0
"""Seconds for the state of a lot's desks, there or back; and for what was written of their calls before, without which
they stay."""

AGAIN = 0.1
"""Seconds until Redis is asked again."""
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
    """link: to the server of our keys, for this alone. agents: all that this node knows of. others: returns when these
    have said how things stand."""

    def __init__(
        self,
        link: Link,
        replica: Replica,
        hand_over: HandOver,
        flow: Flow,
        agents: Agents,
        told: Told,
        others: Callable[[], Awaitable[None]],
    ) -> None:
        self._link = link
        self._replica = replica
        self._keys = replica.keys
        self._hand_over = hand_over
        self._flow = flow
        self._agents = agents
        self._told = told
        self._others = others
        self._coming: dict[int, int] = {}
        """Token by lot, of those that were given to us and not taken since."""
        self._here: set[int] = set()
        self._open: set[int] = set()
        self._jobs: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._timers: set[asyncio.TimerHandle] = set()

    def is_home(self, agent: str) -> bool:
        """Is the desk numbered here: given to us, and all it came with in its place?"""
        return of.of_agent(agent) in self._here

    def is_open(self, agent: str) -> bool:
        """May his screens come? Not before the desk was told of what goes on: that stands in their snapshot then, and
        no screen that knew of it at the node before hears it as new."""
        return of.of_agent(agent) in self._open

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                job = await self._jobs.get()
                await self._guarded(job())
        finally:
            for timer in self._timers:
                timer.cancel()

    async def _guarded(self, job: Awaitable[None]) -> bool:
        """What fails for some lots costs their desks their epochs, and no other lot anything."""
        try:
            await job
        except Exception:
            log.error("desks_not_moved", exc_info=True)
            return False
        return True

    def yields(self, words: Yield) -> None:
        self._leave(words.lots)
        self._jobs.put_nowait(lambda: self._give(words))

    def loses(self, words: Lost) -> None:
        self._replica.leave(self._leave(words.lots))
        self._jobs.put_nowait(lambda: self._renew(words.lots))

    def gains(self, words: Gained) -> None:
        self._coming |= words.lots
        self._jobs.put_nowait(lambda: self._begin(words))

    # ------------------------------------------------------------------------------------------------------------------

    def _of(self, lots: Iterable[int]) -> list[str]:
        wanted = frozenset(lots)
        return sorted(agent for agent in set(self._agents()) if of.of_agent(agent) in wanted)

    def _leave(self, lots: Iterable[int]) -> list[str]:
        agents = self._of(lots)
        try:
            self._flow.lost(frozenset(agents))
        except Exception:
            # They are not ours any more, whatever else fails.
            log.error("desks_not_moved", exc_info=True)
        for lot in lots:
            self._coming.pop(lot, None)
        self._here.difference_update(lots)
        self._open.difference_update(lots)
        self._hand_over.freeze(agents)
        return agents

    async def _renew(self, lots: Iterable[int]) -> None:
        """All that are known by now: also those that came with a hand-over which was on its way when they were lost."""
        await self._hand_over.renew(self._of(lots))

    async def _give(self, words: Yield) -> None:
        if not await self._guarded(self._write(words)):
            self._told.kept(words.turn)

    async def _write(self, words: Yield) -> None:
        agents = self._of(words.lots)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._replica.calendar.ahead_of(self._link)
                await self._replica.written(agents)
            states = await self._hand_over.export(agents)
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
        """Whatever fails: lots that are ours have their desks here, and no other node's."""
        came = await self._state(words)
        lots = {lot: token for lot, token in words.lots.items() if self._coming.get(lot) == token}
        agents = sorted({*self._of(lots), *(agent for agent in came if of.of_agent(agent) in lots)})
        self._here.update(lots)
        await self._guarded(self._tell(agents, words))
        here = {lot: token for lot, token in lots.items() if self._coming.get(lot) == token}
        self._told.settled(here)
        self._open.update(here)
        log.info("lots_gained", lots=len(here), how=words.how, desks=len(agents))
        if words.how == "own":
            await self._guarded(self._refill(agents))

    async def _refill(self, agents: Iterable[str]) -> None:
        """Redis may have been emptied while they were here: whoever takes them over next has to find their calls."""
        lacking: list[str] = []

        async def ask() -> None:
            lacking[:] = await self._replica.lacking(agents)

        await self._patiently(ask, "calls_not_looked_for")
        for agent in lacking:
            for kept in await self._hand_over.calls(agent):
                self._replica.keep(kept)

    async def _tell(self, agents: list[str], words: Gained) -> None:
        # Whoever handed it over knew of calls that we may not have heard of yet.
        known = _ALL if words.how == "handed" else self._flow.known(frozenset(agents))
        calls = self._hand_over.gained(agents, known)
        self._replica.follow(calls)
        self._end_later(agents)
        await self._flow.restore(calls)
        # They may have left meanwhile.
        self._flow.gained(frozenset(filter(self.is_home, agents)))
        # A store that stands still must not keep his screens from him; what waits for it goes on.
        told = asyncio.get_running_loop().create_task(self._flow.told())
        await asyncio.wait({told}, timeout=PATIENCE)

    def _end_later(self, agents: list[str]) -> None:
        def end() -> None:
            self._timers.discard(timer)
            self._end_what_nobody_hears(agents)

        timer = asyncio.get_running_loop().call_later(SETTLES, end)
        self._timers.add(timer)

    def _end_what_nobody_hears(self, agents: list[str]) -> None:
        here = [agent for agent in agents if self.is_home(agent)]
        self._hand_over.gained(here, self._flow.going_on())

    async def _state(self, words: Gained) -> frozenset[str]:
        """Puts the desks of these lots in their places; returns whose came from elsewhere."""
        if words.how == "own":
            await self._others()
            return frozenset()
        came = set[str]()
        try:
            if words.how == "handed":
                came |= await self._adopt(words)
            came |= await self._adopt_calls([agent for agent in self._of(words.lots) if agent not in came])
        except Exception:
            log.error("desks_not_moved", exc_info=True)
        await self._hand_over.renew([agent for agent in self._of(words.lots) if agent not in came])
        return frozenset(came)

    async def _adopt_calls(self, agents: Iterable[str]) -> frozenset[str]:
        """Of desks that nobody handed over: a new epoch, with what they were told of their calls."""
        found: dict[str, tuple[KeptCall, ...]] = {}

        async def read() -> None:
            found.update(await self._replica.of(agents))

        await self._patiently(read, "calls_not_read")
        desks = [KeptDesk(agent, fresh.epoch(), 0, 1, 0, calls) for agent, calls in found.items()]
        return await self._hand_over.adopt([moving.written(MovingDesk(desk)) for desk in desks])

    async def _adopt(self, words: Gained) -> frozenset[str]:
        states: dict[str, list[bytes]] = {}
        keys = [self._keys.desks(lot, token) for lot, token in words.lots.items()]

        async def read() -> None:
            for key in keys:
                if key not in states:
                    await self._replica.calendar.ahead_of(self._link)
                    reply = await self._link.call("HVALS", key)
                    states[key] = [one for one in reply if isinstance(one, bytes)] if isinstance(reply, list) else []
                await self._link.call("DEL", key)

        await self._patiently(read, "desks_not_read")
        return await self._hand_over.adopt(state for some in states.values() for state in some)

    async def _patiently(self, read: Callable[[], Awaitable[None]], otherwise: str) -> None:
        """Again while Redis is slow for a moment: that must not cost desks what they were told. otherwise: what is
        logged when the patience is over."""
        failed = ""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        return await read()
                    except Refused:
                        raise
                    except RedisFault as fault:
                        failed = str(fault)
                        await asyncio.sleep(AGAIN)
        except (RedisFault, TimeoutError) as fault:
            log.warning(otherwise, why=failed or str(fault) or f"no answer within {PATIENCE:g} s")
