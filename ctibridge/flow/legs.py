"""What each node has told of its lines: the legs that go on, and how each line stands with it.

In: its facts. Out: what follows for all when it goes away. Pure bookkeeping for `crossing.py`.
"""

from dataclasses import dataclass, field

from ctibridge.sip.events import (
    Answered,
    Event,
    Hearing,
    LineChanged,
    LineGone,
    PickedUp,
    RingEnd,
    RingEnded,
    RingStarted,
)

MOST_LEGS = 20_000
"""Of one node, as many as its calls; the oldest goes first and ends as unknown."""
_BEST = (Hearing.REGISTERED, Hearing.ALONE, Hearing.DEAF, Hearing.REGISTERING)
"""A line stands as the node with which it stands best; one that has just begun with it says least."""

Who = tuple[str, str]
"""A node and its incarnation."""
Line = tuple[str, str]


@dataclass(slots=True)
class Told:
    """By one node. legs: each as it began, and whether it is talked on."""

    legs: dict[str, RingStarted | PickedUp] = field(default_factory=dict)
    talks: set[str] = field(default_factory=set)
    lines: dict[Line, LineChanged] = field(default_factory=dict)

    def hear(self, event: Event) -> list[Event]:
        """Returns what is given up for it."""
        match event:
            case RingStarted() | PickedUp():
                self.legs[event.leg] = event
                if len(self.legs) > MOST_LEGS:
                    return self.over([next(iter(self.legs))])
            case Answered() if event.leg in self.legs:
                self.talks.add(event.leg)
            case RingEnded():
                self.over([event.leg])
            case LineChanged():
                self.lines[event.trunk, event.line] = event
            case LineGone():
                self.lines.pop((event.trunk, event.line), None)
        return []

    def over(self, legs: list[str]) -> list[Event]:
        """These are not heard any more. Returns their ends, of those that went on."""
        ended = [leg for leg in legs if self.legs.pop(leg, None) is not None]
        self.talks.difference_update(legs)
        return [RingEnded(leg, RingEnd.UNSEEN) for leg in ended]

    def forget(self) -> None:
        """The others took these legs for ended: they are not told of them again as if they had just begun."""
        self.legs.clear()
        self.talks.clear()

    def again(self) -> list[Event]:
        """All of it, for whoever did not hear it."""
        said: list[Event] = list(self.lines.values())
        for leg, began in self.legs.items():
            said.append(began)
            if leg in self.talks and isinstance(began, RingStarted):
                said.append(Answered(leg))
        return said


class Legs:
    def __init__(self) -> None:
        self._told: dict[Who, Told] = {}

    def of(self, who: Who) -> Told:
        return self._told.setdefault(who, Told())

    def nodes(self) -> list[Who]:
        return list(self._told)

    def gone(self, who: Who) -> list[Event]:
        """It tells nothing any more: its legs end as unknown, its lines stand as the others have them, and are deaf
        where there is none."""
        told = self._told.pop(who, None)
        if told is None:
            return []
        ended = told.over(list(told.legs))
        lines = [self.stands(line, LineChanged(*line, Hearing.DEAF, "its node is gone")) for line in told.lines]
        return [*ended, *lines]

    def line(self, event: LineChanged | LineGone) -> LineChanged | LineGone:
        """How the line stands now that one of them has said this."""
        return self.stands((event.trunk, event.line), event)

    def stands(self, line: Line, otherwise: LineChanged | LineGone) -> LineChanged | LineGone:
        found = [told.lines[line] for told in self._told.values() if line in told.lines]
        return min(found, key=lambda one: _BEST.index(one.hearing), default=otherwise)
