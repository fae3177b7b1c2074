"""Python's search for cyclic garbage, at a time when nobody rings.

Left to itself it runs in the middle of calls: with the calls of the last minute in memory one search takes 300 ms, and
each pop waits for it (measured: at 600 calls a second p95 was 274 ms with it and 4 ms without). Nothing that a call
needs lives in cycles (`tests/test_sweep.py`), so the search may wait for a quiet second.
"""

import asyncio
import gc
import time
from collections.abc import Callable

LOOK_EVERY = 5.0
"""Seconds between two looks whether it is quiet."""
QUIET = 1.0
"""Seconds without any fact."""
AT_LEAST_EVERY = 600.0
"""Seconds after which it runs in any case: an error may leave a cycle, and its memory must come back."""


def take_over() -> None:
    """From now on it runs only where `sweep` says. What is there already stays, and is not walked again."""
    gc.collect()
    gc.freeze()
    gc.disable()


def is_time(now: float, heard_at: float, swept_at: float) -> bool:
    """Monotonic seconds: when the last fact came, and when was swept."""
    news = heard_at > swept_at
    return news and (now - heard_at >= QUIET or now - swept_at >= AT_LEAST_EVERY)


async def sweep(heard_at: Callable[[], float]) -> None:
    """Until it is cancelled."""
    swept_at = time.monotonic()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if is_time(time.monotonic(), heard_at(), swept_at):
            gc.collect()
            swept_at = time.monotonic()
