"""One receiver: whose desk is next, and what becomes of what it does not take.

Comes in: which desk has news. Goes out: turns, in which `Saying` posts; a remark where the receiver does not take what
it should. At most 16 desks at once have a read of 20 events in memory; all else waits in the outbox.
"""

import asyncio
import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from ctibridge.delivery.adapters.webhook_saying import NotTaken, Receiver, Saying, Source
from ctibridge.delivery.kept import OutboxFault, Stand
from ctibridge.delivery.webhooks import cursor as cursors
from ctibridge.delivery.webhooks.cursor import KIND, Cursor
from ctibridge.delivery.webhooks.lane import Lane
from ctibridge.delivery.webhooks.pace import Pace, again_after
from ctibridge.delivery.webhooks.showing import Unreadable
from ctibridge.delivery.webhooks.turns import Turns
from ctibridge.delivery.webhooks.verdict import Outcome

RESTS = 2.0
"""Seconds without reading, once outbox or directory could not be read."""
LAST_WORD = 1.0
"""Seconds for what is on its way when we stop; what is not taken by then is sent again."""
SAYS_AFTER = 3
"""Failures in a row."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """When somebody first wanted this receiver to hear: the time, and where the desks stood. From then on it does."""

    at: datetime
    stands: Mapping[str, Stand]


class Webhook:
    """`news` at any time, `run` for ever. saying: what it counts."""

    def __init__(self, receiver: Receiver, source: Source, pace: Pace, wanted: Wanted) -> None:
        self.saying = Saying(receiver, source, self._takes_again)
        self.pace = pace
        self._to = receiver
        self._source = source
        self._wanted = wanted
        self._turns = Turns()
        self._rests_until = 0.0
        self._rested = True
        self._stumbled_on: tuple[str, int] | None = None
        """Desk and event; one that is never taken is logged once, while others are taken in between."""
        self._said_so = False
        self._lanes: dict[str, Lane] = {}
        self._left: set[str] = set()
        self.has_begun = False
        self._awake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def behind(self) -> int:
        """Stored events that it is still to hear or to be spared."""
        stands = ((lane, self._source.stand(lane.agent)) for lane in self._lanes.values())
        return sum(max(stand.stored - _read_up_to(lane, stand), 0) for lane, stand in stands if stand is not None)

    def erase(self, calls: Collection[str]) -> None:
        """Who called in these has to leave for good."""
        self._to.form.erase(calls)

    def news(self, agent: str) -> None:
        """This desk has another stored event."""
        if self._hears(agent):
            self._lane(agent)
            self._turns.news(agent)
            self._awake.set()

    def leave(self, agents: Collection[str]) -> dict[str, dict[str, bytes]]:
        """Other nodes go on with these desks. What is on its way to the receiver may still come there. Returns what
        goes with each, beside its cursor."""
        for agent in agents:
            self._left.add(agent)
            if (lane := self._lanes.pop(agent, None)) is not None:
                lane.left = True
        return self.saying.leave(agents)

    def stay(self, agents: Iterable[str]) -> None:
        """These desks are this node's."""
        for agent in self._left.intersection(agents):
            self._left.discard(agent)
            self.news(agent)

    def adopt(self, agent: str, cursor: Cursor, came: Mapping[str, bytes]) -> None:
        """Another node came so far with this desk. came: what it had beside."""
        self.leave([agent])
        self._lanes[agent] = Lane(agent, cursor)
        self.saying.adopt(agent, came)

    async def run(self) -> None:
        """Until cancelled; then what is on its way has a second."""
        await self._begin()
        try:
            while True:
                self._awake.clear()
                self._start()
                await self._wait()
        finally:
            self.saying.ends = True
            await self._finish()

    # -- whose turn ----------------------------------------------------------------------------------------------------

    def _hears(self, agent: str) -> bool:
        return (not self._to.agents or agent in self._to.agents) and agent not in self._left

    async def _begin(self) -> None:
        """Each desk where it stood; what a receiver that is new here missed before is not for it."""
        name, wanted = self._to.name, self._wanted
        facts = await self._source.facts(KIND)
        kept = cursors.of(name, facts)
        is_new = name not in facts and not kept
        self.saying.since = wanted.at if is_new else _time(facts.get(name))
        self._source.keep_fact(KIND, name, (self.saying.since or wanted.at).isoformat().encode())
        for agent in filter(self._hears, self._source.agents()):
            cursor, stand = cursors.read(kept.get(agent, b"")), wanted.stands.get(agent)
            if cursor is None and is_new and stand is not None:
                cursor = Cursor(stand.epoch, stand.stored)
            if cursor is not None:
                self._lanes[agent] = Lane(agent, cursor)
            self.news(agent)
        self.has_begun = True
        for agent in self._lanes.keys() - kept.keys():
            self.saying.keep(self._lanes[agent])

    def _start(self) -> None:
        now = self._clock()
        if now < self._rests_until:
            return
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
        if (until := max(self.pace.until, self._rests_until)) > now:
            return until
        return self._turns.deadline if self.pace.room(self._turns.under_way, now) else None

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORD)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- one turn ------------------------------------------------------------------------------------------------------

    async def _turn(self, agent: str) -> None:
        if agent in self._left:
            self._turns.done(agent, more=False)
            return
        lane = self._lane(agent)
        try:
            await self.saying.read_on(lane)
            stand = self._source.stand(agent)
            self._turns.done(agent, more=stand is not None and lane.is_behind(stand))
            self._rested = True
        except NotTaken as fault:
            self._not_taken(lane, fault)
        except (OutboxFault, Unreadable, TimeoutError) as fault:
            self._rest(fault)
            self._turns.first(agent)
        except Exception:
            log.error("webhook_failed", webhook=self._to.name, exc_info=True)
            self._broke(lane)
        finally:
            if lane.left and agent not in self._lanes:
                self.saying.leave([agent])  # what was on its way then was taken since: its new home says it again
            self._awake.set()

    def _lane(self, agent: str) -> Lane:
        lane = self._lanes.get(agent)
        if lane is None:
            stand = self._source.stand(agent)
            first = Cursor("", 0) if stand is None else Cursor(stand.epoch, stand.floor - 1)
            lane = self._lanes[agent] = Lane(agent, first)
            if self.has_begun:
                self.saying.keep(lane)  # else what falls out before the first turn would be lost without a word
        return lane

    def _rest(self, fault: Exception) -> None:
        """Said once, though many desks wait for the same store."""
        self._rests_until = self._clock() + RESTS
        if self._rested:
            log.warning("webhook_rests", webhook=self._to.name, why=type(fault).__name__, seconds=RESTS)
        self._rested = False

    def _broke(self, lane: Lane) -> None:
        """Our own fault: one event must not keep its desk from being heard for ever."""
        if lane.refused():
            lane.lose(lane.cursor.sequence + 1, "unreadable")
        self._turns.later(lane.agent, self._clock() + RESTS)

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
                self._fails(lane, fault)
                # Behind the others: a receiver that breaks on what one caller is called must hear of all the rest.
                self._turns.done(lane.agent, more=True)

    def _refused(self, lane: Lane, fault: NotTaken) -> None:
        if not lane.refused():
            self._turns.later(lane.agent, self._clock() + again_after(lane.tries, _chance()))
            return
        self.saying.leave_out(lane, fault)
        self._turns.done(lane.agent, more=True)

    def _stop(self) -> None:
        if not self.pace.stopped:
            self.pace.stopped = self.saying.ends = True
            log.error("webhook_gone", webhook=self._to.name, why="HTTP 410", mend="take it out, or reload to try again")
            self._to.remark(f"webhook {self._to.name} is stopped: its receiver says that it is gone (HTTP 410)")

    def _fails(self, lane: Lane, fault: NotTaken) -> None:
        verdict, now = fault.verdict, self._clock()
        if not self.pace.failed(fault.began, now, _chance(), verdict.retry_after):
            return
        wait = round(self.pace.until - now, 1)
        event = lane.agent, lane.cursor.sequence
        if self.pace.failures == 1 and event != self._stumbled_on:
            self._stumbled_on, self._said_so = event, True
            log.warning("webhook_not_taken", webhook=self._to.name, why=verdict.why, again_in=wait)
        if self.pace.failures == SAYS_AFTER:
            self._to.remark(f"webhook {self._to.name}: its receiver does not take events: {verdict.why}")

    def _takes_again(self) -> None:
        if self.pace.failures:
            if self._said_so:
                log.info("webhook_takes_again", webhook=self._to.name)
            self._said_so = False
            self._to.remark(None)
        self.pace.well()

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads what is said again over time, no secret


def _read_up_to(lane: Lane, stand: Stand) -> int:
    return lane.cursor.sequence if lane.cursor.epoch == stand.epoch else stand.floor - 1


def _time(text: bytes | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text.decode())
    except ValueError:
        return None
