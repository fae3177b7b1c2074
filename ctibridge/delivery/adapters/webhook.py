"""One receiver: reads each desk's stored events behind its cursor, posts one after the other, and keeps how far it is.

Comes in: which desk has news. Goes out: requests, cursors (facts of the outbox), a remark where the receiver does not
take what it should. At most 16 desks at once have a read of 20 events in memory; all else waits in the outbox.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import structlog

from ctibridge.delivery.kept import KeptEvent, OutboxFault, Stand
from ctibridge.delivery.webhooks import cursor as cursors
from ctibridge.delivery.webhooks.cursor import KIND, Cursor
from ctibridge.delivery.webhooks.forms import Form, Message
from ctibridge.delivery.webhooks.lane import Lane, Unsaid
from ctibridge.delivery.webhooks.pace import Pace, again_after
from ctibridge.delivery.webhooks.showing import Showing, Unreadable
from ctibridge.delivery.webhooks.turns import Turns
from ctibridge.delivery.webhooks.verdict import Outcome, Verdict

RESTS = 2.0
"""Seconds until a desk is read again that could not be."""
ASKS_FOR = 10.0
"""Seconds that reading, or asking again for one event, may take."""
LAST_WORD = 1.0
"""Seconds for what is on its way when we stop; what is not taken by then is sent again."""
SAYS_AFTER = 3
"""Failures in a row."""

log = structlog.get_logger()


class Source(Protocol):
    """What of the outbox is needed; see there."""

    def stand(self, agent: str) -> Stand | None: ...

    def agents(self) -> Iterable[str]: ...

    async def tail(self, agent: str, after: int, until: int) -> list[KeptEvent]: ...

    async def facts(self, kind: str) -> Mapping[str, bytes]: ...

    def keep_fact(self, kind: str, key: str, body: bytes | None) -> None: ...


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
    """began: the request, monotonic seconds. of_gap: it stated a loss."""

    def __init__(self, verdict: Verdict, began: float, *, of_gap: bool) -> None:
        self.verdict, self.began, self.of_gap = verdict, began, of_gap


class Webhook:
    """`news` at any time, `run` for ever. outcomes: of requests; lost: events, by the reason, -1 where nobody knows how
    many."""

    def __init__(self, receiver: Receiver, source: Source, pace: Pace) -> None:
        self.outcomes: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.pace = pace
        self._to = receiver
        self._source = source
        self._turns = Turns()
        self._lanes: dict[str, Lane] = {}
        self._since: datetime | None = None
        self._awake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends = False

    @property
    def behind(self) -> int:
        """Stored events that it is still to hear or to be spared."""
        stands = ((lane, self._source.stand(lane.agent)) for lane in self._lanes.values())
        return sum(max(stand.stored - _read_up_to(lane, stand), 0) for lane, stand in stands if stand is not None)

    @property
    def lanes(self) -> int:
        return len(self._lanes)

    @property
    def in_memory(self) -> int:
        """Desks of which something is read and not said."""
        return len(self._tasks) + sum(lane.unsaid is not None for lane in self._lanes.values())

    def news(self, agent: str) -> None:
        """This desk has another stored event."""
        if not self._to.agents or agent in self._to.agents:
            self._turns.news(agent)
            self._awake.set()

    async def run(self) -> None:
        """Until cancelled; then what is on its way has a second."""
        await self._begin()
        try:
            while True:
                self._awake.clear()
                self._start()
                await self._wait()
        finally:
            self._ends = True
            await self._finish()

    # -- whose turn ----------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """Each desk where it stood; what a receiver that is new here missed before is not for it."""
        name, now = self._to.name, datetime.now(UTC)
        facts = await self._source.facts(KIND)
        kept = {key.partition("/")[2]: body for key, body in facts.items() if key.startswith(f"{name}/")}
        is_new = name not in facts and not kept
        self._since = now if is_new else _time(facts.get(name))
        self._source.keep_fact(KIND, name, (self._since or now).isoformat().encode())
        for agent in self._source.agents():
            stand, cursor = self._source.stand(agent), cursors.read(kept.get(agent, b""))
            if stand is not None and (is_new or cursor is not None):
                self._lanes[agent] = Lane(agent, cursor or Cursor(stand.epoch, stand.stored))
            self.news(agent)

    def _start(self) -> None:
        now = self._clock()
        while self.pace.room(self._turns.under_way, now) and (agent := self._turns.take(now)) is not None:
            task = asyncio.get_running_loop().create_task(self._turn(agent))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _wait(self) -> None:
        """For news, the end of a turn, or the time of what waits."""
        try:
            async with asyncio.timeout_at(self._due()):
                await self._awake.wait()
        except TimeoutError:
            return

    def _due(self) -> float | None:
        now = self._clock()
        if self.pace.stopped:
            return None
        if self.pace.until > now:
            return self.pace.until
        return self._turns.deadline if self.pace.room(self._turns.under_way, now) else None

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORD)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- one turn ------------------------------------------------------------------------------------------------------

    async def _turn(self, agent: str) -> None:
        lane = self._lane(agent)
        try:
            await self._read_on(lane)
            stand = self._source.stand(agent)
            self._turns.done(agent, more=stand is not None and lane.is_behind(stand))
        except NotTaken as fault:
            self._not_taken(lane, fault)
        except (OutboxFault, Unreadable, TimeoutError) as fault:
            log.warning("webhook_rests", webhook=self._to.name, why=type(fault).__name__, seconds=RESTS)
            self._turns.later(agent, self._clock() + RESTS)
        except Exception:
            log.error("webhook_failed", webhook=self._to.name, exc_info=True)
            self._turns.later(agent, self._clock() + RESTS)
        finally:
            self._awake.set()

    def _lane(self, agent: str) -> Lane:
        lane = self._lanes.get(agent)
        if lane is None:
            stand = self._source.stand(agent)
            first = Cursor("", 0) if stand is None else Cursor(stand.epoch, stand.floor - 1)
            lane = self._lanes[agent] = Lane(agent, first)
        return lane

    async def _read_on(self, lane: Lane) -> None:
        """Raises NotTaken, OutboxFault, Unreadable, TimeoutError."""
        stand = self._source.stand(lane.agent)
        if stand is None:
            return
        lane.follow(stand)
        after, until = lane.wants(stand)
        if until > after:
            async with asyncio.timeout(ASKS_FOR):
                events = await self._source.tail(lane.agent, after, until)
            for event in events:
                if self._ends or self.pace.stopped:
                    return
                await self._carry(lane, event)
        if lane.gap is not None and not lane.is_behind(stand):
            await self._state(lane)
        self._keep(lane)

    async def _carry(self, lane: Lane, event: KeptEvent) -> None:
        unsaid = lane.unsaid
        if unsaid is None:
            unsaid = await self._unsaid(lane, event)
        if unsaid is None:
            return
        if self._to.form.made_once:
            lane.unsaid = unsaid
        if unsaid.messages and lane.gap is not None:
            await self._state(lane)
        while unsaid.messages:
            await self._post(unsaid.messages[0])
            unsaid.messages.pop(0)
        lane.passed(event.sequence, event.call, unsaid.told, sent=True)
        self._keep(lane)

    async def _unsaid(self, lane: Lane, event: KeptEvent) -> Unsaid | None:
        """None where nothing of it is sent: it is done with."""
        if self._since is not None and event.at < self._since:
            lane.passed(event.sequence)
            return None
        async with asyncio.timeout(ASKS_FOR):
            step = await self._to.showing.step(event, lane.cursor.calls, datetime.now(UTC))
        if step.lost is not None:
            lane.lose(event.sequence, step.lost)
        elif step.shown is None:
            lane.passed(event.sequence)
        elif not step.wanted:
            lane.passed(event.sequence, event.call, step.shown.told)
        else:
            messages = list(self._to.form.messages(step.shown.event, lane.cursor.sent + 1))
            return Unsaid(event.sequence, messages, step.shown.told)
        return None

    async def _state(self, lane: Lane) -> None:
        """What was lost, before what follows."""
        assert lane.gap is not None
        for message in self._to.form.gap(lane.agent, lane.gap, datetime.now(UTC)):
            await self._post(message, of_gap=True)
        self._stated(lane)

    def _stated(self, lane: Lane) -> None:
        gap = lane.gap
        assert gap is not None
        self.lost[gap.why] += 1 if gap.events is None else gap.events
        log.warning("webhook_lost", webhook=self._to.name, desk=lane.agent, why=gap.why, events=gap.events)
        lane.stated()
        self._keep(lane)

    async def _post(self, message: Message, *, of_gap: bool = False) -> None:
        """Raises NotTaken."""
        began = self._clock()
        verdict = await self._to.post(message)
        self.outcomes[verdict.outcome.value] += 1
        if verdict.outcome is not Outcome.TAKEN:
            raise NotTaken(verdict, began, of_gap=of_gap)
        self._takes_again()

    # -- what was not taken --------------------------------------------------------------------------------------------

    def _not_taken(self, lane: Lane, fault: NotTaken) -> None:
        match fault.verdict.outcome:
            case Outcome.GONE:
                self._stop()
                self._turns.first(lane.agent)
            case Outcome.REFUSED:
                self._takes_again()
                self._refused(lane, fault)
            case _:
                self._fails(fault)
                self._turns.first(lane.agent)

    def _refused(self, lane: Lane, fault: NotTaken) -> None:
        if not lane.refused():
            self._turns.later(lane.agent, self._clock() + again_after(lane.tries, random.random()))  # noqa: S311
            return
        if fault.of_gap:
            self._stated(lane)
        else:
            lane.lose(lane.cursor.sequence + 1, "refused")
        self._turns.done(lane.agent, more=True)

    def _stop(self) -> None:
        if not self.pace.stopped:
            self.pace.stopped = True
            log.error("webhook_gone", webhook=self._to.name, why="HTTP 410", mend="take it out, or reload to try again")
            self._to.remark(f"webhook {self._to.name} is stopped: its receiver says that it is gone (HTTP 410)")

    def _fails(self, fault: NotTaken) -> None:
        verdict, now = fault.verdict, self._clock()
        if not self.pace.failed(fault.began, now, random.random(), verdict.retry_after):  # noqa: S311
            return
        wait = round(self.pace.until - now, 1)
        if self.pace.failures == 1:
            log.warning("webhook_not_taken", webhook=self._to.name, why=verdict.why, again_in=wait)
        if self.pace.failures == SAYS_AFTER:
            self._to.remark(f"webhook {self._to.name}: its receiver does not take events: {verdict.why}")

    def _takes_again(self) -> None:
        if self.pace.failures:
            log.info("webhook_takes_again", webhook=self._to.name)
            self._to.remark(None)
        self.pace.well()

    def _keep(self, lane: Lane) -> None:
        """Before a loss is stated, the cursor of before it counts."""
        if lane.gap is None:
            self._source.keep_fact(KIND, cursors.key(self._to.name, lane.agent), cursors.written(lane.cursor))

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()


def _read_up_to(lane: Lane, stand: Stand) -> int:
    return lane.cursor.sequence if lane.cursor.epoch == stand.epoch else stand.floor - 1


def _time(text: bytes | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text.decode())
    except ValueError:
        return None
