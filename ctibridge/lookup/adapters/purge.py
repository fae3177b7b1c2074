"""People of accounts whose share has ended leave the store, for good (`[privacy] purge_after`).

Their records, numbers, requests and items, what was announced to them and remembered of them; the account, its sites
and its service numbers stay, as contract and figures point at them. Freed pages are overwritten, the write-ahead log is
emptied, and the number index beside the store, which is made anew anyway, goes at once.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosqlite
import structlog

from ctibridge.lookup.adapters.importing.importer import BUSY_MS
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.schema import StoreFault, open_file
from ctibridge.lookup.adapters.transaction import transaction

# Rows in one transaction: a writing daemon waits 30 ms for so many (facts).
ROWS = 5_000
# How long those who still read what was removed are waited for; writers wait with us (milliseconds).
LOG_MS = 1_000

log = structlog.get_logger()

# An account counts as ended when it was shared and no share of it holds or is to come.
_ENDED = """
SELECT a.no, a.id FROM directory_account a
WHERE EXISTS (SELECT 1 FROM directory_role_share s WHERE s.account = a.id)
AND NOT EXISTS (SELECT 1 FROM directory_role_share s WHERE s.account = a.id AND (s.ends_at IS NULL OR s.ends_at > ?))
ORDER BY a.id
"""
# By the account's number. The last two are empty when the people are gone, unless an older version left some behind.
_BY_NUMBER = ("directory_person", "directory_phone", "directory_term")
_BY_ACCOUNT = (
    "directory_request",
    "directory_configuration_item",
    "directory_service",
    "directory_standard_request",
    "directory_knowledge_article",
    "directory_announcement",
    "directory_choice",
    "directory_contact",
)


async def purge(path: Path, now: datetime, purge_after: float, *, busy_ms: int = BUSY_MS) -> dict[str, int]:
    """Removes the people of every account whose share ended `purge_after` seconds ago or earlier. Returns how many
    people left, by account; empty where there were none. busy_ms: how long it waits for another writer. Raises
    StoreFault."""
    connection = await open_file(path, busy_ms=busy_ms)
    try:
        gone: dict[str, int] = {}
        before = now - timedelta(seconds=purge_after)
        over = await ended(connection, before)
        for no, account in over:
            if not await _left(connection, no, account):
                continue
            people = await _remove(connection, no, account, before)
            if people is not None:
                gone[account] = people
        if gone:
            index_file.forget(path)
        if over and not await empty_log(connection, LOG_MS if gone else 0) and gone:
            log.warning("purge.log_still_read", mend="end what reads ctibridge.db; it is tried again in a moment")
        return gone
    except (sqlite3.Error, OSError) as error:
        raise StoreFault(f"{path}: people of ended shares could not be removed: {error}") from None
    finally:
        await connection.close()


async def ended(connection: aiosqlite.Connection, before: datetime) -> list[tuple[int, str]]:
    """(no, id) of the accounts whose last share ended at that time (aware) or earlier."""
    rows = await connection.execute_fetchall(_ENDED, (before.astimezone(UTC).isoformat(),))
    return [(int(row[0]), str(row[1])) for row in rows]


async def left_behind(connection: aiosqlite.Connection, before: datetime) -> dict[str, int]:
    """People still in the store whose account's share had ended by then: zero, where all went well."""
    counted = {}
    for no, account in await ended(connection, before):
        people = await _count(connection, "SELECT count(*) FROM directory_person WHERE account = ?", no)
        if people or await _left(connection, no, account):
            counted[account] = people
    return counted


async def empty_log(connection: aiosqlite.Connection, wait_ms: int) -> bool:
    """The log holds the pages as they were. False: somebody reads them, and it has to be tried again. Raises
    sqlite3.Error."""
    await connection.execute(f"PRAGMA busy_timeout = {wait_ms}")
    ((busy, *_),) = await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    return not busy


async def _left(connection: aiosqlite.Connection, no: int, account: str) -> bool:
    tables = [*((table, no) for table in _BY_NUMBER), *((table, account) for table in _BY_ACCOUNT)]
    for table, key in tables:
        if await _count(connection, f"SELECT EXISTS (SELECT 1 FROM {table} WHERE account = ?)", key):  # noqa: S608 - our own names
            return True
    return False


async def _remove(connection: aiosqlite.Connection, no: int, account: str, before: datetime) -> int | None:
    """How many people left; None: nothing did, as the share holds again.

    In short transactions: nobody sees these people any more, so it need not be one. But between two of them the account
    may be shared and imported again, so each asks first; whatever it removes, it has read itself.
    """
    people = 0
    while True:
        async with transaction(connection):
            if (no, account) not in await ended(connection, before):
                return people or None
            some = await _people(connection, no)
            await (remove_people(connection, some) if some else _remove_rest(connection, no, account))
        if not some:
            return people
        people += len(some)


async def remove_people(connection: aiosqlite.Connection, some: list[int]) -> None:
    """By their number in the store: records, names and numbers, in the caller's transaction. Raises sqlite3.Error."""
    marks = ", ".join("?" * len(some))
    await connection.execute(
        "DELETE FROM directory_term WHERE (account, term, person) IN (SELECT p.account, j.value, p.no "  # noqa: S608
        f"FROM directory_person p, json_each(directory_terms(p.name)) j WHERE p.no IN ({marks}))",
        some,
    )
    await connection.execute(f"DELETE FROM directory_phone WHERE person IN ({marks})", some)  # noqa: S608
    await connection.execute(f"DELETE FROM directory_person WHERE no IN ({marks})", some)  # noqa: S608
    await raise_version(connection)


async def _remove_rest(connection: aiosqlite.Connection, no: int, account: str) -> None:
    for table in _BY_ACCOUNT:
        await connection.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608
    for table in (*_BY_NUMBER, "directory_changed_person"):
        await connection.execute(f"DELETE FROM {table} WHERE account = ?", (no,))  # noqa: S608
    await raise_version(connection)
    # Whoever remembers them (a daemon, of late calls) forgets them by this.
    await connection.execute(
        "UPDATE directory_account SET purged = (SELECT version FROM directory_change) WHERE no = ?", (no,)
    )


async def _people(connection: aiosqlite.Connection, no: int) -> list[int]:
    rows = await connection.execute_fetchall("SELECT no FROM directory_person WHERE account = ? LIMIT ?", (no, ROWS))
    return [row[0] for row in rows]


async def raise_version(connection: aiosqlite.Connection) -> None:
    """The log of changes names people, and these are to be forgotten: whoever follows it reads all anew."""
    await connection.execute(
        "UPDATE directory_change SET version = version + 1, tables = version + 1, logged_from = version + 1"
    )


async def _count(connection: aiosqlite.Connection, query: str, value: object) -> int:
    return int(next(iter(await connection.execute_fetchall(query, (value,))))[0])
