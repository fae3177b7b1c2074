"""Which machine wants to be woken when: one heap for thousands of them, stale entries dropped as they surface."""

import heapq
from itertools import count
from typing import Generic, Protocol, TypeVar


class Sleeper(Protocol):
    """A machine that says when it wants to be woken: monotonic seconds, or None for never."""

    @property
    def deadline(self) -> float | None: ...


S = TypeVar("S", bound=Sleeper)


class Agenda(Generic[S]):
    """Call `note` after each change of a machine. An entry counts only while it is the machine's own deadline."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, S]] = []
        self._order = count()

    def note(self, machine: S) -> None:
        if machine.deadline is not None:
            heapq.heappush(self._heap, (machine.deadline, next(self._order), machine))

    @property
    def deadline(self) -> float | None:
        """The earliest time that still counts."""
        while self._heap and self._heap[0][2].deadline != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[S]:
        """Takes out the machines whose time has come, earliest first, each once."""
        found: dict[int, S] = {}
        while (deadline := self.deadline) is not None and deadline <= now:
            machine = heapq.heappop(self._heap)[2]
            found.setdefault(id(machine), machine)
        return list(found.values())
