"""What leaves `desks.db` because a customer's time is over, where customers differ: a desk at a time, and of each desk
what has become due since the last time. Blocks; by the thread that writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ctibridge.delivery import aged
from ctibridge.delivery.adapters.outbox_file import OutboxFile
from ctibridge.delivery.adapters.outbox_tables import MOST_SEQUENCE, event_key
from ctibridge.delivery.caught_up import POPS
from ctibridge.delivery.kept_text import accounts
from ctibridge.delivery.terms import Terms
from ctibridge.delivery.wire import EventType

_EVENTS = "SELECT key, kind, call, at, accounts FROM desk_event WHERE key BETWEEN ? AND ? ORDER BY key"
_CALLS = (
    "SELECT call, rang_at, ended_at IS NOT NULL, accounts, pop_accounts, pop IS NOT NULL FROM desk_call WHERE desk = ?"
)
_DATA = "SELECT data FROM desk_event WHERE key = ?"
_LEFT = "UPDATE desk_event SET accounts = CASE WHEN accounts IS NULL THEN NULL ELSE '[]' END, data = ? WHERE key = ?"
_NO_CALL = "DELETE FROM desk_call WHERE desk = ? AND call = ?"

Told = dict[str, list[frozenset[str] | None]]


@dataclass(frozen=True, slots=True)
class _Event:
    key: int
    kind: EventType
    call: str | None
    at: float
    accounts: frozenset[str] | None


def forget_due(file: OutboxFile, desk: int, terms: Terms, now: datetime, last: datetime | None) -> None:
    """last: when this was done before with these terms; None: never by this process. Raises sqlite3.Error,
    msgspec.DecodeError."""
    span = event_key(desk, 0), event_key(desk, MOST_SEQUENCE)
    with file.changing() as db:
        rows = db.execute(_EVENTS, span)
        events = [_Event(key, kind, call, at, accounts(text)) for key, kind, call, at, text in rows]
        calls = db.execute(_CALLS, (desk,)).fetchall()
        told = _told(events, calls)
        for call, rang_at, has_ended, *_ in calls:
            if has_ended and _is_over(rang_at, terms.of_call(told[call]), now, None):
                db.execute(_NO_CALL, (desk, call))
        for event in _due(events, told, terms, now, last):
            (before,) = db.execute(_DATA, (event.key,)).fetchone()
            if (left := aged.data(event.kind, before)) != before:
                db.execute(_LEFT, (left, event.key))


def _told(events: list[_Event], calls: list[tuple[str, float, int, str | None, str | None, int]]) -> Told:
    """Of which accounts this desk was told with each call."""
    told: Told = {}
    for event in events:
        if event.call is not None:
            told.setdefault(event.call, []).append(event.accounts)
    for call, _, _, of_call, of_pop, has_pop in calls:
        told.setdefault(call, []).append(accounts(of_call))
        if has_pop:
            told[call].append(accounts(of_pop))
    return told


def _due(events: list[_Event], told: Told, terms: Terms, now: datetime, last: datetime | None) -> Iterator[_Event]:
    """A call's all at once: when its pop is emptied, nobody knows any more whose call a note was written for."""
    popped = {event.call for event in events if event.kind in POPS}
    began: dict[str, float] = {}
    for event in events:
        at, days = event.at, terms.of_call([event.accounts])
        if event.call is not None:
            at, days = began.setdefault(event.call, at), terms.of_call(told[event.call])
        if event.kind == "call.worked" and event.call not in popped:
            days = terms.shortest  # its pop fell out before it
        if _is_over(at, days, now, last) and (event.kind != "notice" or event.accounts != frozenset()):
            yield event  # a notice of no customer is of a line


def _is_over(at: float, days: int, now: datetime, last: datetime | None) -> bool:
    """Since the last time."""
    term = timedelta(days=days)
    return at < (now - term).timestamp() and (last is None or at >= (last - term).timestamp())
