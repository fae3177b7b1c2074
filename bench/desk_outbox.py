"""Outboxes of the desk bench: the real one with a watch in its hand, and one that keeps nothing, as the bare floor."""

import asyncio
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptCall, KeptDesk, KeptEvent, KeptPop, OutboxFault, Sight


class NotingOutbox(Outbox):
    """newest: of each desk; lost: how often a desk's tail became shorter, as nothing could be written."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.newest = {desk.agent: desk.sequence for desk in self.desks}
        self.lost = 0
        self._waiting: dict[str, deque[tuple[int, float]]] = {}
        self._took: list[float] = []

    def keep_event(self, event: KeptEvent) -> None:
        self.newest[event.agent] = event.sequence
        self._waiting.setdefault(event.agent, deque()).append((event.sequence, time.monotonic()))
        super().keep_event(event)

    def answer_to(self, desks: Desks) -> None:
        """They are told what is stored and what is lost."""
        self.on_stored = partial(self._stored, desks)
        self.on_lost = partial(self._lost, desks)

    def _stored(self, desks: Desks, agent: str, sequence: int) -> None:
        now, waiting = time.monotonic(), self._waiting.get(agent, deque())
        while waiting and waiting[0][0] <= sequence:
            self._took.append(now - waiting.popleft()[1])
        desks.stored(agent, sequence)

    def _lost(self, desks: Desks, agent: str, floor: int) -> None:
        self.lost += 1
        desks.lost(agent, floor)

    def figures(self) -> dict[str, Any]:
        """Milliseconds until events were stored, since this was asked last."""
        took, self._took = self._took, []
        if len(took) < 2:
            return {"events": len(took)}
        cuts = statistics.quantiles(took, n=100)
        return {"events": len(took), "p50": 1000 * cuts[49], "p99": 1000 * cuts[98], "most": 1000 * max(took)}


class NoOutbox:
    desks: tuple[KeptDesk, ...] = ()
    lost = 0

    def __init__(self) -> None:
        self.newest: dict[str, int] = {}
        self.on_state: Callable[[bool, str], None]

    def answer_to(self, desks: Desks) -> None: ...

    def keep_event(self, event: KeptEvent) -> None:
        self.newest[event.agent] = event.sequence

    def keep_call(self, call: KeptCall) -> None: ...

    def keep_ack(self, agent: str, sequence: int) -> None: ...

    def keep_heard(self, agent: str, epoch: str, sequence: int) -> None: ...

    def keep_fact(self, kind: str, key: str, body: bytes | None) -> None: ...

    def keep_sights(self, sights: Iterable[Sight]) -> None: ...

    async def fact(self, kind: str, key: str) -> bytes | None:
        return None

    async def facts_of(self, kind: str, keys: Iterable[str]) -> Mapping[str, bytes]:
        return {}

    async def tail(self, agent: str, after: int, until: int) -> list[KeptEvent]:
        raise OutboxFault("nothing is kept")

    async def pops(self, agent: str, calls: Iterable[str]) -> Mapping[str, KeptPop]:
        return {}

    async def since(self, agent: str, at: datetime, limit: int) -> list[KeptCall]:
        return []

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def flush(self) -> bool:
        return True

    async def close(self) -> None: ...

    def figures(self) -> dict[str, Any]:
        return {}
