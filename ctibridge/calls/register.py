"""Which known call a leg belongs to: by what is certain, by the line where its other view rings, by what is likely."""

from collections.abc import Iterable
from itertools import islice

from ctibridge.calls import keys
from ctibridge.calls.at_line import AtLine
from ctibridge.calls.attempt import Attempt
from ctibridge.calls.continuity import Past, Trail
from ctibridge.calls.facts import Continues, LegPicked, LegRang
from ctibridge.calls.keys import Key
from ctibridge.calls.views import View
from ctibridge.domain.caller import Signalled

SAME_DESK_WINDOW = 2.0
"""Seconds within which legs of one desk with the same caller and called number are one call."""
KEPT_IDS = 4096
"""Call-IDs of calls that are over, perhaps: a transfer names its dialog."""
ROUND_WINDOW = 60.0
"""Seconds after its last leg within which a call may come back."""
LATE_FORK = 32.0
"""Seconds for which an INVITE that was lost is sent again (64 T1, RFC 3261 17.1.1.2). So late may a fork ring of a call
that was answered at another one meanwhile."""
LATE_WORD = 30.0
"""Seconds after its end for which another of our nodes may tell of a ringing: it was held up, or in a queue."""
AT_ONCE = 16
"""Calls of one number that are looked through for the one that he is handed on from: who has more is no person."""


class Register:
    """Holds what rings, is talked on, or may come back; and the trail of what was."""

    def __init__(self) -> None:
        self.trail = Trail()
        self._by_key: dict[Key, Attempt] = {}
        self._by_past_id: dict[Key, Attempt] = {}
        self._by_caller: dict[Key, dict[Attempt, None]] = {}

    def attempts(self) -> Iterable[Attempt]:
        return self._by_key.values()

    def remember(self, attempt: Attempt, leg: LegRang, agents: frozenset[str]) -> None:
        for key in (*keys.own(leg), *keys.pairs(leg, agents)):
            attempt.keys.add(key)
            self._by_key[key] = attempt
        if leg.dialog[0]:
            attempt.call_ids.add(leg.dialog[0])
            self._by_past_id[keys.of_call_id(leg.trunk, leg.dialog[0])] = attempt
            if len(self._by_past_id) > KEPT_IDS:
                del self._by_past_id[next(iter(self._by_past_id))]
        if caller := _caller(attempt):
            attempt.keys.add(caller)
            self._by_caller.setdefault(caller, {})[attempt] = None

    def forget(self, attempt: Attempt) -> None:
        for key in attempt.keys:
            if self._by_key.get(key) is attempt:
                del self._by_key[key]
            if (callers := self._by_caller.get(key)) is not None:
                callers.pop(attempt, None)
                if not callers:
                    del self._by_caller[key]

    def erase(self, attempt: Attempt, nobody: Signalled) -> None:
        """Nothing says any more who called. By its dialogs it is found as before."""
        told = {key for key in attempt.keys if key[0] in keys.OF_CALLERS}
        for key in told:
            if self._by_key.get(key) is attempt:
                del self._by_key[key]
            if (callers := self._by_caller.get(key)) is not None:
                callers.pop(attempt, None)
                if not callers:
                    del self._by_caller[key]
        attempt.keys -= told
        attempt.signalled, attempt.continues = nobody, None

    def kin(self, attempt: Attempt) -> list[Attempt]:
        """Other desks' calls that may be this one: where a PBX gives no Call-ID (Asterisk's dialog-info), the lines of
        a ring group have only the caller and the moment in common."""
        if attempt.call_ids or not (caller := _caller(attempt)):
            return []
        moment = attempt.rang_clock
        return [
            one
            for one in self._by_caller.get(caller, ())
            if one is not attempt and not one.call_ids and abs(one.rang_clock - moment) <= SAME_DESK_WINDOW
        ]

    def find(self, leg: LegRang, agents: frozenset[str], clock: float) -> Attempt | None:
        """By what the legs have in common; else the other view of what rings at this very line; else by caller and
        called number, this desk's own calls first."""
        for key in keys.certain(leg):
            if (attempt := self._by_key.get(key)) is not None:
                return attempt
        if (sibling := self._sibling(leg, clock) or self._twin(leg, clock)) is not None:
            return sibling
        for key in keys.pairs(leg, agents):
            attempt = self._by_key.get(key)
            if attempt is not None and _goes_on(attempt, leg, agents, clock):
                return attempt
        return self._late_fork(leg, clock)

    def late(self, leg: LegRang, clock: float) -> AtLine | None:
        """The ringing at this line that is over, of which one more of our nodes tells only now. A line may have had
        more calls since than its trail has."""
        own = self._of_call_id(leg.trunk, leg.dialog[0]) if leg.dialog[0] else None
        at = None if own is None or own.keys.isdisjoint(keys.certain(leg)) else own.lines.get(leg.line)
        if own is not None and at is not None and _is_late(own, at, leg) and clock - at.over_clock <= LATE_WORD:
            return at
        for past in self.trail.of_line(leg.trunk, leg.line, clock):
            if not _is_late(past.attempt, past.at, leg):
                continue
            same = not past.attempt.keys.isdisjoint(keys.certain(leg))
            if clock - past.at.over_clock <= (LATE_WORD if same else SAME_DESK_WINDOW) and (same or _alike(past, leg)):
                return past.at
        return None

    def _twin(self, leg: LegRang, clock: float) -> Attempt | None:
        """What another of our nodes told of this very ringing, where the PBX gives each contact its own Call-ID. Of
        several the oldest: each node tells them in their order."""
        for past in reversed(list(self.trail.of_line(leg.trunk, leg.line, clock))):
            young = past.at.rings and clock - past.at.rang_clock <= SAME_DESK_WINDOW
            if young and past.at.is_new_to(leg.view, leg.teller) and _alike(past, leg):
                return past.attempt
        return None

    def _late_fork(self, leg: LegRang, clock: float) -> Attempt | None:
        """Of an answered call, which is forgotten at once: what rings later with its caller is another one. Not so its
        own dialog, at a line where it has not rung yet."""
        call_id, tag = leg.dialog
        attempt = self._by_past_id.get(keys.of_call_id(leg.trunk, call_id)) if call_id and tag else None
        if attempt is None or keys.of_dialog(call_id, tag) not in attempt.keys:
            return None
        late = attempt.was_answered and clock - attempt.rang_clock <= LATE_FORK
        return attempt if late and leg.line not in attempt.lines else None

    def picked(self, leg: LegPicked, clock: float) -> Attempt | None:
        """The call that was taken: by the dialog that it replaces or shares; else by the caller, while he rings or has
        just stopped. A PBX that says neither (Asterisk's `confirmed` names nobody) leaves a pick-up unseen."""
        for call_id in (leg.replaces, leg.call_id):
            attempt = self._of_call_id(leg.trunk, call_id) if call_id else None
            if attempt is not None and _caller(attempt) != ("caller", leg.trunk, leg.line):
                return attempt  # and not the far side of a call that this line made itself
        if leg.raw is None:
            return None
        pasts = self.trail.recent(leg.trunk)
        return next((past.attempt for past in pasts if past.may_be_picked(leg.raw, clock)), None)

    def continues(self, attempt: Attempt, leg: LegRang, clock: float) -> Continues | None:
        """The earlier call that this one continues, if there is evidence for one."""
        replaced = None if not leg.replaces else self._of_call_id(leg.trunk, leg.replaces)
        his = (one for one in islice(self._by_caller.get(_caller(attempt), ()), AT_ONCE) if one is not attempt)
        return self.trail.continues(attempt, leg, replaced, clock, his)

    def _sibling(self, leg: LegRang, clock: float) -> Attempt | None:
        for past in self.trail.of_line(leg.trunk, leg.line, clock):
            if leg.view is View.CONTACT and not past.at.views.watched:
                return None  # on this trunk there is no other view
            sibling = past.at.is_sibling(leg.view, clock)
            if sibling and keys.same_caller(leg.signalled, past.attempt.signalled):
                return past.attempt
        return None

    def _of_call_id(self, trunk: str, call_id: str) -> Attempt | None:
        key = keys.of_call_id(trunk, call_id)
        return self._by_key.get(key) or self._by_past_id.get(key)


def _caller(attempt: Attempt) -> Key:
    """Empty for a withheld one. It may be learned later, from the other view."""
    raw = attempt.signalled.raw
    return () if raw is None else ("caller", attempt.trunk, raw.value)


def _is_late(attempt: Attempt, at: AtLine, leg: LegRang) -> bool:
    """Is this ringing over, and the leg one more of it? Where the other node had the call, too, it counts which round
    that knew of when it heard the leg: who told of the ringing before may have left the line since."""
    if leg.named is not None and leg.named[0] == attempt.id and at.was_missed_by(leg.view, leg.teller):
        return attempt.is_told(leg)
    return at.is_late(leg.leg, leg.view, leg.teller)


def _alike(past: Past, leg: LegRang) -> bool:
    """Do both name one caller, or none, and is there no other word by which they would differ?"""
    one, other = past.attempt.signalled, leg.signalled
    return leg.key is None and (one.raw is None) == (other.raw is None) and keys.same_caller(one, other)


def _goes_on(attempt: Attempt, leg: LegRang, agents: frozenset[str], clock: float) -> bool:
    """Does it come back, or is this a second leg of one desk? Where the PBX names its calls, another name is another
    call, also from one switchboard at one moment."""
    if attempt.quiet_since is not None:
        return not leg.internal  # a colleague who asks twice asks about two customers
    at = attempt.lines.get(leg.line)
    if at is not None and at.is_stale(leg.view, clock):
        return True
    young = clock - attempt.rang_clock <= SAME_DESK_WINDOW
    return leg.key is None and young and not agents.isdisjoint(attempt.desks)
