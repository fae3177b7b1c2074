"""Whether events can be stored, as desks and administrator hear of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from ctibridge.delivery.desks import Desks
from ctibridge.domain.notice import Notice
from ctibridge.flow.upkeep import tell_all
from ctibridge.health import Health


class Storing:
    """deliver: carries out what the desks have to say; now: aware UTC."""

    def __init__(self, desks: Desks, health: Health, deliver: Callable[[], None], now: Callable[[], datetime]) -> None:
        self._desks = desks
        self._health = health
        self._deliver = deliver
        self._now = now
        self._telling: asyncio.Task[None] | None = None

    def heard(self, live_only: bool, why: str) -> None:
        """The outbox can write no more, or can again."""
        if live_only:
            notice = Notice("live_only", "Events cannot be stored now: what is missed now cannot be sent again.")
            self._health.ill("outbox", f"events cannot be stored: {why}")
        else:
            notice = Notice("stored_again", "Events are stored again.")
            self._health.well("outbox")
        self._desks.live_only = live_only
        self.stop()  # who has not heard that it fails need not hear it when it works again
        telling = tell_all(self._desks, notice, self._now(), self._deliver)
        self._telling = asyncio.get_running_loop().create_task(telling)

    def stop(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
