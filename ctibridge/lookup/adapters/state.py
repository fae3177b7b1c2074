"""How the directory in the store stands, for those who look after it: who is in it, of whom, and since when.

Read beside a running daemon: nobody waits for it, and nothing is written or brought up.
"""

import asyncio
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiosqlite

from ctibridge.lookup.adapters import purge, store
from ctibridge.lookup.adapters.following.lean import is_lean
from ctibridge.lookup.adapters.importing import journal
from ctibridge.lookup.adapters.importing.journal import Entry
from ctibridge.lookup.adapters.schema import StoreFault, open_file
from ctibridge.lookup.adapters.withhold import not_allowed
from ctibridge.lookup.phone_labels import EVERY_LABEL, AllowedLabels
from ctibridge.lookup.readiness import People
from ctibridge.lookup.snapshot import Snapshot

_FAX = 5
_PEOPLE = (
    "SELECT a.id, count(*) FROM directory_person p JOIN directory_account a ON a.no = p.account GROUP BY p.account"
)


@dataclass(frozen=True, slots=True)
class DirectoryState:
    """people: by account, of those that have any; numbers: of all. left_behind: people, by account, whose account's
    share has ended and who should have left. imports: by account, as far as imports have kept a journal. not_allowed:
    numbers by account and label that should have left. lean: the store goes without people."""

    snapshot: Snapshot
    people: Mapping[str, int]
    numbers: int
    left_behind: Mapping[str, int]
    imports: Mapping[str, Entry]
    not_allowed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    lean: bool = False


async def of_directory(
    path: Path, now: datetime, purge_after: float, allowed: AllowedLabels = EVERY_LABEL
) -> DirectoryState:
    """Of a store whose tables are of this version. now: aware. Raises sqlite3.Error."""
    async with aiosqlite.connect(_read_only(path), uri=True, isolation_level=None) as connection:
        snapshot = await _snapshot(connection)
        people = {str(account): int(count) for account, count in await connection.execute_fetchall(_PEOPLE)}
        ((numbers,),) = await connection.execute_fetchall("SELECT count(*) FROM directory_phone")
        left = await purge.left_behind(connection, now - timedelta(seconds=purge_after))
        imports, others = await journal.entries(connection), await not_allowed(connection, allowed)
        return DirectoryState(snapshot, people, numbers, left, imports, others, await asyncio.to_thread(is_lean, path))


def _read_only(path: Path) -> str:
    """SQLite's name for a file that it may only read, and never makes. Raises sqlite3.Error where there is none: the
    thread of an aiosqlite connection that could not be opened is waited for by nobody (0.22), and may find our loop
    closed when it says that it ends."""
    if not path.exists():
        raise sqlite3.OperationalError("unable to open database file")
    return f"{path.absolute().as_uri()}?mode=ro"


async def _snapshot(connection: aiosqlite.Connection) -> Snapshot:
    """All small tables as of one moment, whoever writes meanwhile."""
    await connection.execute("BEGIN")
    ((version, tables),) = await connection.execute_fetchall(store.VERSIONS)
    rows = [list(await connection.execute_fetchall(query)) for query in store.SMALL_TABLES]
    await connection.execute("COMMIT")
    return store.build(int(version), int(tables), rows)


async def people_of(path: Path, account: str) -> People:
    """Raises StoreFault."""
    connection = await open_file(path)
    try:
        rows = await connection.execute_fetchall(
            "SELECT count(*), count(CASE WHEN EXISTS (SELECT 1 FROM directory_phone n WHERE n.person = p.no "
            "AND n.label <> ?) THEN 1 END) FROM directory_person p JOIN directory_account a ON a.no = p.account "
            "WHERE a.id = ?",
            (_FAX, account),
        )
        found = next(iter(rows))
        return People(int(found[0]), int(found[1]))
    except sqlite3.Error as error:
        raise StoreFault(f"{path}: {error}") from None
    finally:
        await connection.close()
