"""`flow/alarm.py`: one timer."""

import asyncio

from ctibridge.flow.alarm import Alarm
from tests.peers.process import until


async def test_it_rings_once_and_for_the_earliest() -> None:
    rang: list[float] = []
    clock = asyncio.get_running_loop().time
    alarm = Alarm(lambda: rang.append(clock()), lambda: True, clock)
    begun = clock()
    alarm.by(begun + 60)
    alarm.by(begun + 0.02)
    alarm.by(begun + 30)
    due_at = alarm.due_at
    alarm.by(None)
    await until(lambda: bool(rang), "it rings")
    assert due_at == begun + 0.02
    assert alarm.due_at is None
    assert len(rang) == 1


async def test_who_may_not_act_waits_until_he_may() -> None:
    asked: list[bool] = []
    rang: list[int] = []

    def may() -> bool:
        asked.append(len(asked) > 1)
        return asked[-1]

    alarm = Alarm(lambda: rang.append(len(asked)), may, lambda: 0.0)
    alarm.by(0.0)
    await until(lambda: bool(rang), "it rings")
    assert rang == [3]


async def test_what_is_stopped_does_not_ring() -> None:
    rang: list[int] = []
    alarm = Alarm(lambda: rang.append(1), lambda: True, lambda: 0.0)
    alarm.by(0.0)
    alarm.stop()
    later = asyncio.Event()
    Alarm(later.set, lambda: True, lambda: 0.0).by(0.01)
    await later.wait()
    assert rang == []
