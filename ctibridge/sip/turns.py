"""Who may ask the registrar next: one after the other, never in a burst, and with care after a wrong password.

In: who wants to ask, what came of it, time. Out: whose turn it is.
"""

from typing import Generic, TypeVar

IN_FLIGHT = 16
"""Requests of one trunk on the way at once: a PBX that just came back has other work, too."""
PACE = 0.02
"""Seconds between two turns: a thousand lines register in 20 s."""
CARE = 60.0
"""Seconds after a wrong password in which only those ask whose password was accepted before: a file full of wrong
passwords, or one observer's for all lines, is no burst for fail2ban."""

T = TypeVar("T")


class Turns(Generic[T]):
    """Each waits at most once, in order. Until a password was accepted, those who have yet to prove theirs go one at a
    time. hurry: no pace, for the two seconds of signing off."""

    def __init__(self) -> None:
        self.hurry = False
        self._waiting: dict[T, None] = {}
        self._accepted: set[T] = set()
        self._trusted = False
        self._trying: T | None = None
        self._next_at = 0.0
        self._care_until = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def wait(self, who: T) -> None:
        self._waiting[who] = None

    def clear(self) -> None:
        self._waiting.clear()

    def accepted(self, who: T) -> None:
        """The registrar took its password, or asked for none."""
        self._accepted.add(who)
        self._trusted = True
        self.done(who)

    def wrong_password(self, who: T, now: float) -> None:
        self._accepted.discard(who)
        self._trusted = False
        self._care_until = now + CARE
        self.done(who)

    def done(self, who: T) -> None:
        """Its turn is over, whatever came of it."""
        if self._trying == who:
            self._trying = None

    @property
    def deadline(self) -> float | None:
        """When `take` has something for whoever waits; None where nobody does, or all wait for somebody's word."""
        if not self._waiting:
            return None
        if self.hurry or self._any_accepted():
            return self._next_at
        return None if self._trying is not None else max(self._next_at, self._care_until)

    def take(self, now: float) -> T | None:
        """Whose turn it is; he has to come again for the next."""
        deadline = self.deadline
        if deadline is None or (now < deadline and not self.hurry):
            return None
        free = self.hurry or (now >= self._care_until and self._trying is None)
        who = next(each for each in self._waiting if free or each in self._accepted)
        del self._waiting[who]
        self._next_at = now + PACE
        if who not in self._accepted and not self._trusted and not self.hurry:
            self._trying = who
        return who

    def _any_accepted(self) -> bool:
        return any(who in self._accepted for who in self._waiting)
