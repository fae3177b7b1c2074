"""`joining/seldom.py`: asked for often, done now and then, and never not at all."""

import asyncio

from ctibridge.joining.seldom import Seldom
from tests.peers.process import until


async def test_at_once_then_once_for_all_that_asked_meanwhile() -> None:
    done: list[float] = []
    now = asyncio.get_running_loop().time
    seldom = Seldom(lambda: done.append(now()), 0.05)
    for _ in range(50):
        seldom()
    assert len(done) == 1
    await until(lambda: len(done) == 2, "once more", 5)
    assert done[1] - done[0] >= 0.04
    seldom()
    seldom.stop()
    assert len(done) == 2
