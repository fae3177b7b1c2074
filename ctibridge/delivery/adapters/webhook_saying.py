"""Says one desk's events to one receiver: reads a few behind the cursor, posts them in order, keeps how far it is.

Comes in: a lane whose turn it is. Goes out: requests, and cursors as facts of the outbox. What is not taken is raised.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import structlog

from ctibridge.delivery import sights
from ctibridge.delivery.kept import KeptEvent, Sight, Stand
from ctibridge.delivery.webhooks import cursor as cursors
from ctibridge.delivery.webhooks.cursor import FORM, KIND
from ctibridge.delivery.webhooks.forms import Form, Message
from ctibridge.delivery.webhooks.lane import AT_ONCE, Lane
from ctibridge.delivery.webhooks.showing import Showing
from ctibridge.delivery.webhooks.verdict import Outcome, Verdict

ASKS_FOR = 10.0
"""Seconds that reading, or asking again for one event, may take."""

log = structlog.get_logger()


class Source(Protocol):
    """What of the outbox is needed; see there."""

    def stand(self, agent: str) -> Stand | None: ...

    def agents(self) -> Iterable[str]: ...

    async def tail(self, agent: str, after: int, until: int) -> list[KeptEvent]: ...

    async def facts(self, kind: str) -> Mapping[str, bytes]: ...

    def keep_fact(self, kind: str, key: str, body: bytes | None) -> None: ...

    def keep_sights(self, sights: Iterable[Sight]) -> None: ...


@dataclass(frozen=True, slots=True)
class Receiver:
    """agents: whose desks it hears; empty: all. post: one request. remark: for the health, None takes it back."""

    name: str
    agents: frozenset[str]
    form: Form
    showing: Showing
    post: Callable[[Message], Awaitable[Verdict]]
    remark: Callable[[str | None], None]


class NotTaken(Exception):
    """began: the request, monotonic seconds. of_gap: it stated a loss. is_last: of those of its event or loss."""

    def __init__(self, verdict: Verdict, began: float, message: Message, *, of_gap: bool, is_last: bool) -> None:
        self.verdict, self.began, self.message, self.of_gap, self.is_last = verdict, began, message, of_gap, is_last


class Saying:
    """outcomes: of requests; lost: events, by the reason, one where nobody knows how many. since: what happened before
    is not for this receiver. on_taken: hears that something was taken. ends: nothing more is begun."""

    def __init__(self, receiver: Receiver, source: Source, on_taken: Callable[[], None]) -> None:
        self.outcomes: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.since: datetime | None = None
        self.ends = False
        self._to = receiver
        self._source = source
        self._on_taken = on_taken

    async def read_on(self, lane: Lane) -> None:
        """Raises NotTaken, OutboxFault, Unreadable, TimeoutError."""
        stand = self._source.stand(lane.agent)
        if stand is None:
            return
        lane.follow(stand)
        after, until = lane.wants(stand, 1 if self._to.form.one_by_one else AT_ONCE)
        if until > after:
            async with asyncio.timeout(ASKS_FOR):
                events = await self._source.tail(lane.agent, after, until)
            for event in events:
                if self.ends or lane.left:
                    return
                await self._carry(lane, event)
        if lane.gap is not None and not lane.is_behind(stand):
            await self._state(lane)
        self.keep(lane)

    async def _carry(self, lane: Lane, event: KeptEvent) -> None:
        if self.since is not None and event.at < self.since:
            lane.passed(event.sequence)
            return
        async with asyncio.timeout(ASKS_FOR):
            step = await self._to.showing.step(event, lane.cursor.calls, datetime.now(UTC))
        if step.lost is not None:
            lane.lose(event.sequence, step.lost)
        elif step.shown is None:
            lane.passed(event.sequence)
        else:
            if step.wanted:
                await self._tell(lane, step.shown.event)
            lane.passed(event.sequence, event.call, step.shown.told, sent=step.wanted)
            self.keep(lane)

    async def _tell(self, lane: Lane, event: KeptEvent) -> None:
        if lane.gap is not None:
            await self._state(lane)
        await self._say(self._to.form.messages(event, lane.cursor.sent + 1))
        if self._to.form.names_people:
            self._source.keep_sights(sights.of_webhook(self._to.name, event, datetime.now(UTC)))

    async def _state(self, lane: Lane) -> None:
        """What was lost, before what follows."""
        assert lane.gap is not None
        await self._say(self._to.form.gap(lane.agent, lane.gap, datetime.now(UTC)), of_gap=True)
        self.stated(lane)

    def leave_out(self, lane: Lane, fault: NotTaken) -> None:
        """The receiver will not have this. What else there is of the same event it may."""
        self._took(fault.message)
        if not fault.is_last:
            lane.tries = 0
        elif fault.of_gap:
            self.stated(lane)
        else:
            lane.lose(lane.cursor.sequence + 1, "refused")

    def stated(self, lane: Lane) -> None:
        gap = lane.gap
        assert gap is not None
        self.lost[gap.why] += 1 if gap.events is None else gap.events
        log.warning("webhook_lost", webhook=self._to.name, desk=lane.agent, why=gap.why, events=gap.events)
        lane.stated()
        self.keep(lane)

    async def _say(self, messages: Sequence[Message], *, of_gap: bool = False) -> None:
        """Raises NotTaken."""
        for message in messages:
            if message.body:
                began = asyncio.get_running_loop().time()
                verdict = await self._to.post(message)
                self.outcomes[verdict.outcome.value] += 1
                if verdict.outcome is not Outcome.TAKEN:
                    raise NotTaken(verdict, began, message, of_gap=of_gap, is_last=message is messages[-1])
                self._on_taken()
            self._took(message)

    def _took(self, message: Message) -> None:
        self._keep_form(self._to.form.took(message))

    def leave(self, agents: Iterable[str]) -> dict[str, dict[str, bytes]]:
        """Other nodes go on with these desks. Returns what the form has to take along, by desk and key."""
        left = self._to.form.leave(frozenset(agents))
        self._keep_form(left.kept)
        return left.away

    def adopt(self, agent: str, came: Mapping[str, bytes]) -> None:
        self._keep_form(self._to.form.adopt(agent, came))

    def _keep_form(self, kept: Mapping[str, bytes | None]) -> None:
        for key, body in kept.items():
            self._source.keep_fact(FORM, cursors.key(self._to.name, key), body)

    def keep(self, lane: Lane) -> None:
        """Before a loss is stated, the cursor of before it counts."""
        if lane.gap is None and not lane.left:
            self._source.keep_fact(KIND, cursors.key(self._to.name, lane.agent), cursors.written(lane.cursor))
