"""Context as the second stage: asks all parts at once, and tells what is there when the deadlines have come.

Comes in: for each agent about whom (`context.about`), with what he may see. Goes out: revisions. The first one has what
came within 0.3 s; what was late makes one more, and what never came is named in it. A source may hang, fail or take its
time: that costs its own part, and no pop waits for any of it. One caller is asked for once, however many agents hear
him; two callers wait for nothing of each other, so that nobody learns of one by how long the other takes.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from ctibridge.domain.context import Context, StandardRequest, Suggestions
from ctibridge.lookup.context import About, Article, Part, Reading, Rows, compose
from ctibridge.lookup.suggestions import suggest
from ctibridge.lookup.visibility import Visible

log = structlog.get_logger()
MOST_WAITING = 1_000
"""Callers for whom context is waited for: beyond this many the source is not asked."""
GIVING_UP = 1.0
"""Seconds that a source has to end when it is cancelled; then it is left alone."""


class ContextSource(Protocol):
    """Where context comes from. Of an account that is not in `visible` there is nothing. Each may raise anything."""

    async def part(self, kind: Part, person: str | None, account: str, visible: Visible) -> Rows:
        """What of this kind is known for a person of that account; of None only MAJOR_INCIDENTS are asked."""

    async def service_of(self, item: str, account: str, visible: Visible) -> str | None:
        """The id of the service that a configuration item belongs to."""

    async def of_service(
        self, service: str, account: str, visible: Visible
    ) -> tuple[Sequence[StandardRequest], Sequence[Article]]:
        """What may be asked for, and read, about that service."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. soon: until the first revision; late: until the last one."""

    soon: float = 0.3
    late: float = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one agent wants to know, how he reads it, and what he may see."""

    about: About
    reading: Reading
    visible: Visible


Readers = Mapping[str, Wanted]
Asked = Mapping[Part, asyncio.Task[Rows]]


class Contexts:
    """One for the process; every method is called on the loop."""

    def __init__(self, source: ContextSource, deadlines: Deadlines | None = None) -> None:
        self._source = source
        self._deadlines = deadlines or Deadlines()
        self._waiting = 0

    async def close(self) -> None:
        await self._source.close()

    async def revisions(self, wanted: Readers) -> AsyncGenerator[dict[str, Context], None]:
        """By agent, as it comes; each agent's last one is complete. Never raises for the source's faults."""
        told: asyncio.Queue[dict[str, Context] | None] = asyncio.Queue()
        running = [asyncio.create_task(self._tell(readers, told)) for readers in _by_caller(wanted)]
        try:
            left = len(running)
            while left:
                found = await told.get()
                if found is None:
                    left -= 1
                else:
                    yield found
        finally:
            await _give_up(running)

    async def suggestions(
        self, call: str, service: str | None, item: str | None, account: str, reading: Reading, visible: Visible
    ) -> Suggestions:
        """For a service, or the one that an item belongs to; nothing where there is none. Raises what the source
        raises, TimeoutError."""
        async with asyncio.timeout(self._deadlines.late):
            if service is None and item is not None:
                service = await self._source.service_of(item, account, visible)
            if service is None:
                return suggest(call)
            requests, articles = await self._source.of_service(service, account, visible)
        return suggest(call, requests, articles, reading.language, reading.default)

    async def _tell(self, readers: Readers, told: asyncio.Queue[dict[str, Context] | None]) -> None:
        try:
            if self._waiting >= MOST_WAITING:
                told.put_nowait(_contexts(readers, {}, last=True))
            else:
                self._waiting += 1
                try:
                    await self._ask(readers, told)
                finally:
                    self._waiting -= 1
        finally:
            told.put_nowait(None)

    async def _ask(self, readers: Readers, told: asyncio.Queue[dict[str, Context] | None]) -> None:
        asked = self._start(readers)
        try:
            soon, late = self._deadlines.soon, self._deadlines.late
            _, waiting = await asyncio.wait(asked.values(), timeout=soon)
            told.put_nowait(_contexts(readers, asked, last=not waiting))
            if waiting:
                _say_late(asked, soon)
                await asyncio.wait(waiting, timeout=late - soon)
                told.put_nowait(_contexts(readers, asked, last=True))
            _say_failed(asked)
        finally:
            await _give_up(asked.values())

    def _start(self, readers: Readers) -> Asked:
        """They ask about the same one, whose account each of them may see."""
        one = next(iter(readers.values()))
        about, part = one.about, self._source.part
        return {
            kind: asyncio.create_task(_rows(part(kind, about.person, about.account, one.visible)))
            for kind in about.parts
        }


async def _rows(asked: Any) -> Rows:
    found: Rows = await asked
    return found


def _by_caller(wanted: Readers) -> list[Readers]:
    groups: dict[About, dict[str, Wanted]] = {}
    for agent, one in wanted.items():
        groups.setdefault(one.about, {})[agent] = one
    return list(groups.values())


def _contexts(readers: Readers, asked: Asked, *, last: bool) -> dict[str, Context]:
    """last: what has not come by now is not waited for any more."""
    about = next(iter(readers.values())).about
    came = {part: task.result() for part, task in asked.items() if task.done() and _fault(task) is None}
    failed = [part for part in about.parts if part not in came and (last or asked[part].done())]
    return {agent: compose(came, one.reading, failed, complete=last) for agent, one in readers.items()}


def _fault(task: asyncio.Task[Rows]) -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.exception()


async def _give_up(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """What does not end is left alone; what it still raises is nobody's."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
    if running:
        await asyncio.wait(running, timeout=GIVING_UP)


def _say_late(asked: Asked, soon: float) -> None:
    parts = [part.value for part, task in asked.items() if not task.done()]
    log.warning("context.late", parts=parts, patience_ms=round(soon * 1000))


def _say_failed(asked: Asked) -> None:
    # Not the error's own words: they may quote what was asked for.
    for part, task in asked.items():
        fault = _fault(task) if task.done() else TimeoutError()
        if fault is not None:
            log.error("context.failed", part=part.value, error=type(fault).__name__)
