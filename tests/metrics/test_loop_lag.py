import asyncio
import time

from ctibridge.metrics import loop_lag
from ctibridge.metrics.loop_lag import WORST_OF, LoopLag
from tests.metrics.rooms import until


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_worst_is_told_for_a_minute_at_least_and_two_at_most() -> None:
    clock = Clock()
    lag = LoopLag(clock)
    assert lag.worst == 0.0
    lag.late(0.3)
    clock.now += WORST_OF - 1
    lag.late(0.1)
    assert lag.worst == 0.3
    clock.now += 2
    lag.late(0.2)
    assert lag.worst == 0.3, "of the minute before"
    clock.now += WORST_OF
    assert lag.worst == 0.2
    clock.now += WORST_OF
    assert lag.worst == 0.0


def test_a_pause_of_the_whole_process_leaves_nothing_old_behind() -> None:
    clock = Clock()
    lag = LoopLag(clock)
    lag.late(0.3)
    clock.now += 10 * WORST_OF
    assert lag.worst == 0.0


async def test_who_holds_the_loop_up_is_seen() -> None:
    lag = LoopLag(time.monotonic)
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0)
    time.sleep(loop_lag.LOOK_EVERY + 0.1)
    await until(lambda: lag.seen.cumulative[-1] > 0)
    watching.cancel()
    assert lag.worst >= 0.1
    assert lag.seen.sum >= 0.1
