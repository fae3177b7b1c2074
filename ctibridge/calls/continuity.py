"""Which earlier call a new one continues, by what evidence (contract: *Internal*).

A line's recent calls are remembered in number and time. Evidence, strongest first:

* the signalling says so: `Referred-By` a line of ours, `Replaces` a dialog that we know;
* the caller is a line that has, or had within 60 s, a call;
* timing: the same caller, whom dialog-info saw leaving another line at most two seconds ago;
* or who is still talked with on another line, and rings at a line that nobody but a colleague would give him.

**When does a line have a call?** With dialog-info that is seen. Without it, a call that ended *answered elsewhere* may
still be talked on, and nobody knows until when. If it rang at this line alone, this line's phone has it (or somebody
picked it up, which the PBX did not say): it counts for as long as a talk may last, because an attended transfer often
comes after many minutes, and what it shows is named as that line's call and no more. If it rang at several lines, one
of them has it and the others do not: it counts for the 60 seconds of the contract only, since later it would name the
wrong one more often than not.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ctibridge.calls.at_line import SIBLING_WINDOW, AtLine
from ctibridge.calls.attempt import Attempt
from ctibridge.calls.facts import Continues, LegRang
from ctibridge.calls.keys import plain, same_number
from ctibridge.calls.views import View
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Presentation
from ctibridge.domain.hand_over import HandOverKind

HAD_WITHIN = 60.0
"""Seconds for which a line still *had* a call."""
TALKS_AT_MOST = 30 * 60.0
"""Seconds for which a call that nobody sees may still be talked on."""
LEFT_WITHIN = 2.0
"""Seconds between leaving one line and ringing at the next, without a word of the PBX: quicker than anybody dials."""
KEPT = 8
"""Calls remembered for a line; a phone has fewer keys."""
KEPT_LEFT = 64
KEPT_RECENT = 256
"""Calls of all lines among which one that is picked up is looked for, at each call that a line makes."""


@dataclass(frozen=True, slots=True)
class Past:
    """One call at one line: as it is now, not as it was."""

    attempt: Attempt
    at: AtLine

    def calls(self, caller: str | None) -> bool:
        raw = self.attempt.signalled.raw
        return caller is not None and raw is not None and plain(raw.value) == plain(caller)

    def may_be_picked(self, caller: str, clock: float) -> bool:
        """It rings, or has just stopped, and nobody is known to have taken it."""
        fresh = self.at.rings or (self.at.outcome is not None and clock - self.at.over_clock <= SIBLING_WINDOW)
        return fresh and self.attempt.taker is None and self.calls(caller)


class Trail:
    """The recent calls of each line, and those that have just been hung up."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], deque[Past]] = {}
        self._left: deque[Past] = deque(maxlen=KEPT_LEFT)
        self._recent: deque[Past] = deque(maxlen=KEPT_RECENT)

    def note(self, attempt: Attempt, at: AtLine) -> None:
        past = Past(attempt, at)
        self._lines.setdefault((attempt.trunk, at.line), deque(maxlen=KEPT)).appendleft(past)
        self._recent.appendleft(past)

    def left(self, attempt: Attempt, at: AtLine) -> None:
        """The line's phone hung up, or handed on."""
        self._left.appendleft(Past(attempt, at))

    def attempts(self) -> set[Attempt]:
        """All that are remembered."""
        return {past.attempt for pasts in (*self._lines.values(), self._left, self._recent) for past in pasts}

    def of_line(self, trunk: str, line: str, clock: float) -> Iterator[Past]:
        """Newest first."""
        past = self._lines.get((trunk, line))
        while past and past[-1].at.outcome is not None and clock - past[-1].at.over_clock > TALKS_AT_MOST:
            past.pop()
        yield from past or ()

    def falls_silent(self, teller: str, line: tuple[str, str] | None) -> None:
        """One of our nodes hears this line (its trunk and user) no more; None: no line."""
        for pasts in self._lines.values() if line is None else (self._lines.get(line, ()),):
            for past in pasts:
                past.at.falls_silent(teller)

    def recent(self, trunk: str) -> Iterator[Past]:
        """At all lines of a trunk, newest first; not more than a large desk has at one moment."""
        return (past for past in self._recent if past.attempt.trunk == trunk)

    def continues(
        self, attempt: Attempt, leg: LegRang, replaced: Attempt | None, clock: float, his: Iterable[Attempt] = ()
    ) -> Continues | None:
        """replaced: the call whose dialog the leg's Replaces names; his: other calls of this caller."""
        if leg.external or leg.signalled.presentation is Presentation.RESTRICTED:
            return None  # nobody outside hands a call on, and who wants to stay unknown does
        raw = leg.signalled.raw
        caller = None if raw is None else raw.value
        referrer = leg.referred_by
        first = None if referrer is None else self._of(attempt, leg, referrer, caller, clock)
        if referrer is not None and first is not None and _may_be_handed_on(first, referrer, caller):
            kind = HandOverKind.ATTENDED if leg.replaces else HandOverKind.BLIND
            return _continues(first, kind, referrer)
        if replaced is not None and replaced is not attempt:
            kind = HandOverKind.PICKUP if replaced.rings else HandOverKind.ATTENDED
            return taken_over(replaced, kind)
        if caller is not None and (first := self._of(attempt, leg, caller, None, clock)):
            return _continues(first, HandOverKind.INTERNAL, caller)
        if caller is not None and (first := self._just_left(attempt, leg, caller, clock) or _sent_on(leg, his)):
            return _continues(first, HandOverKind.BLIND, first.at.line)
        return None

    def _of(self, attempt: Attempt, leg: LegRang, line: str, caller: str | None, clock: float) -> Past | None:
        """The call that this line has or had: the caller's own, if it had one of his, else the one it most likely talks
        on, the newest of several."""
        if line == leg.line:
            return None
        had = [
            (rank, past)
            for past in self.of_line(leg.trunk, line, clock)
            if past.attempt is not attempt and (rank := _rank(past, clock)) is not None
        ]
        ranked = sorted(had, key=lambda one: (not one[1].calls(caller), one[0]))
        return ranked[0][1] if ranked else None

    def _just_left(self, attempt: Attempt, leg: LegRang, caller: str, clock: float) -> Past | None:
        for past in self._left:
            if clock - past.at.over_clock > LEFT_WITHIN:
                return None
            other = past.attempt is not attempt and past.at.line != leg.line and past.attempt.trunk == leg.trunk
            if other and past.calls(caller):
                return past
        return None


def _sent_on(leg: LegRang, his: Iterable[Attempt]) -> Past | None:
    """Behind a proxy a transfer is made by the caller's own telephone: it calls the next line while it still talks on
    the first, and a proxy's dialog-info has no word for that. Only who calls the line itself was sent there: another
    one from the same switchboard calls a service number. Who does not tell Call-IDs (Asterisk) is no proxy, and to it
    all that rings was called by the line."""
    if leg.view is not View.DIALOG_INFO or not leg.dialog[0] or not leg.signalled.called:
        return None
    if any(number.value != leg.line for number in leg.signalled.called):
        return None
    talks = (Past(one, at) for one in his for at in one.lines.values() if at.holds and at.line != leg.line)
    return next(talks, None)


def _may_be_handed_on(first: Past, by: str, caller: str | None) -> bool:
    """Anybody can write Referred-By: a number that rings has to be that of the one who is handed on, or of the one who
    hands him on. A word is no number: some PBXs write the trunk's name."""
    known = first.attempt.signalled.raw
    if caller is None or known is None or not plain(caller).isdecimal():
        return True
    return same_number(caller, by) or same_number(caller, known.value)


def taken_over(first: Attempt, kind: HandOverKind) -> Continues:
    """A dialog of this call is replaced: it was picked up while it rang, or transferred after it was answered."""
    line = first.taker.line if first.taker is not None else next(iter(first.lines))
    if first.continues is not None and kind is HandOverKind.ATTENDED:
        # What is replaced is the question beforehand, in which a colleague spoke to the next desk.
        line = first.continues.line
    return Continues(kind, line, first.first_id, first.first_signalled, first.behind_first)


def _continues(past: Past, kind: HandOverKind, line: str) -> Continues:
    first = past.attempt
    return Continues(kind, line, first.first_id, first.first_signalled, first.behind_first)


def _rank(past: Past, clock: float) -> int | None:
    """0: it talks; 1: it may talk, or has just hung up; 2: it rings, or rang; None: that is over."""
    at, attempt = past.at, past.attempt
    if at.holds:
        return 0
    if at.outcome is None:
        return 2
    age = clock - at.over_clock
    if at.outcome is Outcome.ANSWERED_ELSEWHERE and not at.views.watched:
        alone = len(attempt.lines) == 1
        return 1 if age <= (TALKS_AT_MOST if alone else HAD_WITHIN) else None
    if age > HAD_WITHIN or attempt.taker not in {None, at}:
        return None
    return 1 if at.outcome is Outcome.ANSWERED_HERE else 2
