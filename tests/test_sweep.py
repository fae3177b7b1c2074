"""The collector looks in quiet times only, and calls leave it nothing to find."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

from ctibridge import sweep
from ctibridge.sip.events import RingEnded, RingStarted
from tests.flow.house import FakeLookup, House
from tests.sip import scripts
from tests.sip.scripts import request


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    ("now", "heard_at", "swept_at", "expected"),
    [
        (100.0, 99.5, 0.0, False),
        (100.0, 98.0, 0.0, True),
        (200.0, 98.0, 100.0, False),
        (sweep.AT_LEAST_EVERY, sweep.AT_LEAST_EVERY, 0.0, True),
    ],
    ids=["while calls come", "in a quiet second", "once is enough", "a desk that never rests"],
)
def test_when_it_is_time(now: float, heard_at: float, swept_at: float, expected: bool) -> None:
    assert sweep.is_time(now, heard_at, swept_at) is expected


async def test_it_sweeps_when_it_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "LOOK_EVERY", 0.01)
    swept = asyncio.Event()
    monkeypatch.setattr(gc, "collect", swept.set)
    monkeypatch.setattr(sweep, "is_time", lambda *_: True)
    task = asyncio.create_task(sweep.sweep(lambda: 0.0))
    await asyncio.wait_for(swept.wait(), 5)
    task.cancel()


@pytest.mark.usefixtures("no_collector")
async def test_a_hundred_calls_leave_no_cycle_behind() -> None:
    trunk, house = scripts.trunk(), House(FakeLookup())
    for number in range(110):
        for step, method in enumerate(("INVITE", "CANCEL", "ACK")):
            caller = f"<sip:{number}@192.0.2.9>"
            asked = request(method, str(number), call=f"call-{number}", caller=caller)
            trunk.receive(bytes(asked), scripts.PBX, number + step / 10)
            for fact in trunk.drain():
                if isinstance(fact, RingStarted | RingEnded):
                    house.flow.hear(fact)
        if number == 9:
            gc.collect()  # what is made once
    house.frames.clear()
    assert house.flow.heard_at > 0
    assert gc.collect() < 100, "one cyclic object in each call would be a leak for minutes"
