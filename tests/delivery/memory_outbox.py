"""An outbox that keeps everything in memory, and can be told to fail."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ctibridge.delivery.kept import KeptCall, KeptDesk, KeptEvent, KeptPop, OutboxFault, Sight, SightKey


class MemoryOutbox:
    def __init__(self) -> None:
        self.events: dict[str, list[KeptEvent]] = {}
        self.calls: dict[tuple[str, str], KeptCall] = {}
        self.acks: dict[str, int] = {}
        self.heard: dict[str, int] = {}
        self.facts: dict[tuple[str, str], bytes] = {}
        self.sights: dict[SightKey, Sight] = {}
        self.broken = False

    def keep_event(self, event: KeptEvent) -> None:
        self.events.setdefault(event.agent, []).append(event)

    def keep_call(self, call: KeptCall) -> None:
        before = self.calls.get((call.agent, call.call.id))
        pop = before.pop if call.pop is None and before is not None else call.pop
        self.calls[call.agent, call.call.id] = replace(call, pop=pop)

    def keep_ack(self, agent: str, sequence: int) -> None:
        self.acks[agent] = sequence

    def keep_heard(self, agent: str, epoch: str, sequence: int) -> None:
        self.heard[agent] = sequence

    def keep_fact(self, kind: str, key: str, body: bytes | None) -> None:
        if body is None:
            self.facts.pop((kind, key), None)
        else:
            self.facts[kind, key] = body

    def keep_sights(self, sights: Iterable[Sight]) -> None:
        for sight in sights:
            self.sights.setdefault(sight.key, sight)

    async def fact(self, kind: str, key: str) -> bytes | None:
        return self.facts.get((kind, key))

    async def facts_of(self, kind: str, keys: Iterable[str]) -> Mapping[str, bytes]:
        return {key: self.facts[kind, key] for key in keys if (kind, key) in self.facts}

    async def tail(self, agent: str, after: int, until: int) -> list[KeptEvent]:
        found = [event for event in self.events.get(agent, ()) if after < event.sequence <= until]
        if self.broken or len(found) != until - after:
            raise OutboxFault("something is missing")
        return found

    async def pops(self, agent: str, calls: Iterable[str]) -> Mapping[str, KeptPop]:
        known = ((call, self.calls.get((agent, call))) for call in calls)
        return {call: one.pop for call, one in known if one is not None and one.pop is not None and not self.broken}

    async def since(self, agent: str, at: datetime, limit: int) -> list[KeptCall]:
        found = [one for (whose, _), one in self.calls.items() if whose == agent and one.call.rang_at >= at]
        return sorted(found, key=lambda one: one.call.rang_at, reverse=True)[:limit]

    def desk(self, agent: str) -> KeptDesk:
        """Where it stands, for the next process."""
        oldest, newest = self.events[agent][0], self.events[agent][-1]
        calls = tuple(replace(one, pop=None) for (whose, _), one in self.calls.items() if whose == agent)
        return KeptDesk(agent, newest.epoch, newest.sequence, oldest.sequence, self.acks.get(agent, 0), calls)
