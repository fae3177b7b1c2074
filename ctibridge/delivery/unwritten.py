"""What the outbox has been given and has not written yet: bounded, each desk's events in order.

Comes in: events, calls, facts. Goes out: batches, which stay here until they are said to be written, so that whoever
reads sees each of them here or in the file, and never in neither. All of a desk goes together: an event is never in the
file without the call that came with it, which would then ring for ever.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heapreplace

from ctibridge.delivery.kept import KeptCall, KeptEvent

FactKey = tuple[str, str]
_LEFT_WHEN_FULL = 0.95
"""So that a full one does not lose one event with each that comes, and say so each time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """items: events, calls and facts, all together; size: bytes of their data. sights: beside them."""

    items: int = 50_000
    size: int = 64 << 20
    sights: int = 50_000


@dataclass(frozen=True, slots=True)
class Batch:
    """All that some desks have."""

    events: tuple[KeptEvent, ...]
    calls: tuple[KeptCall, ...]
    facts: tuple[tuple[FactKey, bytes | None], ...]


class Unwritten:
    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._events: dict[str, deque[KeptEvent]] = {}
        self._dropped: dict[str, int] = {}
        """Events of each desk, since a batch was taken."""
        self._calls: dict[str, dict[str, KeptCall]] = {}
        self._facts: dict[FactKey, bytes | None] = {}
        self.items = 0
        self.size = 0

    def __bool__(self) -> bool:
        return self.items > 0

    # -- what comes ----------------------------------------------------------------------------------------------------

    def add_event(self, event: KeptEvent) -> None:
        events = self._events.get(event.agent)
        if events is None:
            events = self._events[event.agent] = deque()
        events.append(event)
        self._count(1, len(event.data))

    def add_call(self, call: KeptCall) -> None:
        """Replaces what there is of it; a pop that is not written yet stays, where this has none."""
        calls = self._calls.setdefault(call.agent, {})
        before = calls.pop(call.call.id, None)
        if before is not None:
            self._count(-1, -_size(before))
            if call.pop is None:
                call = replace(call, pop=before.pop)
        calls[call.call.id] = call
        self._count(1, _size(call))

    def add_fact(self, key: FactKey, body: bytes | None) -> None:
        self._drop_fact(key)
        self._facts[key] = body
        self._count(1, len(body or b""))

    def forget(self, agent: str) -> None:
        """What waits of this desk is worth nothing any more."""
        while agent in self._events:
            self._pop_event(agent)
            self._dropped[agent] = self._dropped.get(agent, 0) + 1
        for call in list(self._calls.get(agent, {}).values()):
            self._drop_call(call)

    @property
    def is_full(self) -> bool:
        return self.items > self._bounds.items or self.size > self._bounds.size

    @property
    def is_half_full(self) -> bool:
        return 2 * self.items > self._bounds.items or 2 * self.size > self._bounds.size

    def make_room(self) -> dict[str, KeptEvent]:
        """Drops the oldest events, then calls, then facts. Returns the newest event that each agent lost."""
        lost = self._drop_events()
        while self._is_over:
            if self._calls:
                self._drop_call(next(self._all_calls()))
            else:
                self._drop_fact(next(iter(self._facts)))
        return lost

    # -- what is there -------------------------------------------------------------------------------------------------

    def events(self, agent: str, epoch: str, after: int, until: int) -> list[KeptEvent]:
        """after < sequence <= until, in order."""
        held = self._events.get(agent, ())
        return [event for event in held if event.epoch == epoch and after < event.sequence <= until]

    def calls(self, agent: str) -> dict[str, KeptCall]:
        """By id."""
        return dict(self._calls.get(agent, ()))

    @property
    def desks(self) -> Iterator[str]:
        """Those of whom something waits."""
        return iter(self._events.keys() | self._calls.keys())

    def weight(self, agent: str) -> int:
        """How many of its events and calls wait."""
        return len(self._events.get(agent, ())) + len(self._calls.get(agent, ()))

    @property
    def facts(self) -> Mapping[FactKey, bytes | None]:
        """None: to be removed."""
        return self._facts

    def change(self, event: Callable[[KeptEvent], KeptEvent], call: Callable[[KeptCall], KeptCall]) -> None:
        """Each to what the function makes of it. A batch that is under way is written as it was."""
        self._events = {agent: deque(map(event, events)) for agent, events in self._events.items()}
        self._calls = {agent: {key: call(one) for key, one in calls.items()} for agent, calls in self._calls.items()}
        sizes = (len(one.data) for events in self._events.values() for one in events)
        self.size = (
            sum(sizes) + sum(map(_size, self._all_calls())) + sum(len(body or b"") for body in self._facts.values())
        )

    # -- what is written -----------------------------------------------------------------------------------------------

    def take(self, desks: Iterable[str], facts: Iterable[FactKey]) -> Batch:
        """All that waits of these desks, and these facts as far as they are there. Only the newest batch can be said to
        be written."""
        self._dropped.clear()
        chosen = tuple(desks)
        return Batch(
            tuple(event for agent in chosen for event in self._events.get(agent, ())),
            tuple(call for agent in chosen for call in self._calls.get(agent, {}).values()),
            tuple((key, self._facts[key]) for key in facts if key in self._facts),
        )

    def written(self, batch: Batch) -> None:
        """It is in the file: what has not been dropped or replaced meanwhile goes."""
        for agent, many in Counter(event.agent for event in batch.events).items():
            for _ in range(many - self._dropped.get(agent, 0)):
                self._pop_event(agent)
        for call in batch.calls:
            if self._calls.get(call.agent, {}).get(call.call.id) is call:
                self._drop_call(call)
        for key, body in batch.facts:
            if key in self._facts and self._facts[key] is body:
                self._drop_fact(key)

    # ------------------------------------------------------------------------------------------------------------------

    @property
    def _is_over(self) -> bool:
        return self.items > self._bounds.items * _LEFT_WHEN_FULL or self.size > self._bounds.size * _LEFT_WHEN_FULL

    def _drop_events(self) -> dict[str, KeptEvent]:
        """The oldest of all desks, as many as have to go."""
        lost: dict[str, KeptEvent] = {}
        turns = [(events[0].at, agent) for agent, events in self._events.items()]
        heapify(turns)
        while turns and self._is_over:
            _, agent = turns[0]
            lost[agent] = self._pop_event(agent)
            self._dropped[agent] = self._dropped.get(agent, 0) + 1
            if agent in self._events:
                heapreplace(turns, (self._events[agent][0].at, agent))
            else:
                heappop(turns)
        return lost

    def _all_calls(self) -> Iterator[KeptCall]:
        return (call for calls in self._calls.values() for call in calls.values())

    def _pop_event(self, agent: str) -> KeptEvent:
        events = self._events[agent]
        event = events.popleft()
        if not events:
            del self._events[agent]
        self._count(-1, -len(event.data))
        return event

    def _drop_call(self, call: KeptCall) -> None:
        calls = self._calls[call.agent]
        del calls[call.call.id]
        if not calls:
            del self._calls[call.agent]
        self._count(-1, -_size(call))

    def _drop_fact(self, key: FactKey) -> None:
        if key in self._facts:
            self._count(-1, -len(self._facts.pop(key) or b""))

    def _count(self, items: int, size: int) -> None:
        self.items += items
        self.size += size


def _size(call: KeptCall) -> int:
    pop = 0 if call.pop is None else len(call.pop.data)
    return pop + len(call.newest or b"") + sum(len(note.text.value) for note in call.notes)
