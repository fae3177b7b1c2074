"""Whether events can be stored, as desks and administrator hear of it."""

from collections.abc import Callable
from datetime import datetime

from ctibridge.delivery.desks import Desks
from ctibridge.domain.notice import Notice
from ctibridge.flow.announcing import Announcing
from ctibridge.health import Health


class Storing:
    """deliver, now: as in `Announcing`."""

    def __init__(self, desks: Desks, health: Health, deliver: Callable[[], None], now: Callable[[], datetime]) -> None:
        self._desks = desks
        self._health = health
        self._announcing = Announcing(desks, deliver, now)

    def heard(self, live_only: bool, why: str) -> None:
        """The outbox can write no more, or can again."""
        if live_only:
            notice = Notice("live_only", "Events cannot be stored now: what is missed now cannot be sent again.")
            self._health.ill("outbox", f"events cannot be stored: {why}")
        else:
            notice = Notice("stored_again", "Events are stored again.")
            self._health.well("outbox")
        self._desks.live_only = live_only
        self._announcing.say(notice)

    def stop(self) -> None:
        self._announcing.stop()
