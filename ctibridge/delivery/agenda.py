"""Which session wants to be woken when: one heap for thousands of them, stale entries dropped as they surface."""

import heapq

from ctibridge.delivery.session import Session


class Agenda:
    """Call `note` after each change of a session. An entry counts only while it is the session's own deadline."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Session]] = []

    def note(self, session: Session) -> None:
        deadline = session.deadline
        if deadline is not None and deadline != session.noted:
            session.noted = deadline
            heapq.heappush(self._heap, (deadline, session.number, session))

    @property
    def deadline(self) -> float | None:
        """The earliest time that still counts."""
        while self._heap and self._heap[0][2].deadline != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, clock: float) -> list[Session]:
        """Takes out the sessions whose time has come, earliest first, each once."""
        found: dict[int, Session] = {}
        while (deadline := self.deadline) is not None and deadline <= clock:
            session = heapq.heappop(self._heap)[2]
            session.noted = None
            found.setdefault(session.number, session)
        return list(found.values())
