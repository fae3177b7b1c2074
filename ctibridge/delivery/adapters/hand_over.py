"""Desks that come and go between nodes while this one runs: sessions, store and webhooks follow.

A desk leaves with `freeze`, then `export`: when that returns, this node begins another life of it and never numbers
under the epoch that it gave away, also after a kill. It comes with `adopt`, or begins anew with `renew`; it is at home
here from `gained` on. Webhooks: an event of before the move is posted once by the node that it left or by the new home;
one that was on its way just then perhaps by both (at least once).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import structlog

from ctibridge.delivery import encode, moving, other_calendar, withdrawn
from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.desk import is_forgotten
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import OF_CALLS, KeptCall, KeptDesk, KeptEvent, OutboxFault
from ctibridge.delivery.moving import MOST_CALLS, Fact, MovingDesk
from ctibridge.delivery.requests import LISTED
from ctibridge.delivery.webhooks import cursor as cursors
from ctibridge.delivery.webhooks.cursor import Cursor
from ctibridge.domain.call import Call

if TYPE_CHECKING:
    from ctibridge.delivery.adapters.webhooks import Webhooks

WITHIN = 5.0
"""Seconds for all that is read for one hand-over. What is left out then costs its desks a snapshot."""

T = TypeVar("T")
log = structlog.get_logger()


def _unknown() -> None:
    return None


class HandOver:
    """deliver: carries out what the desks have to say. webhooks: None while there are none. left: the accounts whose
    people have left the store for good, and are not back. ahead: as in `MovingDesk`, now."""

    def __init__(
        self,
        desks: Desks,
        outbox: Outbox,
        deliver: Callable[[], None],
        webhooks: "Callable[[], Webhooks | None]",
        left: Callable[[], frozenset[str]] = frozenset,
        ahead: Callable[[], float | None] = _unknown,
    ) -> None:
        self._desks = desks
        self._residents = desks.residents
        self._outbox = outbox
        self._deliver = deliver
        self._webhooks = webhooks
        self._left = left
        self._ahead = ahead

    # -- out -----------------------------------------------------------------------------------------------------------

    def freeze(self, agents: Iterable[str], why: str = "the desk moves") -> None:
        """See `Residents.freeze`; also for desks that were taken from us."""
        self._residents.freeze(agents, why)
        self._deliver()

    async def export(self, agents: Iterable[str]) -> dict[str, bytes]:
        """These desks as they stand, by agent; they are frozen. One of which this node knows nothing is left out. What
        is returned must go to one node only."""
        leaving = list(agents)
        assert not any(map(self._residents.has, leaving))
        forms = self._leave_to_others(leaving)
        standing = {agent: desk for agent in leaving if (desk := self._residents.standing(agent)) is not None}
        by, none = _by(), dict[str, dict[str, bytes]]()
        told = await _in_time(by, self._cursors(), none)
        found = {}
        for agent, desk in standing.items():
            hooks = [Fact(cursors.KIND, key, body) for key, body in told.get(agent, {}).items()]
            hooks += [Fact(cursors.FORM, key, body) for key, body in forms.get(agent, {}).items()]
            found[agent] = moving.written(await _in_time(by, self._moving(desk, hooks), MovingDesk(desk)))
        for key in chain.from_iterable(told.get(agent, ()) for agent in standing):
            self._outbox.keep_fact(cursors.KIND, key, None)
        await self.renew(standing)
        return found

    async def calls(self, agent: str) -> tuple[KeptCall, ...]:
        """All that this desk knows, and those of the day's list, with their pops."""
        desk = self._residents.standing(agent)
        return () if desk is None else await self._calls(desk)

    async def _moving(self, desk: KeptDesk, hooks: Iterable[Fact]) -> MovingDesk:
        calls = await self._calls(desk)
        ids = [kept.call.id for kept in calls]
        facts = [
            Fact(kind, key, body) for kind in OF_CALLS for key, body in (await self._outbox.facts_of(kind, ids)).items()
        ]
        return MovingDesk(replace(desk, calls=calls), await self._events(desk), (*facts, *hooks), self._ahead())

    async def _events(self, desk: KeptDesk) -> tuple[KeptEvent, ...]:
        """None at all where one cannot be read: whoever resumes gets a snapshot."""
        stand = self._outbox.stand(desk.agent)
        if stand is None or stand.epoch != desk.epoch:
            return ()
        try:
            return tuple(await self._outbox.tail(desk.agent, desk.floor - 1, desk.sequence))
        except OutboxFault as fault:
            log.warning("desk_moves_without_events", why=str(fault))
            return ()

    async def _calls(self, desk: KeptDesk) -> tuple[KeptCall, ...]:
        """Those of the day's list, and all that the desk knows, oldest first."""
        known = {kept.call.id: kept for kept in desk.calls}
        try:
            listed = await self._outbox.since(desk.agent, datetime.now(UTC) - LISTED, MOST_CALLS)
        except OutboxFault as fault:
            log.warning("desk_moves_without_list", why=str(fault))
            listed = []
        pops = await self._outbox.pops(desk.agent, known)
        now = {call: replace(kept, pop=pops.get(call)) for call, kept in known.items()}
        both = {kept.call.id: kept for kept in listed} | now
        return tuple(sorted(both.values(), key=lambda kept: (kept.call.rang_at, kept.call.id)))

    # -- in ------------------------------------------------------------------------------------------------------------

    async def adopt(self, states: Iterable[bytes]) -> frozenset[str]:
        """Of `export`, of another node. Returns whose desks could be read; they are in the file, too, where that can be
        written now. Follows: `gained`."""
        by, none = _by(), dict[str, dict[str, bytes]]()
        agents, told = set[str](), await _in_time(by, self._cursors(), none)
        for state in states:
            found = self._read(state)
            if found is None:
                log.error("moved_desk_unreadable", mend="nothing: it begins anew")
                continue
            if self._outbox.is_half_full:
                await _in_time(by, self._outbox.flush(), otherwise=False)
            await self._adopt(_without(found, self._left()), told.get(found.desk.agent, ()), by)
            agents.add(found.desk.agent)
        await self._outbox.vouch(agents)
        return frozenset(agents)

    def _read(self, state: bytes) -> MovingDesk | None:
        found = moving.read(state)
        try:
            return None if found is None else other_calendar.desk(found, self._ahead())
        except OverflowError:
            return None

    async def _adopt(self, found: MovingDesk, before: Iterable[str], by: float) -> None:
        desk, none = found.desk, dict[str, bytes]()
        for kind in OF_CALLS:
            came = _of_kind(found, kind)
            # What this node heard of a call itself is not older.
            known = await _in_time(by, self._outbox.facts_of(kind, came), none)
            for key in came.keys() - known.keys():
                self._outbox.keep_fact(kind, key, came[key])
        self._outbox.replace(found)
        self._residents.adopt(replace(desk, calls=_in_memory(desk, datetime.now(UTC))))
        self._follow(desk, before, *(_of_kind(found, kind) for kind in (cursors.KIND, cursors.FORM)))

    def _follow(
        self, desk: KeptDesk, before: Iterable[str], came: Mapping[str, bytes], forms: Mapping[str, bytes]
    ) -> None:
        """Of a receiver that the node before had not, nothing older is posted."""
        webhooks = self._webhooks()
        running = () if webhooks is None else webhooks.running
        usual = cursors.written(Cursor(desk.epoch, desk.sequence))
        for key in {*before, *came, *(cursors.key(name, desk.agent) for name in running)}:
            self._outbox.keep_fact(cursors.KIND, key, came.get(key, usual))
        for name in running:
            cursor = cursors.read(came.get(cursors.key(name, desk.agent), usual))
            if webhooks is not None and cursor is not None:
                webhooks.adopt(name, desk.agent, cursor, forms)

    # -- anew ----------------------------------------------------------------------------------------------------------

    async def renew(self, agents: Iterable[str]) -> bool:
        """Each begins another life: what the one before came to, others may know better. False: it cannot be written
        now; it holds also after a kill. Follows, for desks that come without a hand-over: `gained`."""
        renewed = [agent for agent in agents if self._residents.standing(agent) is not None]
        for agent in renewed:
            epoch = fresh.epoch()
            for kept in self._residents.renew(agent, epoch):
                lost = kept.call.lost(kept.at)
                self._outbox.keep_call(replace(kept, call=lost, newest=encode.call_data(lost)))
            self._outbox.renew(agent, epoch)
        return await self._outbox.vouch(renewed)

    def gained(self, agents: Iterable[str], going_on: Collection[str] = ()) -> dict[str, dict[str, Call]]:
        """These desks are at home here from now on: adopted, renewed, or never anybody else's since this node had them.
        going_on, and what is returned: see `Residents.gained` and `Desks.restarted`."""
        gained, at = list(agents), datetime.now(UTC)
        calls = {call: self._desks.having(call, at) for call in self._residents.gained(gained, at, going_on)}
        webhooks = self._webhooks()
        if webhooks is not None:
            webhooks.stay(gained)
        self._deliver()
        return calls

    # ------------------------------------------------------------------------------------------------------------------

    def _leave_to_others(self, agents: Iterable[str]) -> dict[str, dict[str, bytes]]:
        webhooks = self._webhooks()
        return {} if webhooks is None else webhooks.leave(agents)

    async def _cursors(self) -> dict[str, dict[str, bytes]]:
        """By agent, of all receivers, also of those that are not there now; by their keys."""
        found: dict[str, dict[str, bytes]] = {}
        for key, body in (await self._outbox.facts(cursors.KIND)).items():
            found.setdefault(key.partition("/")[2], {})[key] = body
        return found


def _of_kind(found: MovingDesk, kind: str) -> dict[str, bytes]:
    return {fact.key: fact.body for fact in found.facts if fact.kind == kind}


def _by() -> float:
    return asyncio.get_running_loop().time() + WITHIN


async def _in_time(by: float, reading: Awaitable[T], otherwise: T) -> T:
    """by: on the loop's clock. A disk that hangs must not keep a desk from where its agent is heard."""
    try:
        async with asyncio.timeout_at(by):
            return await reading
    except TimeoutError:
        log.warning("desk_moves_without_store", why=f"the disk did not answer within {WITHIN:g} s")
        return otherwise


def _without(found: MovingDesk, left: frozenset[str]) -> MovingDesk:
    """Who left the store here while the desk was elsewhere does not come back with it."""
    events = tuple(withdrawn.event(one, left) for one in found.events)
    calls = tuple(withdrawn.call(one, left, frozenset()) for one in found.desk.calls)
    return replace(found, desk=replace(found.desk, calls=calls), events=events) if left else found


def _in_memory(desk: KeptDesk, at: datetime) -> tuple[KeptCall, ...]:
    """What a desk has at hand; the rest of the day's list stands in the file."""
    return tuple(replace(kept, pop=None) for kept in desk.calls if not is_forgotten(kept, at))
