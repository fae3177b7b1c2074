"""One person, or one number, leaves `desks.db`: first which calls speak of them, at whichever desk, then what is
left of these calls at each.

In pieces, a desk at a time, each in a transaction of its own: what is written meanwhile waits for no more than one.
Everything is read, as a number may stand in any note; a desk has at most a thousand events.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ctibridge.delivery import erased, kept_text
from ctibridge.delivery.adapters.outbox_file import OutboxFile
from ctibridge.delivery.adapters.outbox_leaving import at_each_desk, write_all
from ctibridge.delivery.adapters.outbox_tables import MOST_SEQUENCE, event_key
from ctibridge.delivery.adapters.outbox_writing import Writing
from ctibridge.delivery.erased import Level, Traces
from ctibridge.delivery.kept import OutboxFault
from ctibridge.delivery.kept_text import CallRow
from ctibridge.delivery.standing import Standing

Levels = Mapping[str, Level]
"""Of calls that speak of who leaves, by id."""
PIECE = 1_000

_EVENTS = "SELECT key, call, data FROM desk_event WHERE key BETWEEN ? AND ?"
_CALLS = "SELECT call, accounts, facts, pop_accounts, pop FROM desk_call WHERE desk = ?"
_FACTS = "SELECT kind, key, body FROM desk_fact WHERE (kind, key) > (?, ?) ORDER BY kind, key LIMIT ?"
_LEFT = "UPDATE desk_call SET accounts = ?, facts = ?, pop_accounts = ?, pop = ? WHERE desk = ? AND call = ?"
_SIGHTS = "DELETE FROM desk_sight WHERE account = ? AND person = ?"


async def speaking(writing: Writing, traces: Traces) -> dict[str | None, Level]:
    """Which calls speak of them; None: what belongs to no call does. Raises OutboxFault, sqlite3.Error, OSError,
    msgspec.DecodeError."""
    found: dict[str | None, Level] = {}

    def note(some: Iterable[tuple[str | None, Level]]) -> None:
        for call, level in some:
            if level:
                found[call] = max(level, found.get(call, level))

    async def look_at(standing: Standing) -> None:
        await write_all(writing, [standing.agent])
        note(await writing.do(of_desk, writing.file, standing.no, traces))

    async with writing.turn:
        await write_all(writing)
    await at_each_desk(writing, look_at)
    last: tuple[str, str] | None = ("", "")
    while last is not None:
        async with writing.turn:
            some, last = await writing.do(of_facts, writing.file, last, traces)
        note(some)
    _go_on(writing)
    return found


async def erase(writing: Writing, traces: Traces, levels: Levels) -> Counter[str]:
    """Returns how much was changed or went, by kind. Raises as `speaking`."""
    gone: Counter[str] = Counter()

    async def leave(standing: Standing) -> None:
        await write_all(writing, [standing.agent])
        gone.update(await writing.do(leave_desk, writing.file, standing.no, traces, levels))

    await at_each_desk(writing, leave)
    async with writing.turn:
        writing.ledger.sights.drop(lambda sight: (sight.account, sight.person) in traces.people)
        await write_all(writing)
        gone.update(await writing.do(leave_sights, writing.file, traces))
    last: tuple[str, str] | None = ("", "")
    while last is not None:
        _go_on(writing)
        async with writing.turn:
            left, last = await writing.do(leave_facts, writing.file, last, traces, levels)
        gone.update(left)
    async with writing.turn:
        await writing.do(writing.file.empty_log)
        # Nobody can say who stands in it.
        await writing.do(writing.file.forget_aside)
    return gone


def of_desk(file: OutboxFile, desk: int, traces: Traces) -> list[tuple[str | None, Level]]:
    """Each call of this desk, perhaps several times. Raises sqlite3.Error, msgspec.DecodeError."""
    with file.changing() as db:
        found = [(call, traces.level(data)) for _, call, data in db.execute(_EVENTS, _span(desk))]
        for row in db.execute(_CALLS, (desk,)):
            found += [(row[0], traces.level(bytes(body))) for body in (row[2], row[4]) if body is not None]
    return [one for one in found if one[1]]


def of_facts(
    file: OutboxFile, after: tuple[str, str], traces: Traces
) -> tuple[list[tuple[str | None, Level]], tuple[str, str] | None]:
    """Some facts; and behind which the next ones come, None where there are no more. Raises sqlite3.Error."""
    with file.changing() as db:
        rows = db.execute(_FACTS, (*after, PIECE)).fetchall()
    found = [(key, level) for _, key, body in rows if (level := _of_fact(body, traces))]
    return found, _behind(rows)


def leave_desk(file: OutboxFile, desk: int, traces: Traces, levels: Levels) -> Counter[str]:
    """Raises sqlite3.Error, msgspec.DecodeError."""
    with file.changing() as db:
        events = list(_left_events(db, desk, traces, levels))
        db.executemany("UPDATE desk_event SET accounts = NULL, data = ? WHERE key = ?", events)
        calls = [row for row in db.execute(_CALLS, (desk,)) if row[0] in levels]
        for row in calls:
            kept = erased.call(kept_text.read("", CallRow(*row)), levels[row[0]])
            left = kept_text.written(kept)
            db.execute(_LEFT, (left.accounts, left.facts, left.pop_accounts, left.pop, desk, row[0]))
    return Counter({"events": len(events), "calls": len(calls)})


def leave_facts(
    file: OutboxFile, after: tuple[str, str], traces: Traces, levels: Levels
) -> tuple[Counter[str], tuple[str, str] | None]:
    """Some facts lose who leaves; the second as of `of_facts`. Raises sqlite3.Error."""
    gone: Counter[str] = Counter()
    with file.changing() as db:
        rows = db.execute(_FACTS, (*after, PIECE)).fetchall()
        for kind, key, body in rows:
            level = max(levels.get(key, Level.NOT), _of_fact(body, traces))
            if not level:
                continue
            left = erased.fact(bytes(body), traces, level)
            if left is None:
                db.execute("DELETE FROM desk_fact WHERE kind = ? AND key = ?", (kind, key))
            elif left != body:
                db.execute("UPDATE desk_fact SET body = ? WHERE kind = ? AND key = ?", (left, kind, key))
            gone["facts"] += left != body
    return gone, _behind(rows)


def leave_sights(file: OutboxFile, traces: Traces) -> Counter[str]:
    """Who saw these people. Raises sqlite3.Error."""
    with file.changing() as db:
        return Counter({"sights": sum(db.execute(_SIGHTS, person).rowcount for person in traces.people)})


def _behind(rows: list[tuple[str, str, bytes]]) -> tuple[str, str] | None:
    """From where the next piece goes on; None: there is none."""
    return (rows[-1][0], rows[-1][1]) if len(rows) == PIECE else None


def _left_events(db: sqlite3.Connection, desk: int, traces: Traces, levels: Levels) -> Iterator[tuple[bytes, int]]:
    """A notice may belong to no call."""
    for key, call, data in db.execute(_EVENTS, _span(desk)).fetchall():
        level = levels.get(call, Level.NOT) or traces.level(data)
        if level:
            yield erased.data(data, level), key


def _of_fact(body: bytes, traces: Traces) -> Level:
    """What is no JSON object may name a number all the same."""
    try:
        return traces.level(bytes(body))
    except msgspec.DecodeError:
        return Level.HIS if traces.has(bytes(body).decode(errors="replace")) else Level.NOT


def _span(desk: int) -> tuple[int, int]:
    return event_key(desk, 0), event_key(desk, MOST_SEQUENCE)


def _go_on(writing: Writing) -> None:
    if writing.closing:
        raise OutboxFault("the service is being stopped; the rest is done at its next start")
