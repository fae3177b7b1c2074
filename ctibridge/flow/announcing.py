"""What everybody has to know: told at every desk where somebody is, in pieces, between which calls are heard."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from ctibridge.delivery.desks import Desks
from ctibridge.domain.notice import Notice

TOLD_AT_ONCE = 200
"""Desks, some ten milliseconds: calls wait for no more of them, where there are ten thousand."""


class Announcing:
    """Of one matter, such as whether events can be stored. deliver: carries out what the desks have to say; now: aware
    UTC."""

    def __init__(self, desks: Desks, deliver: Callable[[], None], now: Callable[[], datetime]) -> None:
        self._desks = desks
        self._deliver = deliver
        self._now = now
        self._telling: asyncio.Task[None] | None = None

    def say(self, notice: Notice) -> None:
        """Who has not heard yet what was said before need not hear it any more."""
        self.stop()
        telling = tell_all(self._desks, notice, self._now(), self._deliver)
        self._telling = asyncio.get_running_loop().create_task(telling)

    def stop(self) -> None:
        if self._telling is not None:
            self._telling.cancel()


async def tell_all(desks: Desks, notice: Notice, at: datetime, deliver: Callable[[], None]) -> None:
    """At every desk where somebody is. deliver: carries out what the desks have to say."""
    for count, agent in enumerate(desks.here(), 1):
        desks.notice(agent, notice, at)
        if count % TOLD_AT_ONCE == 0:
            deliver()
            await asyncio.sleep(0)
    deliver()
