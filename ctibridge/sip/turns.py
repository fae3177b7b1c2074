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

MOST_DOUBTS = 3
"""Wrong passwords in a row, of those whose password was accepted before, until nobody's counts as known: the PBX has
other ones now, and all lines would ask with the old ones."""

T = TypeVar("T")


class Turns(Generic[T]):
    """Each waits at most once, in order, but those whose password was accepted go before the others. Those who have yet
    to prove theirs go one at a time, and twice as many with each that was accepted. hurry: no pace, for the two seconds
    of signing off."""

    def __init__(self) -> None:
        self.hurry = False
        self._known: dict[T, None] = {}
        self._mended: dict[T, None] = {}
        self._unknown: dict[T, None] = {}
        self._accepted: set[T] = set()
        self._doubts = 0
        self._room = 1
        self._trying: set[T] = set()
        self._next_at = 0.0
        self._care_until = 0.0

    def __len__(self) -> int:
        return len(self._known) + len(self._mended) + len(self._unknown)

    def wait(self, who: T) -> None:
        if who not in self._mended:
            (self._known if who in self._accepted else self._unknown)[who] = None

    def mend(self, who: T) -> None:
        """Its password was changed by hand. It waits before those who have yet to prove theirs, and not for the end of
        the care that an earlier one brought on; the next wrong one holds it back, too, so one goes first."""
        self.forget(who)
        self._room = 1
        self._mended[who] = None

    def forget(self, who: T) -> None:
        """It waits no longer, and nothing is known of its password."""
        self._unqueue(who)
        self._accepted.discard(who)
        self._trying.discard(who)

    def clear(self) -> None:
        for waiting in (self._known, self._mended, self._unknown):
            waiting.clear()

    def accepted(self, who: T) -> None:
        """The registrar took its password, or asked for none."""
        self._room, self._doubts = min(2 * self._room, IN_FLIGHT), 0
        self._accepted.add(who)
        self._file_anew(who)
        self.done(who)

    def wrong_password(self, who: T, now: float) -> None:
        self._room = 1
        self._care_until = now + CARE
        self._mended, self._unknown = {}, self._mended | self._unknown
        self._doubts += who in self._accepted
        if self._doubts >= MOST_DOUBTS:
            self._accepted.clear()
            self._known, self._unknown = {}, self._known | self._unknown
        self.doubt(who)
        self.done(who)

    def doubt(self, who: T) -> None:
        """Its password was refused when somebody else showed it."""
        self._accepted.discard(who)
        self._file_anew(who)

    def done(self, who: T) -> None:
        """Its turn is over, whatever came of it."""
        self._trying.discard(who)

    @property
    def deadline(self) -> float | None:
        """When `take` has something for whoever waits; None where nobody does, or all wait for somebody's word."""
        unproved = self._mended or self._unknown
        if self._known or (self.hurry and unproved):
            return self._next_at
        if not unproved or len(self._trying) >= self._room:
            return None
        return self._next_at if self._mended else max(self._next_at, self._care_until)

    def take(self, now: float) -> T | None:
        """Whose turn it is; he has to come again for the next."""
        deadline = self.deadline
        if deadline is None or (now < deadline and not self.hurry):
            return None
        waiting = self._known or self._mended or self._unknown
        who = next(iter(waiting))
        del waiting[who]
        self._next_at = now + PACE
        if waiting is not self._known:
            self._trying.add(who)
        return who

    def _file_anew(self, who: T) -> None:
        if self._unqueue(who):
            self.wait(who)

    def _unqueue(self, who: T) -> bool:
        """Did it wait?"""
        queues = [queue for queue in (self._known, self._mended, self._unknown) if who in queue]
        for queue in queues:
            del queue[who]
        return bool(queues)
