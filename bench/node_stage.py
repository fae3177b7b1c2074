"""The same calls through several houses of nodes in turn: when each pop came to which screen, what the nodes spent."""

import asyncio
import random
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from bench.desk_process import Child
from bench.node_desks import NODES, Seat
from bench.node_house import House
from bench.subject import SERVICE_NUMBER, callers

RINGS_FOR = (0.2, 0.4)
"""Seconds, at random: with one fixed time each INVITE would arrive right behind the CANCEL of an earlier call."""
SETTLE = 0.4
"""Seconds; below the quiet second in which Python searches for cyclic garbage."""
WITHIN = 8.0
"""Seconds for the last pop of a block."""
WARM = 150
WARM_CALLS = 1000
"""Calls a second at each node, and calls at each house, before anything is measured."""
OWN, OTHER = "own", "other"
"""Where a screen is: at its desk's node, or at another."""
Where = Callable[[int], Sequence[str]]
_Call = tuple[int, str, int]


@dataclass(slots=True)
class Found:
    """In one house. lost: calls without a pop; lasted: seconds from the first INVITE to the last pop. took:
    milliseconds from INVITE to pop, by where the screen is; spent: processor seconds of each node."""

    calls: int = 0
    lost: int = 0
    lasted: float = 0.0
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def at(self, where: str, percent: int) -> float:
        return statistics.quantiles(self.took[where], n=100)[percent - 1] if len(self.took[where]) > 1 else 0.0

    @property
    def busiest(self) -> float:
        """Processor microseconds of the busiest node for each call of the whole floor."""
        return 1e6 * max(self.spent.values()) / self.calls

    @property
    def carried(self) -> float:
        """Calls a second; with more than it can carry, what it can."""
        return self.calls / self.lasted if self.lasted else 0.0

    @property
    def together(self) -> float:
        """Of all nodes."""
        return 1e6 * sum(self.spent.values()) / self.calls


def own(_: int) -> Sequence[str]:
    """The desk at this place has a screen at its own node."""
    return (OWN,)


def both(_: int) -> Sequence[str]:
    """A screen at each node."""
    return OWN, OTHER


def anywhere(place: int) -> Sequence[str]:
    """One screen; of each node's desks half have theirs at the other one, as a balancer would have it."""
    return (OWN,) if place // len(NODES) % 2 else (OTHER,)


class Stage:
    """Houses, the process with the screens, and how many people ring, one after the other. An attempt at a desk without
    a screen is a call, too."""

    def __init__(self, houses: Mapping[str, House], screens: Child, people: int) -> None:
        self.houses = houses
        self._screens = screens
        self._numbers = count(1)
        self._chance = random.Random(1)
        self._callers = callers(people)
        self._chance.shuffle(self._callers)

    async def warm(self) -> None:
        """What is measured is a desk in the middle of its day."""
        for one in self.houses.values():
            await self._ring(one, list(self._some(WARM_CALLS)), WARM * len(one.nodes))

    async def round(self, names: Iterable[str], rate: float, calls: int) -> dict[str, Found]:
        """One block in each of these houses. rate: calls a second, calls: of the block, both for each node."""
        found = {}
        for one in map(self.houses.__getitem__, names):
            before = {name: node.cpu() for name, node in one.nodes.items()}
            left_at = await self._ring(one, list(self._some(calls * len(one.nodes))), rate * len(one.nodes))
            found[one.name] = into = Found(len(left_at))
            into.spent.update({name: node.cpu() - before[name] for name, node in one.nodes.items()})
            await self._seen(one, left_at, into)
        return found

    @asynccontextmanager
    async def seated(self, where: Where) -> AsyncIterator[None]:
        groups = [(one, place) for one in self.houses.values() for place in (OWN, OTHER)]
        for one, place in groups:
            seats = [seat for number, seat in enumerate(one.floor.seats) if place in where(number)]
            doors = [_door(one, seat, place) for seat in seats]
            await self._screens.ask("open", group=f"{one.name}/{place}", screens=doors)
        try:
            yield
        finally:
            for one, place in groups:
                await self._screens.ask("close", group=f"{one.name}/{place}")

    async def _seen(self, one: House, left_at: Mapping[int, float], into: Found) -> None:
        """What is late is waited for, and counts."""
        heard, give_up = set[int](), time.perf_counter() + WITHIN
        began = min(left_at.values())
        while True:
            for place in (OWN, OTHER):
                seen = await self._screens.ask("seen", group=f"{one.name}/{place}")
                came = {int(call): at for call, at in seen.items() if int(call) in left_at}
                heard |= came.keys()
                into.lasted = max(into.lasted, *(at - began for at in came.values()), 0.0)
                into.took[place] += [1000 * (at - left_at[call]) for call, at in came.items()]
            into.lost = len(left_at) - len(heard)
            if not into.lost or time.perf_counter() > give_up:
                return
            await asyncio.sleep(0.2)

    def _some(self, many: int) -> Iterable[_Call]:
        """Number, caller and place of each."""
        for _ in range(many):
            number = next(self._numbers)
            yield number, self._callers[number % len(self._callers)], number

    async def _ring(self, one: House, calls: Sequence[_Call], rate: float) -> dict[int, float]:
        """At a steady rate, each given up within RINGS_FOR; returns when each INVITE left."""
        left_at, loop, seats = dict[int, float](), asyncio.get_running_loop(), one.floor.seats
        begin = time.perf_counter()
        for done, (number, caller, place) in enumerate(calls):
            await asyncio.sleep(max(0.0, begin + done / rate - time.perf_counter()))
            left_at[number] = one.pbx.call(number, caller, SERVICE_NUMBER, seats[place % len(seats)].line)
            loop.call_later(self._chance.uniform(*RINGS_FOR), one.pbx.give_up, number, caller, SERVICE_NUMBER)
        await asyncio.sleep(RINGS_FOR[1] + SETTLE)
        return left_at


def together(rounds: Sequence[Found]) -> Found:
    """Several blocks as one."""
    whole = Found(sum(one.calls for one in rounds), sum(one.lost for one in rounds))
    for one in rounds:
        for place, took in one.took.items():
            whole.took[place] += took
        for node, spent in one.spent.items():
            whole.spent[node] += spent
    return whole


def _door(one: House, seat: Seat, place: str) -> tuple[str, str, int]:
    node = one.home(seat) if place == OWN else one.away(seat)
    return one.floor.tokens[seat.agent], node.host, node.port
