"""Whose desk is next at one receiver: who has waited longest, and each desk once at a time.

Bounded by the desks, however many events they have.
"""

from heapq import heappop, heappush


class Turns:
    def __init__(self) -> None:
        self._ready: dict[str, None] = {}
        self._running: set[str] = set()
        self._news: set[str] = set()
        """Desks with more since their turn began."""
        self._later: list[tuple[float, str]] = []
        self._waiting: set[str] = set()

    @property
    def under_way(self) -> int:
        return len(self._running)

    @property
    def has_ready(self) -> bool:
        return bool(self._ready)

    @property
    def deadline(self) -> float | None:
        """When the first of those is ready that wait (monotonic seconds)."""
        return self._later[0][0] if self._later else None

    def news(self, agent: str) -> None:
        if agent in self._running:
            self._news.add(agent)
        elif agent not in self._waiting:
            self._ready[agent] = None

    def take(self, now: float) -> str | None:
        """Its turn begins; None where nobody is ready."""
        while self._later and self._later[0][0] <= now:
            _, agent = heappop(self._later)
            self._waiting.discard(agent)
            self._ready[agent] = None
        if not self._ready:
            return None
        agent = next(iter(self._ready))
        del self._ready[agent]
        self._running.add(agent)
        return agent

    def done(self, agent: str, *, more: bool) -> None:
        """Its turn ends. more: it has not come to its end."""
        self._running.discard(agent)
        if more or agent in self._news:
            self._ready[agent] = None
        self._news.discard(agent)

    def first(self, agent: str) -> None:
        """Its turn ends, and the next one is its own: what it had to say was not taken."""
        self._running.discard(agent)
        self._news.discard(agent)
        self._ready = {agent: None, **self._ready}

    def later(self, agent: str, at: float) -> None:
        """Its turn ends, and there is none before that."""
        self._running.discard(agent)
        self._news.discard(agent)
        self._waiting.add(agent)
        heappush(self._later, (at, agent))
