"""How the outbox writes: batches of whole desks, by a thread of its own, again and again until they are in the file.

Comes in: what waits in the ledger. Goes out: `on_stored` when events are durable; `on_state` when nothing can be
written any more, and when it can be again; `on_lost` when a desk's tail became shorter meanwhile; `on_replaced`
when the file is another one, and no fact is in it. They are called on the loop.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

import structlog

from ctibridge.delivery.adapters import outbox_start
from ctibridge.delivery.adapters.outbox_start import Started
from ctibridge.delivery.adapters.sent_marks import SLOTS
from ctibridge.delivery.ledger import Due, Ledger, Rows
from ctibridge.delivery.terms import Terms
from ctibridge.delivery.unwritten import Bounds

_P = ParamSpec("_P")
_T = TypeVar("_T")
FAULTS = outbox_start.FAULTS

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """bounds: of what waits to be written. gather: seconds that a batch waits for more; most_rows: of one batch, where
    no single desk has more: as the loop makes them and forgets them in one go. retry: seconds until a failed batch is
    tried again, doubling up to retry_most. stuck_after: seconds that one job of the thread may take: a disk that fails
    says so, one that hangs says nothing. keep: for so long events, calls, facts and sights; what is older is removed
    forget_first seconds after the start and once in forget_every seconds."""

    bounds: Bounds = Bounds()  # noqa: RUF009 -- frozen
    gather: float = 0.02
    most_rows: int = 2_000
    retry: float = 1.0
    retry_most: float = 30.0
    keep: Terms = Terms(90)  # noqa: RUF009 -- frozen
    forget_first: float = 60.0
    forget_every: float = 3_600.0
    stuck_after: float = 60.0
    slots: int = SLOTS


class Writing:
    """has_begun: the file is this run's. turn: a batch, a purge and what is too old take turns. closing: what takes
    long ends now."""

    def __init__(self, started: Started, settings: OutboxSettings, writer: ThreadPoolExecutor) -> None:
        self.on_stored: Callable[[str, int], None] = _nobody
        self.on_state: Callable[[bool, str], None] = _nobody
        self.on_lost: Callable[[str, int], None] = _nobody
        self.on_replaced: Callable[[], None] = _nobody
        self.file = started.file
        self.ledger = Ledger(started.rows, settings.bounds)
        self.turn = asyncio.Lock()
        self.closing = False
        self.aged: dict[int, datetime] = {}
        """When what was due by these terms left each desk."""
        self._forgets = asyncio.Event()
        self._started = started
        self.has_begun = not started.fault
        self._fault = started.fault
        self._settings = settings
        self._writer = writer
        self._awake = asyncio.Event()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._jobs: dict[object, float] = {}
        """Since when each is with the thread."""

    def keep_for(self, terms: Terms) -> None:
        """What is older than that is removed now."""
        if terms != self._settings.keep:
            self._settings = replace(self._settings, keep=terms)
            self.aged.clear()
            self._forgets.set()

    async def flush(self) -> bool:
        """Writes all there is. False: it cannot, and what there was is still kept."""
        return await self.finish(self._flush())

    async def write_for_ever(self) -> None:
        if self._fault:
            log.error("outbox.began_without_disk", why=self._fault)
            self.on_state(True, self._fault)
            self._awake.set()
        pause = self._settings.retry
        while True:
            await self._awake.wait()
            await asyncio.sleep(self._settings.gather)
            self._awake.clear()
            while not await self.flush():
                await asyncio.sleep(pause)
                pause = min(2 * pause, self._settings.retry_most)
            pause = self._settings.retry

    async def write_due(self, due: Due) -> bool:
        """For whoever has the turn. What comes meanwhile is not waited for."""
        try:
            if not self.has_begun:
                await self._begin()
                due = self.ledger.due()
            while due or self.file.is_shut:
                due = await self._write_batch(due)
        except FAULTS as error:
            self._failed(error)
            return False
        return True

    async def do(self, act: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """By the thread that writes."""
        loop, job = asyncio.get_running_loop(), object()
        self._jobs[job] = loop.time()
        try:
            return await loop.run_in_executor(self._writer, act, *args, **kwargs)
        finally:
            del self._jobs[job]

    def stuck(self) -> str | None:
        """Why the thread that writes stands still; None while it moves, also on a disk that takes nothing."""
        since = next(iter(self._jobs.values()), None)
        if since is None or asyncio.get_running_loop().time() - since < self._settings.stuck_after:
            return None
        return f"the store's writer waits for the disk for more than {self._settings.stuck_after:g} s: does it hang?"

    async def finish(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Also where whoever asked for it does not wait for it any more."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """What takes long ends, and nothing is under way any more."""
        self.closing = True
        while self._under_way:
            await asyncio.wait(self._under_way)

    def wake(self) -> None:
        if self.ledger.has_lost:
            # Not from here: who keeps something is in the middle of it.
            asyncio.get_running_loop().call_soon(self._tell_lost)
        self._awake.set()

    # ------------------------------------------------------------------------------------------------------------------

    async def _flush(self) -> bool:
        async with self.turn:
            return await self.write_due(self.ledger.due())

    async def _begin(self) -> None:
        """The file, which could not be used when the process began."""
        found = await self.do(self.file.desks)
        rows = self.ledger.adopt(found, self._started.fresh)
        await self.do(self.file.begin, self._started.run, Rows(datetime.now(UTC), rows))
        self.has_begun = True

    async def _write_batch(self, due: Due) -> Due:
        """Returns what is due then."""
        rows = self.ledger.take(due, self._settings.most_rows, datetime.now(UTC))
        if not await self.do(self.file.write, rows):
            log.error("outbox.file_replaced", mend="leave desks.db alone while ctibridge runs; what was in it is gone")
            self.ledger.begin_anew()
            self.on_replaced()
            self._tell_lost()
            return self.ledger.due()
        for agent, sequence in self.ledger.written(rows).items():
            self.on_stored(agent, sequence)
        self._works()
        return due

    def _works(self) -> None:
        if lost := self.ledger.sights.told():
            log.error("outbox.sights_lost", sights=lost, why="the disk took nothing for too long")
        if self._fault:
            self._fault = ""
            log.info("outbox.writes_again")
            self.on_state(False, "")

    def _failed(self, error: BaseException) -> None:
        if not self._fault:
            say(error)
            self._fault = outbox_start.reason(error)
            self.on_state(True, self._fault)

    def _tell_lost(self) -> None:
        for agent, floor in self.ledger.lost().items():
            self.on_lost(agent, floor)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # asked for here: nobody else may be there to ask


def say(error: BaseException) -> None:
    log.error("outbox.write_failed", error=type(error).__name__, code=getattr(error, "sqlite_errorname", None))


def _nobody(*_: object) -> None: ...
