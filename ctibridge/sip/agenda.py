"""Which machine wants to be woken when: one heap for thousands of them, stale entries dropped as they surface."""

import heapq
from itertools import count
from typing import Generic, Protocol, TypeVar

SPARE = 64
"""Stale entries that a small heap may hold; a large one holds as many as it has live ones."""


class Sleeper(Protocol):
    """A machine that says when it wants to be woken: monotonic seconds, or None for never."""

    @property
    def deadline(self) -> float | None: ...


S = TypeVar("S", bound=Sleeper)


class Agenda(Generic[S]):
    """Call `note` after each change of a machine. An entry counts only while it is the machine's own deadline."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, S]] = []
        self._noted: dict[S, float] = {}
        self._order = count()

    def note(self, machine: S) -> None:
        deadline = machine.deadline
        if deadline is None:
            self._noted.pop(machine, None)
        elif self._noted.get(machine) != deadline:
            self._noted[machine] = deadline
            heapq.heappush(self._heap, (deadline, next(self._order), machine))
        if len(self._heap) > 2 * len(self._noted) + SPARE:
            self._sweep()

    def forget(self, machine: S) -> None:
        """It sleeps elsewhere from now on, or nowhere."""
        self._noted.pop(machine, None)

    @property
    def deadline(self) -> float | None:
        """The earliest time that still counts."""
        while self._heap:
            at, _, machine = self._heap[0]
            if self._noted.get(machine) == at == machine.deadline:
                return at
            heapq.heappop(self._heap)
            if self._noted.get(machine) == at:
                del self._noted[machine]
        return None

    def due(self, now: float) -> list[S]:
        """Takes out the machines whose time has come, earliest first, each once."""
        found: list[S] = []
        while (deadline := self.deadline) is not None and deadline <= now:
            machine = heapq.heappop(self._heap)[2]
            del self._noted[machine]
            found.append(machine)
        return found

    def _sweep(self) -> None:
        """A machine that is put off again and again leaves an entry each time, far ahead: they may not pile up."""
        self._heap = [entry for entry in self._heap if self._noted.get(entry[2]) == entry[0]]
        heapq.heapify(self._heap)
