"""What is being read off the loop for calls, and how often a first pop did not wait for it.

Comes in: work to be done, what came too late. Goes out: tasks, counters for whoever measures.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

T = TypeVar("T")
log = structlog.get_logger()


class Reads:
    def __init__(self) -> None:
        self.late: Counter[str] = Counter()
        """By step: `index` (who it is), `record` (what is known of him)."""
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """Those that are not done."""
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def too_late(self, step: str, patience: float) -> None:
        """patience: seconds that were waited."""
        self.late[step] += 1
        log.warning("lookup.late", step=step, patience_ms=round(patience * 1000))

    async def give_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def outcome(task: asyncio.Task[T | None]) -> T | None:
    """None, too, where it was given up: who waits for it is not cancelled by that."""
    return task.result() if task.done() and not task.cancelled() else None
