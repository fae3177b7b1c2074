"""The directory's tables in `ctibridge.db`, and which version of them a file holds.

Other rooms keep their own tables in the same file; `schema_version` has a row for each, and each room minds its own.
"""

import logging
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from ctibridge.lookup.sheets import SHEETS

ROOM = "directory"
VERSION = 2
FILE = "ctibridge.db"
OWNER_ONLY = 0o600
# At DEBUG it writes statements with their parameters, which are numbers and names; no level of ours brings that up.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)

# How long a reader or a writer waits for another process's transaction (milliseconds).
BUSY_MS = 5_000

_DDL = """
CREATE TABLE IF NOT EXISTS schema_version (room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
-- Raised by each transaction that changes the directory: `PRAGMA data_version` also moves when other rooms write.
CREATE TABLE IF NOT EXISTS directory_change (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
INSERT OR IGNORE INTO directory_change VALUES (1, 0);
CREATE TABLE IF NOT EXISTS directory_account (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, country TEXT, languages TEXT, default_language TEXT, time_zone TEXT,
    holidays TEXT, links TEXT, briefing TEXT, verification TEXT, out_of_hours TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_site (
    account TEXT NOT NULL, name TEXT NOT NULL, country TEXT, language TEXT, time_zone TEXT, extensions TEXT,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_agent (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, login TEXT, languages TEXT, disabled INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_role_share (
    account TEXT NOT NULL, role TEXT NOT NULL, starts_at TEXT, ends_at TEXT, PRIMARY KEY (account, role)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_grant (
    agent TEXT NOT NULL, account TEXT NOT NULL, starts_at TEXT, ends_at TEXT, hours TEXT, PRIMARY KEY (agent, account)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_service_number (
    number TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, greeting TEXT, support_hours TEXT,
    default_language TEXT, caller_name_prefix TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_person (
    account TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, pronunciation TEXT, email TEXT, employee_id TEXT,
    support_id TEXT, job_title TEXT, organization TEXT, site TEXT, location TEXT, language TEXT, time_zone TEXT,
    vip INTEGER, disabled INTEGER, manager TEXT, source TEXT, source_id TEXT, updated_at TEXT,
    PRIMARY KEY (account, id)
) WITHOUT ROWID;
-- origin: which file told of the number, `people` (its column phones) or `phones`. disabled is the person's, here again
-- so that the index below decides the status without reading a person.
CREATE TABLE IF NOT EXISTS directory_phone (
    account TEXT NOT NULL, person TEXT NOT NULL, number TEXT NOT NULL, label TEXT NOT NULL, origin TEXT NOT NULL,
    imported INTEGER NOT NULL, changed_at TEXT, disabled INTEGER NOT NULL,
    PRIMARY KEY (account, person, number, label, origin)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS directory_phone_by_number
    ON directory_phone (number, account, person, label, disabled, imported, changed_at);
"""
# What a store of that version lacks of the next one. Every step may be taken twice, by two who open at one moment.
_STEPS = {
    1: """
-- By what a PBX may name a person. Most records have none or one of them, so each index holds only those that do.
CREATE INDEX IF NOT EXISTS directory_person_by_employee_id
    ON directory_person (account, employee_id COLLATE NOCASE, disabled) WHERE employee_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS directory_person_by_support_id
    ON directory_person (account, support_id COLLATE NOCASE, disabled) WHERE support_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS directory_person_by_email
    ON directory_person (account, email COLLATE NOCASE, disabled) WHERE email IS NOT NULL;
""",
}


class StoreFault(Exception):
    """The store cannot be used: one line that names the file and the mend."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where one kind of file is kept: its table, the key, and the other columns."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


def _stored(name: str, table: str) -> Stored:
    sheet = SHEETS[name]
    others = [column for column in (*sheet.columns, *sheet.families) if column not in (*sheet.key, "phones")]
    return Stored(table, sheet.key, tuple(others))


# Column `phones` of people and the file phones both go to directory_phone, which has its own ways: see `merge`.
STORED = {
    "accounts": _stored("accounts", "directory_account"),
    "sites": _stored("sites", "directory_site"),
    "agents": _stored("agents", "directory_agent"),
    "role_shares": _stored("role_shares", "directory_role_share"),
    "grants": _stored("grants", "directory_grant"),
    "service_numbers": _stored("service_numbers", "directory_service_number"),
    "people": _stored("people", "directory_person"),
}


async def open_file(path: Path, *, busy_ms: int = BUSY_MS) -> aiosqlite.Connection:
    """A connection to the store, its tables there and of this version. Raises StoreFault."""
    try:
        _make_private(path)
        connection = await aiosqlite.connect(path, isolation_level=None)
    except (OSError, aiosqlite.Error) as error:
        raise StoreFault(f"{path}: {_words(error)}; state_dir must be writable for the service's user") from None
    try:
        await connection.execute(f"PRAGMA busy_timeout = {busy_ms}")
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = NORMAL")
        await _check_version(connection, path)
    except aiosqlite.Error as error:
        await connection.close()
        raise StoreFault(f"{path}: {_words(error)}") from None
    except BaseException:
        await connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """What it holds is for the service's user alone: made by us and not by SQLite, and made narrower where it is wider.

    O_EXCL: a file that is there already is never opened here, as closing any descriptor of it would drop the locks that
    this process holds on it elsewhere (fcntl(2)).
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    except FileExistsError:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~OWNER_ONLY:
            with suppress(PermissionError):  # another user's file: only he can
                path.chmod(mode & OWNER_ONLY)


async def _check_version(connection: aiosqlite.Connection, path: Path) -> None:
    version = await _version(connection)
    if version == VERSION:
        return
    if version is not None and version not in _STEPS:
        raise StoreFault(
            f"{path}: the directory in it has version {version}, this program knows {VERSION}; "
            "run the newer ctibridge, or take another state_dir"
        )
    # The tables first, then each step from that version on; all of it or nothing.
    steps = "".join(step for lacking, step in _STEPS.items() if version is None or lacking >= version)
    await connection.executescript(
        f"BEGIN IMMEDIATE;{_DDL}{steps}INSERT INTO schema_version VALUES ('{ROOM}', {VERSION}) "  # noqa: S608 - constants of ours
        "ON CONFLICT (room) DO UPDATE SET version = excluded.version WHERE version < excluded.version;COMMIT;"
    )


async def _version(connection: aiosqlite.Connection) -> int | None:
    there = "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'"
    if not next(iter(await connection.execute_fetchall(there)))[0]:
        return None
    rows = await connection.execute_fetchall("SELECT version FROM schema_version WHERE room = ?", (ROOM,))
    return next((int(row[0]) for row in rows), None)


def _words(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
