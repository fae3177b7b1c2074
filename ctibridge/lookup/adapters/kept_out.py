"""The marks of people who were erased, in the store; a room of its own, made with the first order."""

import secrets
from collections.abc import Iterable

import aiosqlite

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.kept_out import KeptOut, mark

TABLES = (
    """CREATE TABLE IF NOT EXISTS directory_kept_out (
    account TEXT NOT NULL, mark BLOB NOT NULL, erasure INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (account, mark)
) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS directory_erasing_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL)",
)
_THERE = "SELECT 1 FROM sqlite_master WHERE name = 'directory_kept_out'"
KEY_BYTES = 32


async def load(connection: aiosqlite.Connection) -> KeptOut:
    """Raises sqlite3.Error."""
    key = await _key(connection)
    if key is None:
        return KeptOut()
    marks: dict[str, set[bytes]] = {}
    for account, one in await connection.execute_fetchall("SELECT account, mark FROM directory_kept_out"):
        marks.setdefault(account, set()).add(bytes(one))
    return KeptOut(key, {account: frozenset(of_account) for account, of_account in marks.items()})


async def add(connection: aiosqlite.Connection, people: Iterable[PersonKey], erasure: int, at: str) -> None:
    """In the caller's transaction, behind TABLES. erasure: the order's number; at: its day. Raises sqlite3.Error."""
    await connection.execute(
        "INSERT OR IGNORE INTO directory_erasing_key VALUES (1, ?)", (secrets.token_bytes(KEY_BYTES),)
    )
    key = await _key(connection) or b""
    rows = [(person.account, mark(key, person.account, person.id), erasure, at) for person in people]
    await connection.executemany("INSERT OR REPLACE INTO directory_kept_out VALUES (?, ?, ?, ?)", rows)


async def remove(connection: aiosqlite.Connection, person: PersonKey) -> bool:
    """False: he is not kept out. Raises sqlite3.Error."""
    key = await _key(connection)
    if key is None:
        return False
    values = person.account, mark(key, person.account, person.id)
    cursor = await connection.execute("DELETE FROM directory_kept_out WHERE account = ? AND mark = ?", values)
    return cursor.rowcount > 0


async def _key(connection: aiosqlite.Connection) -> bytes | None:
    """None: nobody was ever kept out here."""
    if not list(await connection.execute_fetchall(_THERE)):
        return None
    rows = list(await connection.execute_fetchall("SELECT key FROM directory_erasing_key"))
    return bytes(rows[0][0]) if rows else None
