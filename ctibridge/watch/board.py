"""What stands on the screen: the calls of one desk, and whether it hears any.

Comes in: the state at sign-in, events, the lines, how the connection is; times as Unix seconds. Goes out: the call that
matters most, those that ring beside it, and what was. Bounded: `MOST` calls, `MOST_NOTICES` notices.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from msgspec import structs

from ctibridge.watch.heard import Data, Detail, Heard, Line, Welcome, Work
from ctibridge.watch.pop import Call

MOST = 100
MOST_NOTICES = 3
KEPT = 30 * 60.0
"""Seconds for which a call that is over stays in the list; the service's own snapshot goes back as far."""
NOTICE_STAYS = 10 * 60.0
_WRAP_UP = 5 * 60.0
"""Seconds for which a call that was talked here stays large behind its end."""
_FAR = 366 * 86400
"""Seconds; that a token ends later than in a year interests nobody."""
_YEAR_3000 = 32_503_680_000.0
_ABOVE = frozenset({"live_only", "node_alone"})  # stand on the screen for as long as it is so
_LINE_STATES = {"line_deaf": "deaf", "line_alone": "alone", "line_recovered": "registered"}


class State(Enum):
    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Link:
    """why: some words for a person; again_at: when it is tried again, Unix seconds."""

    state: State
    why: str = ""
    again_at: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A call as the desk knows it now. pop: None where only its end was heard. over_at: when it was over. work: what
    became of it, where it was missed."""

    call: Call
    pop: Data | None
    over_at: float | None = None
    work: Work | None = None

    @property
    def rings(self) -> bool:
        return self.call.state == "ringing"

    @property
    def talks(self) -> bool:
        return self.call.state == "answered"


@dataclass(frozen=True, slots=True)
class Notice:
    text: str
    at: float


class Board:
    def __init__(self) -> None:
        self.link = Link(State.CONNECTING)
        self.agent = ""
        self.name = ""
        self.lines: tuple[Line, ...] = ()
        self.live_only = False
        self.node_alone = False  # of several nodes, the one of this desk has lost the others
        self.notification = "company"
        self.ends_at: float | None = None  # the token, and this desk with it
        self.notices: list[Notice] = []
        self._said_in = 0  # how all stood behind this event, the welcome has said
        self._rows: dict[str, Row] = {}  # in the order in which they came

    def welcome(self, welcome: Welcome, now: float) -> None:
        self.link = Link(State.LIVE)
        self.agent, self.name = welcome.agent, welcome.name or welcome.agent
        self.lines, self.live_only, self.node_alone = welcome.lines, welcome.live_only, welcome.node_alone
        self._said_in = welcome.sequence
        self.notification = welcome.notification
        self.ends_at = None if welcome.expires_in is None else now + min(max(0, welcome.expires_in), _FAR)
        if welcome.resumed:
            return  # all that was missed follows
        details = {detail.call: detail for detail in welcome.details}
        self._rows = {}
        for data in sorted(welcome.calls, key=lambda data: (data.call and data.call.rang_at) or ""):
            if data.call is not None:
                detail = details.get(data.call.id, Detail())
                self._put(data.call, detail.pop or _pop(data), now, detail.work)

    def hear(self, event: Heard, now: float) -> None:
        if event.type == "notice":
            if event.sequence > self._said_in:
                self._stands(event.data)
            if event.data.text and event.data.kind not in _ABOVE:
                self.remark(event.data.text, now)
        elif event.data.call is not None:
            data = event.data
            work = Work(data.state, data.by) if event.type == "call.worked" and data.state else None
            self._put(event.data.call, _pop(data), now, work)

    def remark(self, text: str, now: float) -> None:
        """What an agent should know besides; what is said again stands there once."""
        kept = [one for one in self.notices if one.text != text]
        self.notices = [Notice(text, now), *kept][:MOST_NOTICES]

    def tick(self, now: float) -> None:
        """Forgets what is over for long, and so much that one more finds room."""
        self.notices = [one for one in self.notices if now < one.at + NOTICE_STAYS]
        old = [key for key, row in self._rows.items() if row.over_at is not None and now >= row.over_at + KEPT]
        over = [key for key, row in self._rows.items() if row.over_at is not None and key not in old]
        for key in old + over[: max(0, len(self._rows) - len(old) - MOST + 1)]:
            del self._rows[key]

    def main(self, now: float) -> Row | None:
        """The call that matters most: the first that rings, so that a second one moves nothing; else whom one talks to,
        or may talk to: *answered elsewhere* is often this agent's own phone."""
        newest = [*reversed(self._rows.values())]
        return next((row for row in self._rows.values() if row.rings), None) or next(
            (row for row in newest if row.talks or self._lingers(row, now)), None
        )

    def beside(self, now: float) -> list[Row]:
        """What rings or is talked on besides, in the order in which it came."""
        main = self.main(now)
        return [row for row in self.going_on() if row is not main]

    def over(self, now: float) -> list[Row]:
        """What was, the newest first."""
        main = self.main(now)
        rows = [row for row in self._rows.values() if row is not main and row.over_at is not None]
        return sorted(rows, key=lambda row: row.over_at or 0.0, reverse=True)

    def going_on(self) -> list[Row]:
        """What rings or is talked on, in the order in which it came."""
        return [row for row in self._rows.values() if row.rings or row.talks]

    def row(self, call: str) -> Row | None:
        return self._rows.get(call)

    def _lingers(self, row: Row, now: float) -> bool:
        """Is it talked on, or just was, at this desk as far as anybody knows?"""
        if row.over_at is None:
            return False
        if row.call.outcome == "answered_here":
            return now < row.over_at + _WRAP_UP
        by = row.call.answered_by
        return row.call.outcome == "answered_elsewhere" and (by is None or by.agent == self.agent)

    def _put(self, call: Call, pop: Data | None, now: float, work: Work | None = None) -> None:
        before = self._rows.get(call.id)
        over = call.state == "ended"
        known = pop if before is None else pop or before.pop
        work = work or (before.work if before is not None else None)
        row = Row(call, known, min(now, seconds(call.ended_at) or now) if over else None, work)
        if before is not None and row.rings and not before.rings:
            del self._rows[call.id]  # a queue's next round: it rings now, and not since it came first
        self.tick(now)
        self._rows[call.id] = row
        # What neither rings nor ended is bounded by the phones of one agent; who sends more is no service of ours.
        while len(self._rows) > MOST:
            del self._rows[next(iter(self._rows))]

    def _stands(self, data: Data) -> None:
        state = _LINE_STATES.get(data.kind or "")
        if state is not None:
            at = (data.line, data.trunk)
            self.lines = tuple(
                structs.replace(one, state=state) if (one.line, one.trunk) == at else one for one in self.lines
            )
        self.live_only = {"live_only": True, "stored_again": False}.get(data.kind or "", self.live_only)
        self.node_alone = {"node_alone": True, "node_together": False}.get(data.kind or "", self.node_alone)


def seconds(time: str | None) -> float | None:
    """RFC 3339 as Unix seconds; None where it is none, or none that every clock can show."""
    try:
        at = -1.0 if time is None else datetime.fromisoformat(time).timestamp()
    except (ValueError, OverflowError):
        return None
    return at if 0 <= at < _YEAR_3000 else None


def _pop(data: Data) -> Data | None:
    """Of an answer, an end or a note the event tells the call alone."""
    return data if data.caller is not None else None
