"""Never harm a line: our contact stays only beside another device (contract: *Never harm a line*).

Many PBXs allow one contact for a line and throw the older one off: the REGISTER that makes us hear makes the agent's
phone deaf. So one line of a trunk goes first. Only when the registrar lists another contact beside ours do the others
follow. A line found alone stays away for ten minutes, then twice as long, up to four hours.
"""

from dataclasses import dataclass

FIRST_AWAY = 600.0
"""Seconds that a line stays away after it was found alone."""
LONGEST_AWAY = 4 * 3600.0
NEXT_PILOT = 60.0
"""Seconds after a refused pilot before the next one goes: a trunk full of wrong passwords is no burst for fail2ban."""

PILOT_TRIES = 5
"""Answers that do not take the pilot, over half a minute, before the next one goes."""


@dataclass(slots=True)
class _Place:
    may: bool = False
    away_until: float | None = None
    away_for: float = FIRST_AWAY


class Neighbours:
    """Which lines of one trunk may register. leave: False for `alone = "stay"`, where nobody is asked.

    Before the trunk is proven there is one pilot at a time and one pause for all; lines that were refused try on by
    themselves, and must not bring on more pilots when they get in.
    """

    def __init__(self, lines: tuple[str, ...], *, leave: bool) -> None:
        self._deadline: float | None = None
        self._stale = False
        self._places = {line: _Place(may=not leave) for line in lines}
        self._leave = leave
        self._proven = not leave
        self._pilot: str | None = None  # on its way, without a word from the registrar
        self._pilot_at: float | None = None
        self._failures = 0  # of this pilot
        self._pause = FIRST_AWAY
        self._turn = 0

    @property
    def deadline(self) -> float | None:
        """When `wake` has a line; None for never."""
        if self._stale:  # kept, because it is asked after each datagram and changes a few times a day
            times = (self._pilot_at, *(place.away_until for place in self._places.values()))
            self._deadline = min((time for time in times if time is not None), default=None)
            self._stale = False
        return self._deadline

    def first(self) -> list[str]:
        """The lines that register at start: all, or the pilot alone."""
        return list(self._places) if self._proven else self._send_pilot()

    def add(self, line: str) -> list[str]:
        """A new line. The lines that may register now: it, or the pilot where none is on its way."""
        self._places[line] = _Place(may=self._proven)
        if self._proven:
            return [line]
        return self._send_pilot() if self._pilot is None and self._pilot_at is None else []

    def mend(self, line: str) -> bool:
        """It has another password: may it register now? Before the trunk is proven one line at a time does, however
        many were refused before and tried on by themselves."""
        if self._proven or line == self._pilot:
            return self.may(line)
        pauses = self.was_alone and self._pilot_at is not None
        self._places[line].may = self._pilot is None and not pauses
        if self._places[line].may:
            self._pilot, self._failures, self._pilot_at = line, 0, None
            self._reckon()
        return self._places[line].may

    def remove(self, line: str, now: float) -> None:
        """It is none of the lines any more. Where it was the pilot, the next one goes at once: see `wake`."""
        place = self._places.pop(line)
        if line == self._pilot and not self._proven:
            self._next_pilot(now)
        elif place.away_until is not None:
            self._reckon()

    @property
    def was_alone(self) -> bool:
        """A line was found alone, and nobody with another device since."""
        return not self._proven and self._pause > FIRST_AWAY

    def registered(self, line: str, others: int, now: float) -> tuple[bool, list[str]]:
        """After each 200: must this line leave, and which others may register now?"""
        if not self._leave:
            return False, []
        if others == 0:
            self._stay_away(line, now)
            return True, []
        self._places[line].away_for = FIRST_AWAY
        newly_proven, self._proven = not self._proven, True
        return False, self._release() if newly_proven else []

    def may(self, line: str) -> bool:
        """May it register now? Who stays away may be asked to for many reasons, and must not."""
        place = self._places[line]
        return place.may and place.away_until is None

    def refused(self, line: str, now: float) -> None:
        """The registrar does not want this line (password, 403, 404): where it is the pilot, the next one goes soon."""
        if line == self._pilot and not self._proven:
            self._next_pilot(now + NEXT_PILOT)

    def failed(self, line: str, now: float) -> None:
        """The registrar answers and does not take it, which may pass (500, 503). Where it does not, the pilot gives way
        to the next one, or all the others would wait for a line that is out of order."""
        if line != self._pilot or self._proven:
            return
        self._failures += 1
        if self._failures >= PILOT_TRIES:
            self._places[line].may = False
            self._next_pilot(now + NEXT_PILOT)

    def wake(self, now: float) -> list[str]:
        """The lines that may try again now. Before the trunk is proven, the next line is the pilot: a phone that is
        switched off for its owner's holidays must not keep all the others waiting."""
        if self.deadline is None or self.deadline > now:
            return []
        back = [line for line, p in self._places.items() if p.away_until is not None and p.away_until <= now]
        for line in back:
            self._places[line].away_until = None
        if self._pilot_at is not None and self._pilot_at <= now:
            self._pilot_at = None
        self._reckon()
        return back if self._proven else self._send_pilot()

    def held(self) -> list[str]:
        """Lines that wait for the pilot's word."""
        return [line for line, place in self._places.items() if not place.may]

    def _send_pilot(self) -> list[str]:
        """The next line in turn that is not on its way by itself."""
        lines = list(self._places)
        for _ in lines:
            line = lines[self._turn % len(lines)]
            self._turn += 1
            if not self._places[line].may:
                self._pilot, self._failures = line, 0
                self._places[line].may = True
                return [line]
        return []

    def _release(self) -> list[str]:
        waiting = [line for line, place in self._places.items() if not place.may or place.away_until is not None]
        for line in waiting:
            self._places[line].may, self._places[line].away_until = True, None
        self._pilot_at = None
        self._reckon()
        return waiting

    def _stay_away(self, line: str, now: float) -> None:
        place = self._places[line]
        if self._proven:
            place.away_until = now + place.away_for
            place.away_for = min(2 * place.away_for, LONGEST_AWAY)
            self._reckon()
            return
        # The trunk as a whole waits: the next pilot inherits the longer pause.
        place.may = False
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_AWAY)
        if self._pilot == line or self._pilot is None:
            self._next_pilot(now + pause)

    def _next_pilot(self, at: float) -> None:
        self._pilot, self._pilot_at = None, at
        self._reckon()

    def _reckon(self) -> None:
        """At the next question: ten thousand lines that go together are one change."""
        self._stale = True
