"""What leaves `desks.db`: the people of an account that is gone, and what has been there for too long.

In pieces, a desk at a time, each in a transaction of its own: what is written meanwhile waits for no more than one.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from ctibridge.delivery import kept_text, withdrawn
from ctibridge.delivery.adapters import outbox_terms
from ctibridge.delivery.adapters.outbox_file import OutboxFile
from ctibridge.delivery.adapters.outbox_tables import MOST_SEQUENCE, event_key, sequence_of
from ctibridge.delivery.adapters.outbox_writing import Writing
from ctibridge.delivery.kept import OF_CALLS, OutboxFault
from ctibridge.delivery.kept_text import CallRow
from ctibridge.delivery.requests import LISTED
from ctibridge.delivery.standing import Standing
from ctibridge.delivery.terms import Terms

_EVER = datetime.max.replace(tzinfo=UTC)
PIECE = 1_000
"""Rows in one transaction, of what is not taken by desks."""
_OLD_CALLS = "DELETE FROM desk_call WHERE rowid IN (SELECT rowid FROM desk_call WHERE ended_at < ? LIMIT ?)"
_OLD_FACTS = "DELETE FROM desk_fact WHERE (kind, key) IN (SELECT kind, key FROM desk_fact WHERE at < ? LIMIT ?)"
_OLD_SIGHTS = """
DELETE FROM desk_sight WHERE (call, agent, account, person, how) IN (
    SELECT call, agent, account, person, how FROM desk_sight WHERE account = ? AND at < ? LIMIT ?
)
"""
_OTHER_SIGHTS = """
DELETE FROM desk_sight WHERE (call, agent, account, person, how) IN (
    SELECT call, agent, account, person, how FROM desk_sight
    WHERE at < ? AND account NOT IN (SELECT value FROM json_each(?)) LIMIT ?
)
"""
_OLD_CALLERS = """
DELETE FROM desk_fact WHERE (kind, key) IN (SELECT kind, key FROM desk_fact WHERE at < ? AND kind IN (?, ?) LIMIT ?)
"""
_SPEAKING_CALLS = """
WITH leaving AS (SELECT value FROM json_each(:leaving)),
told AS (
    SELECT call, accounts FROM desk_event WHERE key BETWEEN :first AND :last AND call IS NOT NULL
    UNION ALL SELECT call, accounts FROM desk_call WHERE desk = :desk
    UNION ALL SELECT call, pop_accounts FROM desk_call WHERE desk = :desk AND pop IS NOT NULL
)
SELECT DISTINCT call FROM told
WHERE accounts IS NULL OR EXISTS (SELECT 1 FROM json_each(accounts) WHERE value IN leaving)
"""
_SPEAKING_EVENTS = """
WITH leaving AS (SELECT value FROM json_each(:leaving))
SELECT key, data FROM desk_event WHERE key BETWEEN :first AND :last AND (
    accounts IS NULL
    OR EXISTS (SELECT 1 FROM json_each(accounts) WHERE value IN leaving)
    OR (kind = 'call.worked' AND call IN (SELECT value FROM json_each(:calls)))
)
"""
"""What an agent wrote himself is of no account, and goes with its call."""
_CALL = "SELECT call, accounts, facts, pop_accounts, pop FROM desk_call WHERE desk = ? AND call = ?"
_LEFT = "UPDATE desk_call SET accounts = ?, facts = ?, pop_accounts = ?, pop = ? WHERE desk = ? AND call = ?"


async def purge(writing: Writing, accounts: frozenset[str]) -> None:
    """See `Outbox.purge`. Raises OutboxFault, sqlite3.Error, OSError, msgspec.DecodeError."""
    async with writing.turn:  # no batch is under way that has them still
        writing.ledger.unwritten.change(
            lambda event: withdrawn.event(event, accounts),
            lambda call: withdrawn.call(call, accounts, frozenset()),
        )
        writing.ledger.sights.drop(lambda sight: sight.account in accounts)
        # After a start without a disk the file's desks are known from here on, and not before.
        await write_all(writing, [])

    async def withdraw_from(standing: Standing) -> None:
        await write_all(writing, [standing.agent])
        await writing.do(withdraw, writing.file, standing.no, accounts)

    await at_each_desk(writing, withdraw_from)
    for account in sorted(accounts):
        await _in_pieces(writing, partial(forget_sights, account=account), _EVER)
    if writing.closing:
        raise OutboxFault("the service is being stopped; purge again when it runs")
    async with writing.turn:
        await writing.do(writing.file.empty_log)
        # Nobody can say who stands in it.
        await writing.do(writing.file.forget_aside)


async def forget(writing: Writing, now: datetime, keep: Terms) -> None:
    """What is older than `keep` says goes. Of calls no desk asks for those that ended so long ago. Raises
    sqlite3.Error, OSError, msgspec.DecodeError."""
    before, usual = now - timedelta(days=keep.longest), now - timedelta(days=keep.usual)

    async def forget_at(standing: Standing) -> None:
        if keep.differ:
            last = writing.aged.get(standing.no)
            await writing.do(outbox_terms.forget_due, writing.file, standing.no, keep, now, last)
            writing.aged[standing.no] = now
        floor = await writing.do(forget_events, writing.file, standing.no, standing.stored, before)
        if floor is not None:
            standing.aged(floor)

    await at_each_desk(writing, forget_at)
    await _in_pieces(writing, forget_calls, now - LISTED)
    await _in_pieces(writing, forget_facts, usual)
    await _in_pieces(writing, forget_facts_of_calls, now - timedelta(days=keep.shortest))
    await _forget_sights(writing, now, keep)
    async with writing.turn:
        await writing.do(writing.file.forget_aside, now - timedelta(days=keep.shortest))
        await writing.do(writing.file.empty_log)


async def _forget_sights(writing: Writing, now: datetime, keep: Terms) -> None:
    writing.ledger.sights.drop(lambda sight: sight.at < now - timedelta(days=keep.of(sight.account)))
    for account, days in keep.of_account.items():
        await _in_pieces(writing, partial(forget_sights, account=account), now - timedelta(days=days))
    others = partial(forget_other_sights, but=frozenset(keep.of_account))
    await _in_pieces(writing, others, now - timedelta(days=keep.usual))


async def forget_former(writing: Writing) -> None:
    """Raises sqlite3.Error, OSError."""

    async def forget_at(standing: Standing) -> None:
        await writing.do(forget_behind, writing.file, standing.no, standing.stored)

    await at_each_desk(writing, forget_at)


async def write_all(writing: Writing, agents: Iterable[str] | None = None) -> None:
    """What waits of these desks; of all, with the facts, where none are named. For who has the turn. Raises
    OutboxFault."""
    if not await writing.write_due(writing.ledger.due(agents)):
        raise OutboxFault("nothing can be written to desks.db now; purge again when that is mended")


async def at_each_desk(writing: Writing, act: Callable[[Standing], Awaitable[None]]) -> None:
    """With the turn, as long as there is time. Raises what it raises."""
    for standing in list(writing.ledger.standings.values()):
        async with writing.turn:
            if writing.closing:
                return
            await act(standing)


async def _in_pieces(writing: Writing, act: Callable[[OutboxFile, datetime], bool], before: datetime) -> None:
    more = True
    while more and not writing.closing:
        async with writing.turn:
            more = await writing.do(act, writing.file, before)


def withdraw(file: OutboxFile, desk: int, leaving: AbstractSet[str]) -> None:
    """The people of these accounts leave the rows of a desk. Raises sqlite3.Error, msgspec.DecodeError."""
    values = {
        "desk": desk,
        "first": event_key(desk, 0),
        "last": event_key(desk, MOST_SEQUENCE),
        "leaving": _json(leaving),
    }
    with file.changing() as db:
        calls = {call for (call,) in db.execute(_SPEAKING_CALLS, values)}
        values["calls"] = _json(calls)
        events = db.execute(_SPEAKING_EVENTS, values).fetchall()
        db.executemany(
            "UPDATE desk_event SET accounts = NULL, data = ? WHERE key = ?",
            [(withdrawn.data(data), key) for key, data in events],
        )
        for call in calls:
            _withdraw_call(db, desk, call, leaving)


def _withdraw_call(db: sqlite3.Connection, desk: int, call: str, leaving: AbstractSet[str]) -> None:
    row = db.execute(_CALL, (desk, call)).fetchone()
    if row is None:
        return
    left = kept_text.written(withdrawn.call(kept_text.read("", CallRow(*row)), leaving, {call}))
    db.execute(_LEFT, (left.accounts, left.facts, left.pop_accounts, left.pop, desk, call))


def forget_events(file: OutboxFile, desk: int, stored: int, before: datetime) -> int | None:
    """Events up to the first that is young enough, those of former epochs, and calls that rang before. Returns the new
    floor, None: the old. Raises sqlite3.Error."""
    span = event_key(desk, 0), event_key(desk, MOST_SEQUENCE)
    at = before.timestamp()
    forget_behind(file, desk, stored)
    with file.changing() as db:
        db.execute("DELETE FROM desk_call WHERE desk = ? AND rang_at < ?", (desk, at))
        oldest = db.execute("SELECT at FROM desk_event WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1", span).fetchone()
        if oldest is None or oldest[0] >= at:
            return None
        young = db.execute(
            "SELECT key FROM desk_event WHERE key BETWEEN ? AND ? AND at >= ? ORDER BY key LIMIT 1", (*span, at)
        ).fetchone()
        floor = stored + 1 if young is None else sequence_of(young[0])
        db.execute("DELETE FROM desk_event WHERE key BETWEEN ? AND ?", (span[0], event_key(desk, floor - 1)))
        db.execute("UPDATE desk SET floor = ? WHERE no = ?", (floor, desk))
    return floor


def forget_behind(file: OutboxFile, desk: int, stored: int) -> None:
    """What stands behind the desk's newest event is of an epoch that ended unclean. Raises sqlite3.Error."""
    behind = event_key(desk, stored + 1), event_key(desk, MOST_SEQUENCE)
    with file.changing() as db:
        db.execute("DELETE FROM desk_event WHERE key BETWEEN ? AND ?", behind)


def forget_calls(file: OutboxFile, before: datetime) -> bool:
    """Some that ended before. True: there may be more. Raises sqlite3.Error."""
    return _forget_piece(file, _OLD_CALLS, before)


def forget_facts(file: OutboxFile, before: datetime) -> bool:
    """Some that were kept before. True: there may be more. Raises sqlite3.Error."""
    return _forget_piece(file, _OLD_FACTS, before)


def forget_sights(file: OutboxFile, before: datetime, account: str) -> bool:
    """Some of people of this account, of before. True: there may be more. Raises sqlite3.Error."""
    with file.changing() as db:
        return db.execute(_OLD_SIGHTS, (account, before.timestamp(), PIECE)).rowcount == PIECE


def forget_other_sights(file: OutboxFile, before: datetime, but: AbstractSet[str]) -> bool:
    """The same of people of all accounts but these. Raises sqlite3.Error."""
    with file.changing() as db:
        return db.execute(_OTHER_SIGHTS, (before.timestamp(), _json(but), PIECE)).rowcount == PIECE


def forget_facts_of_calls(file: OutboxFile, before: datetime) -> bool:
    """Some of those that say who called, and were kept before. True: there may be more. Raises sqlite3.Error."""
    with file.changing() as db:
        return db.execute(_OLD_CALLERS, (before.timestamp(), *OF_CALLS, PIECE)).rowcount == PIECE


def _forget_piece(file: OutboxFile, statement: str, before: datetime) -> bool:
    with file.changing() as db:
        return db.execute(statement, (before.timestamp(), PIECE)).rowcount == PIECE


def _json(ids: AbstractSet[str]) -> str:
    return msgspec.json.encode(sorted(ids)).decode()
