"""Processes that read files beside the one that writes the store; for a small import none, all happens here.

They are started anew (no fork), know the job before the first piece of work, do not hear Ctrl-C, as whoever started
them does, and end with him, however he ends.
"""

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Self, TypeVar

from ctibridge import core_dumps
from ctibridge.lookup.adapters.importing.reading import Job

T = TypeVar("T")
R = TypeVar("R")

# What is begun before its turn has come, for each process: none waits for work, and memory stays constant.
AHEAD = 3


class WorkerDied(Exception):
    """A process was ended from outside, most often for want of memory."""


class Workers:
    """A context manager. processes: 0 for a small import, which would only wait for them."""

    def __init__(self, job: Job, processes: int) -> None:
        self._job = job
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._processes:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, context, _begin, (self._job,))
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    async def each(self, work: Callable[[Job, T], R], items: AsyncIterable[T]) -> AsyncGenerator[tuple[T, R], None]:
        """What `work`, a function of a module, makes of each, in order. Raises WorkerDied and what `work` raises."""
        if self._pool is None:
            async for item in items:
                yield item, work(self._job, item)
            return
        waiting: deque[tuple[T, Future[R]]] = deque()
        try:
            async for item in items:
                waiting.append((item, self._pool.submit(_work, work, item)))
                if len(waiting) > AHEAD * self._processes:
                    yield await _first(waiting)
            while waiting:
                yield await _first(waiting)
        except BrokenProcessPool:
            raise WorkerDied from None


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def _first(waiting: "deque[tuple[T, Future[R]]]") -> tuple[T, R]:
    item, future = waiting.popleft()
    return item, await asyncio.wrap_future(future)


# -- in the other process ----------------------------------------------------------------------------------------------

_jobs: list[Job] = []


def _begin(job: Job) -> None:
    # Millions of rows are made that hold no cycles; looking through them again and again takes half of the time.
    gc.disable()
    core_dumps.refuse()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _jobs.append(job)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(work: Callable[[Job, T], R], item: T) -> R:
    return work(_jobs[-1], item)
