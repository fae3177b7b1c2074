"""What was kept, for whom, and how much of it is written: the outbox without its file.

Comes in: events, calls, acks, facts, sights, and whether a batch was written. Goes out: batches, one under way at a
time, and whose tail became shorter because there was no room for it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from ctibridge.delivery.kept import KeptCall, KeptDesk, KeptEvent, Sight
from ctibridge.delivery.standing import DeskRow, Standing
from ctibridge.delivery.unwritten import Batch, Bounds, FactKey, Unwritten
from ctibridge.delivery.unwritten_sights import UnwrittenSights


@dataclass(frozen=True, slots=True)
class Rows:
    """One transaction; events and calls each with the number of their desk. at: now."""

    at: datetime
    desks: tuple[DeskRow, ...] = ()
    events: tuple[tuple[int, KeptEvent], ...] = ()
    calls: tuple[tuple[int, KeptCall], ...] = ()
    facts: tuple[tuple[FactKey, bytes | None], ...] = ()
    sights: tuple[Sight, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.desks or self.events or self.calls or self.facts or self.sights)


@dataclass(slots=True)
class Due:
    """Whose turn it is to be written, from when somebody asked; `Ledger.take` takes from it. sights: how many."""

    desks: deque[str]
    facts: deque[FactKey]
    sights: int = 0

    def __bool__(self) -> bool:
        return bool(self.desks or self.facts or self.sights)


class Ledger:
    def __init__(self, rows: Iterable[DeskRow], bounds: Bounds) -> None:
        """rows: as they stand in the file."""
        self.standings = {row.agent: Standing(row) for row in rows}
        self.unwritten = Unwritten(bounds)
        self.sights = UnwrittenSights(bounds.sights)
        self._next_no = max((one.no for one in self.standings.values()), default=-1) + 1
        self._changed: set[str] = set()
        self._lost: dict[str, int] = {}
        self._under_way: Batch | None = None
        self._taken: tuple[str, ...] = ()

    # -- what comes ----------------------------------------------------------------------------------------------------

    def desk(self, event: KeptEvent) -> Standing:
        """Whose event this is. A new desk begins with it."""
        standing = self.standings.get(event.agent)
        if standing is None:
            standing = self._new(event.agent, event.epoch, event.sequence - 1)
        return standing

    def keep_event(self, standing: Standing, event: KeptEvent) -> None:
        standing.follow(event)
        self.unwritten.add_event(event)
        self._make_room()

    def keep_call(self, call: KeptCall) -> None:
        self.unwritten.add_call(call)
        self._make_room()

    def keep_fact(self, key: FactKey, body: bytes | None) -> None:
        self.unwritten.add_fact(key, body)
        self._make_room()

    def keep_ack(self, agent: str, sequence: int) -> None:
        """It counts when the event is written."""
        standing = self.standings.get(agent)
        if standing is not None and sequence > standing.seen:
            standing.seen = sequence
            self._changed.add(agent)

    def keep_heard(self, agent: str, epoch: str, sequence: int) -> Standing:
        """Somebody is told that the desk stands here. One without an event gets its row by that: else its epoch would
        be another one after the next start."""
        standing = self.standings.get(agent)
        if standing is None:
            standing = self._new(agent, epoch, sequence)
        elif standing.epoch != epoch:
            standing.renew(epoch, sequence + 1)
            self._changed.add(agent)
        return standing

    def renew(self, agent: str, epoch: str) -> Standing:
        """Another life of this desk begins, whether it has an event or not."""
        standing = self.keep_heard(agent, epoch, 0)
        self._changed.add(agent)
        self._lost.pop(agent, None)
        return standing

    def replace(self, desk: KeptDesk) -> Standing:
        """It comes from elsewhere, and its events and calls are kept next."""
        self.unwritten.forget(desk.agent)
        standing = self.standings.get(desk.agent)
        if standing is None:
            standing = self._new(desk.agent, desk.epoch, desk.floor - 1)
        standing.replace(desk.epoch, desk.floor, desk.acked)
        self._changed.add(desk.agent)
        self._lost.pop(desk.agent, None)
        return standing

    # -- what is written -----------------------------------------------------------------------------------------------

    def due(self, agents: Iterable[str] | None = None) -> Due:
        """What waits now, of all desks with the facts, or of these desks alone."""
        waiting = self._changed.union(self.unwritten.desks)
        if agents is not None:
            return Due(deque(agent for agent in agents if agent in waiting), deque())
        return Due(deque(waiting), deque(self.unwritten.facts), len(self.sights))

    def take(self, due: Due, most: int, at: datetime) -> Rows:
        """The next batch: whole desks, about so many rows, at least one desk; behind all of them facts, then sights. It
        is answered by `written`, or asked for again with another `due`."""
        self._taken, room = self._next(due, most)
        facts = [due.facts.popleft() for _ in range(min(len(due.facts), max(room, 1)))] if not due.desks else []
        batch = self._under_way = self.unwritten.take(self._taken, facts)
        current = [
            (standing, event)
            for event in batch.events
            if (standing := self.standings[event.agent]).epoch == event.epoch
        ]
        newest = {standing.agent: event.sequence for standing, event in current}
        desks = (self.standings[agent].row(newest.get(agent)) for agent in self._taken if agent in self.standings)
        return Rows(
            at,
            tuple(row for row in desks if row is not None),
            tuple((standing.no, event) for standing, event in current),
            tuple((self.standings[call.agent].no, call) for call in batch.calls if call.agent in self.standings),
            batch.facts,
            self._sights(due, room - len(facts)),
        )

    def written(self, rows: Rows) -> dict[str, int]:
        """The batch taken last stands in the file. Returns up to which event, by agent."""
        if self._under_way is not None:
            self.unwritten.written(self._under_way)
            self._under_way = None
        self.sights.written(rows.sights)
        for row in rows.desks:
            self.standings[row.agent].written(row)
        self._changed.difference_update(agent for agent in self._taken if not self._is_behind(agent))
        return {event.agent: event.sequence for _, event in rows.events}

    def begin_anew(self) -> None:
        """The file is a new one: every desk's tail begins with what is not written yet."""
        for standing in self.standings.values():
            standing.forgotten()
            self._changed.add(standing.agent)
            self._lost[standing.agent] = standing.floor

    def adopt(self, found: Iterable[DeskRow], fresh: Callable[[], str]) -> tuple[DeskRow, ...]:
        """The file could not be used until now, and has these desks. Returns how they are to stand there: each begins
        anew, under the number that it has there. fresh: an epoch that never was."""
        rows = {row.agent: row for row in found}
        self._next_no = max((row.no for row in rows.values()), default=-1) + 1
        for agent, standing in self.standings.items():
            if agent not in rows:
                standing.begins(self._next_no, anew=True)
                self._next_no += 1
        for agent, row in rows.items():
            if agent not in self.standings:
                self.standings[agent] = Standing(DeskRow(row.no, agent, fresh(), 0, 1, 0))
        self._changed.update(self.standings)
        return tuple(self.standings[agent].begins(row.no) for agent, row in rows.items())

    @property
    def has_lost(self) -> bool:
        return bool(self._lost)

    def lost(self) -> dict[str, int]:
        """From where on the tails of these desks are gapless, where that has changed since the last time."""
        lost, self._lost = self._lost, {}
        return lost

    def _new(self, agent: str, epoch: str, sequence: int) -> Standing:
        row = DeskRow(self._next_no, agent, epoch, sequence, sequence + 1, 0, anew=True)
        standing = self.standings[agent] = Standing(row)
        self._next_no += 1
        self._changed.add(agent)
        return standing

    def _next(self, due: Due, most: int) -> tuple[tuple[str, ...], int]:
        """The desks whose turn it is, and how many rows have room beside them."""
        taken: list[str] = []
        while due.desks:
            weight = 1 + self.unwritten.weight(due.desks[0])
            if taken and weight > most:
                break
            taken.append(due.desks.popleft())
            most -= weight
        return tuple(taken), most

    def _sights(self, due: Due, room: int) -> tuple[Sight, ...]:
        if due.desks or due.facts:
            return ()
        sights = self.sights.take(min(due.sights, max(room, 1)))
        due.sights = min(due.sights, len(self.sights)) - len(sights)
        return sights

    def _is_behind(self, agent: str) -> bool:
        return agent in self.standings and self.standings[agent].row() is not None

    def _make_room(self) -> None:
        if not self.unwritten.is_full:
            return
        for agent, event in self.unwritten.make_room().items():
            standing = self.standings[agent]
            if standing.lost(event):
                self._changed.add(agent)
                self._lost[agent] = standing.floor
