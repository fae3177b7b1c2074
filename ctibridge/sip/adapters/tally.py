"""What happens often is said seldom: a flood must not fill the log."""

PAUSE = 60.0
"""Seconds between two words about the same thing."""
_THINGS = 64


class Tally:
    """A counter that only grows."""

    def __init__(self) -> None:
        self._said = 0
        self._next = float("-inf")

    def grown(self, count: int, now: float) -> int:
        """By how much since it was last said; 0 where that is nothing, or was said a moment ago."""
        grown = count - self._said
        if grown <= 0 or now < self._next:
            return 0
        self._said, self._next = count, now + PAUSE
        return grown


class Complaints:
    """The same complaint about the same thing is worth a line a minute, another one at once."""

    def __init__(self) -> None:
        self._said: dict[object, tuple[str, float]] = {}

    def worth(self, thing: object, what: str, now: float) -> bool:
        said, until = self._said.get(thing, ("", now))
        if what == said and now < until:
            return False
        if len(self._said) >= _THINGS:
            self._said.clear()
        self._said[thing] = (what, now + PAUSE)
        return True
