"""Opening `ctibridge.db`: made where there is none, brought up where it is older, refused where it is newer.

Other rooms keep their own tables in the same file; `schema_version` has a row for each, and each room minds its own.
"""

import asyncio
import logging
import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path

import aiosqlite

from ctibridge.domain.store_version import later
from ctibridge.lookup import folding
from ctibridge.lookup.adapters import migrations
from ctibridge.lookup.adapters.migrations import Tell
from ctibridge.lookup.adapters.tables import DDL, ROOM, STORED, VERSION, Stored, statements

__all__ = ["FILE", "ROOM", "STORED", "VERSION", "StoreFault", "Stored", "open_file", "open_reader"]

FILE = "ctibridge.db"
OWNER_ONLY = 0o600
# At DEBUG it writes statements with their parameters, which are numbers and names; no level of ours brings that up.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)

_RESTORE = "restore it from a backup, or move it away, import again and issue new tokens"
_MENDS = {
    sqlite3.SQLITE_FULL: "make room on that disk",
    sqlite3.SQLITE_IOERR: "make room on that disk, or see whether it is broken",
    sqlite3.SQLITE_CANTOPEN: "make room on that disk, or make file and state_dir writable for the service's user",
    sqlite3.SQLITE_READONLY: "file and state_dir must be writable for the service's user",
    sqlite3.SQLITE_PERM: "file and state_dir must be writable for the service's user",
    sqlite3.SQLITE_BUSY: "another program holds it; end that one",
    sqlite3.SQLITE_ERROR: _RESTORE,  # a table is missing
    sqlite3.SQLITE_CORRUPT: _RESTORE,
    sqlite3.SQLITE_NOTADB: _RESTORE,
}

# How long a reader or a writer waits for another process's transaction (milliseconds).
BUSY_MS = 5_000
# How long it waits for another process that brings the store up: ten million people take minutes (milliseconds).
UPGRADE_MS = 1_800_000
_TURN_AGAIN = 0.01  # seconds


class StoreFault(Exception):
    """The store cannot be used: one line that names the file and the mend."""


async def open_file(
    path: Path, *, busy_ms: int = BUSY_MS, upgrade_ms: int = UPGRADE_MS, tell: Tell = migrations.nobody
) -> aiosqlite.Connection:
    """A connection to the store, its tables there and of this version. Raises StoreFault.

    An older store is brought up first, in one transaction; whoever comes meanwhile waits for it up to `upgrade_ms`.
    tell hears of both, on the loop.
    """
    try:
        _make_private(path)
        connection = await aiosqlite.connect(path, isolation_level=None)
    except (OSError, aiosqlite.Error) as error:
        raise StoreFault(f"{path}: {words(error)}; state_dir must be writable for the service's user") from None
    try:
        await _set_up(connection, busy_ms)
        await _write_ahead(connection, busy_ms)
        await connection.execute("PRAGMA synchronous = NORMAL")
        await _check_version(connection, path, max(1, upgrade_ms // max(1, busy_ms)), tell)
    except aiosqlite.Error as error:
        await connection.close()
        raise StoreFault(f"{path}: {words(error)}") from None
    except BaseException:
        await connection.close()
        raise
    return connection


async def open_reader(path: Path, *, cache_kib: int) -> aiosqlite.Connection:
    """A connection that can only read a store that `open_file` has opened before. Raises StoreFault."""
    try:
        connection = await aiosqlite.connect(path, isolation_level=None)
    except aiosqlite.Error as error:
        raise StoreFault(f"{path}: {words(error)}") from None
    try:
        await _set_up(connection, BUSY_MS)
        await connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        await connection.execute("PRAGMA query_only = ON")
    except BaseException as error:
        await connection.close()
        if isinstance(error, aiosqlite.Error):
            raise StoreFault(f"{path}: {words(error)}") from None
        raise
    return connection


async def _write_ahead(connection: aiosqlite.Connection, busy_ms: int) -> None:
    """A new file, or one of another journal, is turned by whoever comes first. Who comes in the same moment is refused
    at once, as SQLite waits for no lock that it has to raise from reading to writing: he comes again."""
    loop = asyncio.get_running_loop()
    until = loop.time() + busy_ms / 1000
    while True:
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
        except aiosqlite.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or loop.time() >= until:
                raise
            await asyncio.sleep(_TURN_AGAIN)
        else:
            return


async def _set_up(connection: aiosqlite.Connection, busy_ms: int) -> None:
    await connection.execute(f"PRAGMA busy_timeout = {busy_ms}")
    # Whoever leaves the directory leaves the file: freed pages are overwritten, also where SQLite was built otherwise.
    await connection.execute("PRAGMA secure_delete = ON")
    # A fault on a mapped page would stop whoever holds the interpreter's lock until the disk has answered.
    await connection.execute("PRAGMA mmap_size = 0")
    await connection.create_function("directory_terms", 1, terms_as_json, deterministic=True)


def terms_as_json(name: str) -> str:
    """`directory_terms(name)`: the terms as a JSON list. They are letters and digits: nothing in them is escaped."""
    found = folding.terms(name)
    return '["' + '","'.join(found) + '"]' if found else "[]"


def _make_private(path: Path) -> None:
    """What it holds is for the service's user alone: made by us and not by SQLite, and made narrower where it is wider.

    O_EXCL: a file that is there already is never opened here, as closing any descriptor of it would drop the locks that
    this process holds on it elsewhere (fcntl(2)). A log that outlived its file would be played back into the new one.
    """
    logs = [log for suffix in ("-wal", "-shm") if (log := path.with_name(path.name + suffix)).exists()]
    if logs and not path.exists():  # in this order: nobody's log is there before his file
        for log in logs:
            log.unlink(missing_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    except FileExistsError:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~OWNER_ONLY:
            with suppress(PermissionError):  # another user's file: only he can
                path.chmod(mode & OWNER_ONLY)


async def _check_version(connection: aiosqlite.Connection, path: Path, attempts: int, tell: Tell) -> None:
    version = await _version(connection, path)
    if version == VERSION:
        return
    await _begin(connection, path, attempts if version is not None else 1, tell)
    # Whoever was here before may have done it meanwhile.
    version = await _version(connection, path)
    if version != VERSION:
        if version is not None:
            await migrations.bring_up(connection, version, tell)
        for statement in statements(DDL):
            await connection.execute(statement)
        await connection.execute("INSERT OR REPLACE INTO schema_version VALUES (?, ?)", (ROOM, VERSION))
    await connection.execute("COMMIT")


async def _begin(connection: aiosqlite.Connection, path: Path, attempts: int, tell: Tell) -> None:
    """Waits `attempts` times as long as the connection waits for a lock; the first time says nothing."""
    for attempt in range(attempts):
        try:
            await connection.execute("BEGIN IMMEDIATE")
        except aiosqlite.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or attempts == 1:
                raise
            tell(migrations.waiting(attempt))
        else:
            return
    raise StoreFault(f"{path}: being upgraded by another process; try again when that is done")


async def _version(connection: aiosqlite.Connection, path: Path) -> int | None:
    """None: there is no directory in it yet. Raises StoreFault for a version that is not known."""
    there = "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'"
    if not next(iter(await connection.execute_fetchall(there)))[0]:
        return None
    rows = await connection.execute_fetchall("SELECT version FROM schema_version WHERE room = ?", (ROOM,))
    version = next((int(row[0]) for row in rows), None)
    if version is not None and version != VERSION and version not in migrations.KNOWN:
        raise StoreFault(f"{path}: {later(ROOM, version, VERSION)}")
    return version


def words(error: BaseException) -> str:
    """What is wrong with the file, and the mend."""
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return f"{said}; {_MENDS[code]}" if code in _MENDS else said
