"""What the dialogs of one line mean: it rings, its phone answered, it took a call, it is over (RFC 4235 3.7).

In: documents, time. Out: `RingStarted`, `Answered`, `PickedUp`, `RingEnded`, each with a leg of ours.
"""

from dataclasses import replace

from ctibridge.sip import identity, uri
from ctibridge.sip.dialog_info import Dialog, DialogEvent, DialogInfo, Direction, Party
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Answered, HandOver, Identity, PickedUp, RingEnd, RingEnded, RingStarted, View, Withheld
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.grammar import quote
from ctibridge.sip.line_dialogs import Change, Changed, Confirmed, Ended, LineDialogs, Refresh, Rings
from ctibridge.sip.message import Headers

GRACE = 0.1
"""Seconds that a ringing is kept back where our contact will most likely see it, too: only the INVITE says that its
caller wants to stay unknown, and what is called. Asterisk's NOTIFY comes about 2 ms behind it (sip-observations)."""

SOURCE = "dialog-info"
"""In the place of a header's name: where the caller was read."""

_HOW = {
    DialogEvent.REJECTED: RingEnd.DECLINED,
    DialogEvent.ERROR: RingEnd.FAILED,
    DialogEvent.TIMEOUT: RingEnd.EXPIRED,
    DialogEvent.REPLACED: RingEnd.COMPLETED_ELSEWHERE,
}
"""Of a dialog that never was confirmed; without a word, as Asterisk ends all of them, the caller has given up."""

Said = RingStarted | Answered | PickedUp | RingEnded


_Forked = tuple[str, str | None]
"""A dialog's id, which another line's dialog may have too (RFC 4235 4.1.2), and its Call-ID."""


class Forks:
    """At which lines a dialog rings. A proxy that forks one call to several lines tells all of them its *one* dialog,
    and says `confirmed` to all when any phone answers (measured with Kamailio 5.6): then nobody knows whose it was."""

    def __init__(self) -> None:
        self._lines: dict[_Forked, set[str]] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def rings(self, dialog: _Forked, line: str) -> None:
        self._lines.setdefault(dialog, set()).add(line)

    def is_shared(self, dialog: _Forked) -> bool:
        return len(self._lines.get(dialog, ())) > 1

    def over(self, dialog: _Forked, line: str) -> None:
        lines = self._lines.get(dialog, set())
        lines.discard(line)
        if not lines:
            self._lines.pop(dialog, None)


class Sightings:
    """trunk and line: whose dialogs these are. forks: one for all lines of the trunk."""

    def __init__(self, trunk: str, line: str, fresh: Fresh, forks: Forks) -> None:
        self._forks = forks
        self._trunk = trunk
        self._line = line
        self._fresh = fresh
        self._dialogs = LineDialogs()
        self._legs: dict[str, str] = {}
        self._rang: dict[str, _Forked] = {}
        self._kept_back: dict[str, tuple[float, RingStarted]] = {}
        self._was_lost = False
        self.wants_full_state = False
        """A document is missing; whoever asks for it sets this back."""

    @property
    def deadline(self) -> float | None:
        return min((at for at, _ in self._kept_back.values()), default=None)

    def feed(self, info: DialogInfo, now: float, *, anew: bool, grace: bool) -> list[Said]:
        """anew: the first document of a subscription. grace: our contact is on this line, too."""
        first = anew or self._was_lost
        self._was_lost = False
        return self._say(self._dialogs.feed(info, anew=anew), now, grace=grace, anew=first)

    def lose(self, now: float) -> list[Said]:
        """The subscription is gone: how these calls go on, nobody will tell."""
        self._was_lost = True
        said = self._say(self._dialogs.lose(), now, grace=False, anew=False)
        return [replace(word, how=RingEnd.UNSEEN) if isinstance(word, RingEnded) else word for word in said]

    def wake(self, now: float) -> list[Said]:
        due = [name for name, (at, _) in self._kept_back.items() if at <= now]
        return [self._kept_back.pop(name)[1] for name in due]

    def _say(self, changes: list[Change], now: float, *, grace: bool, anew: bool) -> list[Said]:
        said: list[Said] = []
        for change in changes:
            match change:
                case Rings(dialog):
                    said += self._rings(dialog, now, grace=grace)
                case Confirmed(dialog, was_ringing):
                    said += self._confirmed(dialog, was_ringing=was_ringing, anew=anew)
                case Changed(dialog):
                    said += self._changed(dialog)
                case Ended():
                    said += self._ended(change)
                case Refresh():
                    self.wants_full_state = True
        return said

    def _rings(self, dialog: Dialog, now: float, *, grace: bool) -> list[Said]:
        started = self._started(dialog, self._leg(dialog.id))
        self._rang[dialog.id] = dialog.id, dialog.call_id
        self._forks.rings(self._rang[dialog.id], self._line)
        if not grace:
            return [started]
        self._kept_back[dialog.id] = now + GRACE, started
        return []

    def _confirmed(self, dialog: Dialog, *, was_ringing: bool, anew: bool) -> list[Said]:
        leg = self._leg(dialog.id)
        if was_ringing and self._forks.is_shared(self._rang[dialog.id]):
            del self._legs[dialog.id]
            return [*self._released(dialog.id), RingEnded(leg, RingEnd.COMPLETED_ELSEWHERE)]
        if was_ringing:
            return [*self._released(dialog.id), Answered(leg)]
        if dialog.direction is Direction.RECIPIENT and not dialog.replaces and not anew:
            # A phone that answers by itself. In the first document of all, or after a gap, it may have talked for long.
            self._rang[dialog.id] = dialog.id, dialog.call_id
            return [self._started(dialog, leg), Answered(leg)]
        named = _dialog(dialog)
        return [PickedUp(self._trunk, self._line, leg, named, _identity(dialog.remote), _hand_over(dialog))]

    def _changed(self, dialog: Dialog) -> list[Said]:
        """Told again under its leg: whoever hears it learns more. Not of a call that never rang here."""
        if dialog.id not in self._rang or dialog.id not in self._legs:
            return []
        started = self._started(dialog, self._leg(dialog.id))
        if dialog.id in self._kept_back:
            self._kept_back[dialog.id] = self._kept_back[dialog.id][0], started
            return []
        return [started]

    def _ended(self, ended: Ended) -> list[Said]:
        forked = self._rang.pop(ended.id, None)
        if forked is not None:
            self._forks.over(forked, self._line)
        leg = self._legs.pop(ended.id, None)
        if leg is None:
            return []
        if ended.was_confirmed:
            return [RingEnded(leg, RingEnd.HUNG_UP)]
        how = RingEnd.UNSEEN if ended.unseen else RingEnd.CANCELLED
        if ended.event is not None:
            how = _HOW.get(ended.event, how)
        return [*self._released(ended.id), RingEnded(leg, how)]

    def _released(self, name: str) -> list[Said]:
        kept = self._kept_back.pop(name, None)
        return [] if kept is None else [kept[1]]

    def _leg(self, name: str) -> str:
        if name not in self._legs:
            self._legs[name] = self._fresh.token()
        return self._legs[name]

    def _started(self, dialog: Dialog, leg: str) -> RingStarted:
        called = () if dialog.local is None else _users(dialog.local.uri)
        return RingStarted(
            self._trunk, self._line, leg, _dialog(dialog), None, _identity(dialog.remote), called,
            View.DIALOG_INFO, _hand_over(dialog),
        )  # fmt: skip


def _dialog(dialog: Dialog) -> tuple[str, str]:
    """Call-ID and From-tag, which in the view of the one who is called is the remote one."""
    return dialog.call_id or "", dialog.remote_tag or ""


def _identity(party: Party | None) -> Identity:
    """Read like a From, so that *anonymous* is what it is elsewhere."""
    if party is None:
        return Identity(None, None, Withheld.UNAVAILABLE, SOURCE)
    name = quote(party.display_name) if party.display_name else ""
    found = identity.caller(Headers((("from", f"{name} <{party.uri}>"),)), ("From",))
    return replace(found, source=SOURCE)


def _hand_over(dialog: Dialog) -> HandOver:
    referred = None if dialog.referred_by is None else _users(dialog.referred_by.strip("<> "))
    return HandOver(referred[0] if referred else None, dialog.replaces)


def _users(text: str) -> tuple[str, ...]:
    try:
        user = uri.parse(text).user
    except RemoteFault:
        return ()
    return (user,) if user else ()
