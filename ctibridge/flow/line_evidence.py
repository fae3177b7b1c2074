"""What really happened at each line, put together from the facts of the SIP room; it outlives the process.

In: facts with the time, and what was kept. Out: `LineEvidence`, and what of it is to be kept again. A ring costs one
look into a dict.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ctibridge.domain import line_evidence
from ctibridge.domain.line import LineState
from ctibridge.domain.line_evidence import LineEvidence
from ctibridge.sip.events import Event, LineChanged, RingStarted, View

AWAY = timedelta(hours=1)
"""A line that was away for longer counts as registered anew: what it did not hear in between says nothing."""
RINGS_EVERY = timedelta(minutes=1)
"""A busy line is written once in that time, and so is when we last looked."""
KEEP_EVERY = timedelta(hours=12)
"""What has not changed is written again: what is older than `call_log_days` is removed."""
TURNS = 60
"""In so many looks, one in RINGS_EVERY, each line's turn comes to be looked at for its age."""
MOST = 200
"""Lines written at once, some milliseconds of the loop: the others come next time."""
BEGINS = "asks the registrar"


_Who = tuple[str, str]


@dataclass(slots=True)
class _Line:
    state: LineState
    why: str
    since: datetime
    registered_since: datetime | None = None
    away_since: datetime | None = None
    last_rang: datetime | None = None
    phone_rang: datetime | None = None
    others: int | None = None
    written: datetime | None = None


class Evidence:
    """`configure` first. Times are aware, UTC."""

    def __init__(self) -> None:
        self._lines: dict[_Who, _Line] = {}
        self._order: list[_Who] = []
        self._turn = 0
        self._changed: dict[_Who, None] = {}
        self._rang: set[_Who] = set()
        self._gone: set[str] = set()
        self._seen: datetime | None = None

    def configure(self, lines: Iterable[tuple[str, str]], at: datetime) -> None:
        """Trunk and user of each line that there is now: what is known of others is forgotten."""
        wanted = dict.fromkeys(lines)
        self._gone |= {line_evidence.key(*who) for who in self._lines.keys() - wanted.keys()}
        self._changed = {who: None for who in wanted if who not in self._lines or who in self._changed}
        self._rang &= wanted.keys()
        self._lines = {who: self._lines.get(who) or _Line(LineState.REGISTERING, BEGINS, at) for who in wanted}
        self._order, self._turn = list(wanted), 0

    def restore(self, texts: Mapping[str, bytes], seen: bytes | None) -> None:
        """What another process knew, by key, and when it last looked."""
        seen_at = None if seen is None else line_evidence.read_moment(seen)
        lines = {line_evidence.key(*who): line for who, line in self._lines.items()}
        self._gone |= texts.keys() - lines.keys()
        for key in texts.keys() & lines.keys():
            known = line_evidence.read(texts[key])
            if known is not None:
                _restore(lines[key], known, seen_at)

    def lost(self) -> None:
        """What was kept is gone, and kept again bit by bit."""
        self._changed |= dict.fromkeys(self._order)

    def hear(self, event: Event, at: datetime) -> None:
        match event:
            case RingStarted():
                self._ring(event, at)
            case LineChanged():
                self._change(event, at)

    def all(self) -> Iterator[LineEvidence]:
        """How each line stands, in the order of the configuration."""
        return (_told(who, line) for who, line in self._lines.items())

    def heard(self) -> Iterator[tuple[str, str, str]]:
        """Trunk, state and why of each line: a fifth of what `all` costs, for whoever asks every few seconds."""
        return ((trunk, line.state, line.why) for (trunk, _), line in self._lines.items())

    def to_keep(self, at: datetime, *, everything: bool = False) -> list[tuple[str, str, bytes | None]]:
        """Kind, key and text of what has to be kept now; None: no longer. Call it every few seconds, and
        with everything before the process ends."""
        kept: list[tuple[str, str, bytes | None]] = [(line_evidence.KIND, key, None) for key in sorted(self._gone)]
        self._gone.clear()
        if everything or _passed(self._seen, at, RINGS_EVERY):
            self._look(at)
            kept.append((line_evidence.SEEN, "", line_evidence.write_moment(at)))
        for who in self._order if everything else list(islice(self._changed, MOST)):
            self._changed.pop(who, None)
            line = self._lines[who]
            line.written = at
            kept.append((line_evidence.KIND, line_evidence.key(*who), line_evidence.write(_told(who, line))))
        return kept

    def _look(self, at: datetime) -> None:
        """Who rang is to be written, and of a few of the others those that were written long ago."""
        self._seen = at
        self._changed |= dict.fromkeys(self._rang)
        self._rang.clear()
        step = len(self._order) // TURNS + 1
        for who in self._order[self._turn : self._turn + step]:
            if _passed(self._lines[who].written, at, KEEP_EVERY):
                self._changed[who] = None
        self._turn = self._turn + step if self._turn + step < len(self._order) else 0

    def _ring(self, event: RingStarted, at: datetime) -> None:
        line = self._lines.get((event.trunk, event.line))
        if line is None:
            return
        self._rang.add((event.trunk, event.line))
        if event.view is View.CONTACT:
            line.last_rang = at
        else:
            line.phone_rang = at

    def _change(self, event: LineChanged, at: datetime) -> None:
        line = self._lines.get((event.trunk, event.line))
        if line is None:
            return
        state, before = LineState(event.hearing.value), line.state
        if state is LineState.REGISTERED:
            if line.registered_since is None or (line.away_since is not None and at - line.away_since > AWAY):
                line.registered_since = at
            line.away_since = None
        elif before is LineState.REGISTERED:
            line.away_since = at
        if state is not before:
            line.state, line.since = state, at
        line.why = event.why
        self._changed[event.trunk, event.line] = None
        if event.others is not None:
            line.others = event.others


def _restore(line: _Line, known: LineEvidence, seen_at: datetime | None) -> None:
    """It registers anew; whether it was away for long the registration itself will tell."""
    line.last_rang, line.phone_rang, line.others = known.last_rang, known.phone_rang, known.others
    line.registered_since, line.away_since = known.registered_since, known.away_since
    if known.state is LineState.REGISTERED:
        line.away_since = max(known.since, seen_at or known.since)


def _told(who: _Who, line: _Line) -> LineEvidence:
    return LineEvidence(
        *who, line.state, line.why, line.since, line.registered_since, line.away_since, line.last_rang, line.phone_rang,
        line.others,
    )  # fmt: skip


def _passed(before: datetime | None, at: datetime, interval: timedelta) -> bool:
    """Also where the clock was put back behind it."""
    return before is None or not timedelta(0) <= at - before < interval
