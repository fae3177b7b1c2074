"""What really happened at each line, put together from the facts of the SIP room; it outlives the process.

In: facts with the time, and what was kept. Out: `LineEvidence`, and what of it is to be kept again. A ring costs one
look into a dict.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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
BEGINS = "asks the registrar"


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
    changed: bool = True
    rang: bool = False
    written: datetime | None = None


class Evidence:
    """`configure` first. Times are aware, UTC."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], _Line] = {}
        self._gone: set[str] = set()
        self._seen: datetime | None = None

    def configure(self, lines: Iterable[tuple[str, str]], at: datetime) -> None:
        """Trunk and user of each line that there is now: what is known of others is forgotten."""
        wanted = dict.fromkeys(lines)
        self._gone |= {line_evidence.key(*who) for who in self._lines.keys() - wanted.keys()}
        self._lines = {
            who: self._lines.get(who) or _Line(LineState.REGISTERING, BEGINS, since=at) for who in wanted
        }  # fmt: skip

    def restore(self, texts: Mapping[str, bytes], seen: bytes | None) -> None:
        """What another process knew, by key, and when it last looked."""
        seen_at = None if seen is None else line_evidence.read_moment(seen)
        lines = {line_evidence.key(*who): line for who, line in self._lines.items()}
        self._gone |= texts.keys() - lines.keys()
        for key in texts.keys() & lines.keys():
            known = line_evidence.read(texts[key])
            if known is not None:
                _restore(lines[key], known, seen_at)

    def hear(self, event: Event, at: datetime) -> None:
        match event:
            case RingStarted():
                self._rang(event, at)
            case LineChanged():
                self._changed(event, at)

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
        for who, line in self._lines.items():
            if everything or _is_due(line, at):
                line.changed, line.rang, line.written = False, False, at
                kept.append((line_evidence.KIND, line_evidence.key(*who), line_evidence.write(_told(who, line))))
        if everything or _passed(self._seen, at, RINGS_EVERY):
            self._seen = at
            kept.append((line_evidence.SEEN, "", line_evidence.write_moment(at)))
        return kept

    def _rang(self, event: RingStarted, at: datetime) -> None:
        line = self._lines.get((event.trunk, event.line))
        if line is None:
            return
        line.rang = True
        if event.view is View.CONTACT:
            line.last_rang = at
        else:
            line.phone_rang = at

    def _changed(self, event: LineChanged, at: datetime) -> None:
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
        line.why, line.changed = event.why, True
        if event.others is not None:
            line.others = event.others


def _restore(line: _Line, known: LineEvidence, seen_at: datetime | None) -> None:
    """It registers anew; whether it was away for long the registration itself will tell."""
    line.last_rang, line.phone_rang, line.others = known.last_rang, known.phone_rang, known.others
    line.registered_since, line.away_since = known.registered_since, known.away_since
    if known.state is LineState.REGISTERED:
        line.away_since = max(known.since, seen_at or known.since)


def _told(who: tuple[str, str], line: _Line) -> LineEvidence:
    return LineEvidence(
        *who, line.state, line.why, line.since, line.registered_since, line.away_since, line.last_rang, line.phone_rang,
        line.others,
    )  # fmt: skip


def _is_due(line: _Line, at: datetime) -> bool:
    return (
        line.changed or (line.rang and _passed(line.written, at, RINGS_EVERY)) or _passed(line.written, at, KEEP_EVERY)
    )


def _passed(before: datetime | None, at: datetime, interval: timedelta) -> bool:
    """Also where the clock was put back behind it."""
    return before is None or not timedelta(0) <= at - before < interval
