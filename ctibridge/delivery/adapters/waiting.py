"""The connections that have a deadline: each is looked at when its own has come, and not before.

A deadline may move while the connection stands here: it is looked at by the one that was noted, and noted anew.
"""

import heapq

from ctibridge.delivery.adapters.connection import Connection


class Waiting:
    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._noted: dict[int, tuple[float, Connection]] = {}

    def __len__(self) -> int:
        return len(self._noted)

    @property
    def backlog(self) -> tuple[int, int]:
        """Frames that wait: of all, and of the slowest one."""
        frames = [len(connection) for _, connection in self._noted.values()]
        return sum(frames), max(frames, default=0)

    def note(self, connection: Connection) -> None:
        """Once it may have a deadline, and after each look at it."""
        at, noted = connection.deadline, self._noted.get(connection.number)
        if at is not None and (noted is None or at < noted[0]):
            self._noted[connection.number] = at, connection
            heapq.heappush(self._heap, (at, connection.number))

    def forget(self, connection: Connection) -> None:
        self._noted.pop(connection.number, None)

    @property
    def deadline(self) -> float | None:
        """The earliest that was noted and still counts; monotonic seconds."""
        while self._heap and not self._counts(*self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, clock: float) -> list[Connection]:
        """Takes out those whose time has come, earliest first."""
        found = []
        while (at := self.deadline) is not None and at <= clock:
            _, number = heapq.heappop(self._heap)
            found.append(self._noted.pop(number)[1])
        return found

    def _counts(self, at: float, number: int) -> bool:
        noted = self._noted.get(number)
        return noted is not None and noted[0] == at
