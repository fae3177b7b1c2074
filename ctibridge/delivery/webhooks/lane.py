"""One desk as one receiver hears it: event by event, in order, or a stated loss.

Comes in: where the desk stands, what became of an event. Goes out: which events are wanted next, what has to be stated
before the next one, and the cursor as it may be kept: with a loss that was not stated yet, it is the one before it.
"""

from dataclasses import dataclass

from ctibridge.delivery.kept import Stand
from ctibridge.delivery.webhooks.cursor import Cursor, Position, Told
from ctibridge.delivery.wire_webhook import Why

AT_ONCE = 20
"""Events in one read."""
MOST_TRIES = 5
"""Of one event that the receiver refuses while it takes others."""


@dataclass(frozen=True, slots=True)
class Gap:
    """after, now: the last event before, and the first one behind. events: how many, None where nobody knows."""

    after: Position
    now: Position
    why: Why
    events: int | None


class Lane:
    """tries: of the next request."""

    def __init__(self, agent: str, cursor: Cursor) -> None:
        self.agent = agent
        self.cursor = cursor
        self.gap: Gap | None = None
        self.tries = 0
        self.left = False
        """Another node goes on with this desk."""

    def follow(self, stand: Stand) -> None:
        """What cannot be read any more is lost."""
        if self.cursor.epoch != stand.epoch:
            self._lost("restarted", Position(stand.epoch, stand.floor), None)
            self.cursor.epoch, self.cursor.sequence = stand.epoch, stand.floor - 1
        elif self.cursor.sequence + 1 < stand.floor:
            self._lose("dropped", stand.floor - 1)

    def wants(self, stand: Stand, at_once: int = AT_ONCE) -> tuple[int, int]:
        """after, until: of the next read; the same where there is nothing to read."""
        after = self.cursor.sequence
        return after, max(after, min(stand.stored, after + at_once))

    def is_behind(self, stand: Stand) -> bool:
        return self.cursor.epoch != stand.epoch or self.cursor.sequence < stand.stored

    def passed(self, sequence: int, call: str | None = None, told: Told | None = None, *, sent: bool = False) -> None:
        """This event is done with. told: as of its call the receiver knows it from now on."""
        self.cursor.sequence = sequence
        self.cursor.sent += sent
        self.tries = 0
        if call is not None and told is not None:
            self.cursor.tell(call, told)

    def lose(self, sequence: int, why: Why) -> None:
        """This event will not be sent."""
        self._lose(why, sequence)

    def refused(self) -> bool:
        """True: often enough."""
        self.tries += 1
        return self.tries >= MOST_TRIES

    def stated(self) -> None:
        """The receiver knows of the loss."""
        self.gap, self.tries = None, 0

    def _lose(self, why: Why, sequence: int) -> None:
        events = sequence - self.cursor.sequence
        self._lost(why, Position(self.cursor.epoch, sequence + 1), events)
        self.passed(sequence)

    def _lost(self, why: Why, now: Position, events: int | None) -> None:
        """Behind another loss that was not stated yet, both are one."""
        self.tries = 0
        before = self.gap
        if before is None:
            self.gap = Gap(Position(self.cursor.epoch, self.cursor.sequence), now, why, events)
            return
        both = None if before.events is None or events is None else before.events + events
        self.gap = Gap(before.after, now, before.why, both)
