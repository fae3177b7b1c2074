"""The dialogs of one line, as its documents tell them one after the other (RFC 4235 4.3): which ring, talk, are over.

In: documents in the order of their NOTIFYs. Out: `Rings`, `Confirmed`, `Changed`, `Ended`, and `Refresh`. For each id
the order is sound: first Rings or Confirmed, at most once each, then perhaps Changed, then Ended. Then the id may serve
another call, as Asterisk's do, which has one id for each extension.
"""

from dataclasses import dataclass, field, replace
from enum import Enum, auto

from ctibridge.sip import uri
from ctibridge.sip.dialog_info import Dialog, DialogEvent, DialogInfo, Direction, Party, State
from ctibridge.sip.errors import RemoteFault

MOST = 50
"""Dialogs of a line at one time; further ones are not seen."""


@dataclass(frozen=True, slots=True)
class Rings:
    """A call rings at the line. dialog.remote: who calls, None where the PBX does not say."""

    dialog: Dialog


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The line talks. not was_ringing: it called itself, took another line's call (`replaces`), or was talking before
    we looked; `direction` says which where the PBX tells it, and Asterisk does not."""

    dialog: Dialog
    was_ringing: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Of a dialog that was told more is known now: who it is, its Call-ID, or what it replaces."""

    dialog: Dialog


@dataclass(frozen=True, slots=True)
class Ended:
    """event and code: None where nobody said why; Asterisk never does. unseen: nor what came of it."""

    id: str = field(repr=False)
    event: DialogEvent | None
    code: int | None
    was_confirmed: bool
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """A document is missing: ask for the full state."""


Change = Rings | Confirmed | Changed | Ended | Refresh


class Phase(Enum):
    QUIET = auto()
    """Nothing to tell: the line calls somebody, or nobody knows yet who calls it."""
    RINGING = auto()
    TALKING = auto()


@dataclass(frozen=True, slots=True)
class _Row:
    dialog: Dialog
    phase: Phase


WAITING = " waiting"
"""Behind the id of a talk, where a PBX has one id for each extension and tells of a second call under it."""

_UNANSWERED = frozenset({State.TRYING, State.PROCEEDING, State.EARLY})
_PROGRESS = (State.UNKNOWN, State.TRYING, State.PROCEEDING, State.EARLY, State.CONFIRMED, State.TERMINATED)


class LineDialogs:
    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._version: int | None = None

    @property
    def dialogs(self) -> tuple[Dialog, ...]:
        """Those that are not over, with all that was told of them."""
        return tuple(row.dialog for row in self._rows.values())

    def feed(self, info: DialogInfo, *, anew: bool = False) -> list[Change]:
        """anew: it is the first document of a new subscription, whose versions begin where they like."""
        if anew:
            self._version = None
        if not self._is_news(info):
            return []
        missed = not info.full and (self._version is None or info.version > self._version + 1)
        self._version = info.version
        newest = _newest(info.dialogs)
        said: list[Change] = []
        if info.full:
            for gone in [name for name in self._rows if name.removesuffix(WAITING) not in newest]:
                said += self._end(gone)
        for dialog in newest.values():
            said += self._hear(dialog)
        return [*said, Refresh()] if missed else said

    def lose(self) -> list[Change]:
        """The line is out of sight: all that was told ends, and nobody knows how."""
        return [change for name in list(self._rows) for change in self._end(name)]

    def _is_news(self, info: DialogInfo) -> bool:
        """A full document with version 0 counts always: the notifier began anew, or does not count. What is repeated
        or late does not come here, CSeq has kept it away."""
        return self._version is None or info.version > self._version or (info.full and info.version == 0)

    def _hear(self, heard: Dialog) -> list[Change]:
        row = self._rows.get(heard.id)
        waiting = heard.id + WAITING
        if heard.state is State.TERMINATED:
            return [*self._end(waiting), *self._end(heard.id, heard)]
        if row is not None and _rings_beside(row, heard):
            return self._hear(replace(heard, id=waiting))
        if waiting in self._rows and heard.state is State.CONFIRMED:
            # Who of the two is talked to now, the PBX does not say.
            return self._end(waiting, unseen=True)
        if row is not None and _is_another(row, heard):
            return [*self._end(heard.id), *self._hear(heard)]
        if row is None and len(self._rows) >= MOST:
            return []
        dialog = heard if row is None else _merged(row.dialog, heard)
        before = Phase.QUIET if row is None else row.phase
        phase = _phase(dialog, before)
        self._rows[heard.id] = _Row(dialog, phase)
        if phase is not before:
            return [Rings(dialog) if phase is Phase.RINGING else Confirmed(dialog, before is Phase.RINGING)]
        if row is not None and phase is not Phase.QUIET and _who(row.dialog) != _who(dialog):
            return [Changed(dialog)]
        return []

    def _end(self, name: str, last: Dialog | None = None, *, unseen: bool = False) -> list[Change]:
        """Asterisk repeats `terminated` while nothing goes on: what was never told does not end."""
        row = self._rows.pop(name, None)
        if row is None or row.phase is Phase.QUIET:
            return []
        event, code = (last.event, last.code) if last else (None, None)
        return [Ended(name, event, code, row.phase is Phase.TALKING, unseen)]


def _newest(dialogs: tuple[Dialog, ...]) -> dict[str, Dialog]:
    """By id. Kamailio puts the caller's and the phone's view together, so an id may stand there twice: the one that is
    further counts."""
    found: dict[str, Dialog] = {}
    for dialog in dialogs:
        other = found.get(dialog.id)
        if other is None or _PROGRESS.index(dialog.state) > _PROGRESS.index(other.state):
            found[dialog.id] = dialog
    return found


def _phase(dialog: Dialog, before: Phase) -> Phase:
    """`early` is a phone that rings, whoever calls. Before that somebody has to be named, because a call that has just
    begun may still be told with all its details."""
    if dialog.state is State.CONFIRMED:
        return Phase.TALKING
    if before is not Phase.QUIET or dialog.direction is not Direction.RECIPIENT or dialog.state not in _UNANSWERED:
        return before
    return Phase.RINGING if dialog.state is State.EARLY or dialog.remote else Phase.QUIET


def _rings_beside(row: _Row, heard: Dialog) -> bool:
    """A second call while the line talks, under the same id and without Call-IDs: Asterisk with
    `notify_early_inuse_ringing`, whose state of an extension is one for all its calls."""
    named = bool(row.dialog.call_id or heard.call_id)
    return row.phase is Phase.TALKING and not named and heard.state in _UNANSWERED and bool(heard.remote)


def _is_another(row: _Row, heard: Dialog) -> bool:
    """Does the id serve another call now, without a word that the first is over?"""
    old = row.dialog
    if old.call_id and heard.call_id:
        return old.call_id != heard.call_id
    if heard.state not in _UNANSWERED:
        # In a talk, another party is a transfer (RFC 4235 3.7.3), not another call.
        return False
    return row.phase is Phase.TALKING or (
        old.remote is not None and heard.remote is not None and _user(old.remote) != _user(heard.remote)
    )


def _merged(old: Dialog, new: Dialog) -> Dialog:
    """The new row, and what it leaves out: Asterisk's `confirmed` names nobody."""
    backwards = old.state is State.CONFIRMED and new.state in _UNANSWERED
    return replace(
        new,
        state=old.state if new.state is State.UNKNOWN or backwards else new.state,
        call_id=new.call_id or old.call_id,
        local_tag=new.local_tag or old.local_tag,
        remote_tag=new.remote_tag or old.remote_tag,
        direction=new.direction or old.direction,
        remote=_same_or_newer(old.remote, new.remote),
        local=_same_or_newer(old.local, new.local),
        replaces=new.replaces or old.replaces,
        referred_by=new.referred_by or old.referred_by,
    )


def _same_or_newer(old: Party | None, new: Party | None) -> Party | None:
    """A name is kept where the same party comes again without it."""
    if old is None or new is None:
        return new or old
    return old if new.uri == old.uri and new.display_name is None else new


def _who(dialog: Dialog) -> tuple[object, ...]:
    return dialog.remote, dialog.call_id, dialog.remote_tag, dialog.replaces, dialog.referred_by


def _user(party: Party) -> str:
    """Host and parameters may differ between two documents of one call."""
    try:
        return uri.parse(party.uri).user or party.uri
    except RemoteFault:
        return party.uri
