"""`desks.db`: what stands in it, and how it is opened. A file of its own: an import into `ctibridge.db` holds that
one's lock for up to a minute, and no desk waits for it.

An event's key is its desk and sequence in one number: a desk's events stand together, in order, in one b-tree.
"""

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path

from ctibridge.domain.store_version import later

FILE = "desks.db"
ASIDE = ".damaged"
ROOM = "desks"
VERSION = 2
KNOWN = (1,)
"""Older versions, which `connect` brings up."""
BUSY_MS = 5_000
PAGE_BYTES = 8_192
"""Two or three pops to a page: the usual 4 KiB would hold one, and waste a third."""
CACHE_KIB = 8_192
LOG_PAGES = 4_000
"""32 MiB of log before it is copied into the file: a desk's newest page is written many times until it is full."""
OWNER_ONLY = 0o600
SEQUENCE_BITS = 32
MOST_SEQUENCE = (1 << SEQUENCE_BITS) - 1

# at: UNIX seconds, of the first time; how: see `sights`. The call first, as newer ones stand behind older ones; the
# index by time holds all of a row, so that the audit reads nothing else.
_SIGHTS = """
CREATE TABLE IF NOT EXISTS desk_sight (
    call TEXT NOT NULL,
    agent TEXT NOT NULL,
    account TEXT NOT NULL,
    person TEXT NOT NULL,
    how TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (call, agent, account, person, how)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS desk_sight_at ON desk_sight (at);
CREATE INDEX IF NOT EXISTS desk_sight_account ON desk_sight (account, at);
"""
_TABLES = """
CREATE TABLE IF NOT EXISTS schema_version (room TEXT PRIMARY KEY, version INTEGER NOT NULL);
CREATE TABLE desk (
    no INTEGER PRIMARY KEY,
    agent TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    floor INTEGER NOT NULL,
    acked INTEGER NOT NULL
);
CREATE TABLE desk_event (
    key INTEGER PRIMARY KEY,  -- desk << 32 | sequence
    kind TEXT NOT NULL,
    call TEXT,
    at REAL NOT NULL,
    accounts TEXT,            -- JSON list; NULL: of some that left since
    data BLOB NOT NULL
);
CREATE TABLE desk_call (
    desk INTEGER NOT NULL,
    call TEXT NOT NULL,
    rang_at REAL NOT NULL,
    ended_at REAL,
    accounts TEXT,
    pop_accounts TEXT,
    facts BLOB NOT NULL,
    pop BLOB,
    UNIQUE (desk, call)
);
CREATE INDEX desk_call_rang ON desk_call (desk, rang_at);
CREATE INDEX desk_call_ended ON desk_call (ended_at);
CREATE TABLE desk_fact (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX desk_fact_at ON desk_fact (at);
-- run: whose marks belong to it; clean: that run ended with all of it written.
CREATE TABLE outbox_state (one INTEGER PRIMARY KEY CHECK (one = 1), run TEXT NOT NULL, clean INTEGER NOT NULL);
INSERT INTO outbox_state VALUES (1, '', 0);
"""
_TO_2 = "UPDATE schema_version SET version = 2 WHERE room = 'desks';"
"""Version 1 did not keep who saw whom."""


_NAMES = frozenset({"schema_version", "desk", "desk_event", "desk_call", "desk_fact", "desk_sight", "outbox_state"})


class TooNew(sqlite3.DatabaseError):
    """Written by a later version of ctibridge."""


def event_key(desk: int, sequence: int) -> int:
    return desk << SEQUENCE_BITS | sequence


def sequence_of(key: int) -> int:
    return key & MOST_SEQUENCE


def connect(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Makes the file where there is none, and brings up an older one. True: the tables are new. Raises TooNew,
    sqlite3.Error, OSError."""
    _keep_private(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        _set_up(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        # What was said to be stored is there after a power failure, too; batches make the fsyncs few.
        connection.execute("PRAGMA synchronous = FULL")
        return connection, _make_tables(connection)
    except BaseException:
        connection.close()
        raise


def connect_reader(path: Path) -> sqlite3.Connection:
    """Of a file that `connect` has opened. Raises sqlite3.Error."""
    # Never made here: an empty file would stand where the writer looks for its own.
    where = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False)
    try:
        _set_up(connection)
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_beside(path: Path) -> sqlite3.Connection:
    """To read what stands on a disk that takes nothing: no shared memory, no log. Raises TooNew, sqlite3.Error,
    OSError."""
    log = path.with_name(path.name + "-wal")
    # Without a log all of it stands in the file, and nobody but us writes it.
    mode = "mode=rw" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        ask_version(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def are_gone(path: Path) -> bool:
    """Are tables of ours missing in that file? False where nobody can tell."""
    try:
        connection = connect_reader(path)
    except sqlite3.Error:
        return False
    try:
        return not {name for (name,) in connection.execute("SELECT name FROM sqlite_master")} >= _NAMES
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def set_aside(path: Path) -> None:
    """Under another name, with its log, for whoever wants to save something of it; what had that name goes. Raises
    OSError."""
    aside = aside_of(path)
    forget_aside(path)
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    _remove_log(path)


def aside_of(path: Path) -> Path:
    return path.with_name(path.name + ASIDE)


def forget_aside(path: Path, before: float | None = None) -> None:
    """What was set aside goes: all of it, or what was written before (UNIX seconds). Raises OSError."""
    aside = aside_of(path)
    with suppress(FileNotFoundError):
        if before is None or aside.stat().st_mtime < before:
            for suffix in ("-wal", ""):
                aside.with_name(aside.name + suffix).unlink(missing_ok=True)


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    # Whoever leaves a desk leaves the file: freed pages are overwritten, also where SQLite was built otherwise.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA mmap_size = 0")


def _make_tables(connection: sqlite3.Connection) -> bool:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'desk'").fetchone() is None:
        connection.executescript(f"BEGIN IMMEDIATE;{_TABLES}{_SIGHTS}")
        connection.execute("INSERT OR REPLACE INTO schema_version VALUES (?, ?)", (ROOM, VERSION))
        connection.execute("COMMIT")
        return True
    if ask_version(connection) in KNOWN:
        connection.executescript(f"BEGIN IMMEDIATE;{_SIGHTS}{_TO_2}COMMIT;")
    return False


def ask_version(connection: sqlite3.Connection) -> int:
    """This program's, or one that it knows. Raises TooNew, sqlite3.Error."""
    row = connection.execute("SELECT version FROM schema_version WHERE room = ?", (ROOM,)).fetchone()
    version = None if row is None else row[0]
    if version != VERSION and version not in KNOWN:
        raise TooNew(later(ROOM, version, VERSION))
    return int(version)


def _keep_private(path: Path) -> None:
    """Made by us and not by SQLite, which follows the umask. An existing one is not opened here: to close it would drop
    the locks that this process holds on it elsewhere (POSIX)."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    except FileExistsError:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~OWNER_ONLY:
            with suppress(PermissionError):  # another user's file: only he can
                path.chmod(mode & OWNER_ONLY)
    else:
        _remove_log(path)


def _remove_log(path: Path) -> None:
    """A log that outlived its file would be played back into the new one."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
