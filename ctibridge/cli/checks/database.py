"""A file of SQLite as it stands on the disk, read beside a running daemon: no lock of a writer, no upgrade, no repair.

Comes in: a path. Goes out: a `FileState`, of a damaged or half-written file too.
"""

import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Tell = Callable[[str], None]
"""Hears which table is looked through: at ten million people it takes a while."""

_CACHE_KIB = 16_384
_VERSIONS = "SELECT room, version FROM schema_version WHERE typeof(version) = 'integer'"


@dataclass(frozen=True, slots=True)
class FileState:
    """size, log: bytes of the file and of its write-ahead log. rights: permission bits of the widest of its files.

    versions: by room, of those that have tables in it. tables: how many were looked through; unread: those for which
    the time was too short. damage: SQLite's words, or why it cannot be read at all; None: none was found.
    """

    name: str
    size: int = 0
    log: int = 0
    rights: int = 0o600
    versions: Mapping[str, int] = field(default_factory=dict)
    tables: int = 0
    unread: tuple[str, ...] = ()
    damage: str | None = None
    fault: sqlite3.Error | None = None


def connect(path: Path) -> sqlite3.Connection:
    """Only reads, and makes no file where there is none. Raises sqlite3.Error."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


def look(path: Path, patience: float | None, tell: Tell) -> FileState | None:
    """None: there is no such file. patience: seconds for looking through it; None: as long as it takes."""
    try:
        size, log, rights = _on_disk(path)
    except FileNotFoundError:
        return None
    if not path.is_file():  # a pipe would be waited for, for ever
        return FileState(path.name, rights=rights, damage="it is no file")
    found: Mapping[str, int] = {}
    try:
        with closing(connect(path)) as connection:
            found = versions(connection)
            tables, unread, damage = _soundness(connection, patience, lambda said: tell(f"{path.name}: {said}"))
    except sqlite3.Error as fault:
        return FileState(path.name, size, log, rights, found, fault=fault)
    return FileState(path.name, size, log, rights, found, tables, unread, damage)


def _on_disk(path: Path) -> tuple[int, int, int]:
    """Raises FileNotFoundError."""
    found = path.stat()
    rights, log = stat.S_IMODE(found.st_mode), 0
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            beside = path.with_name(path.name + suffix).stat()
            rights |= stat.S_IMODE(beside.st_mode)
            log += beside.st_size if suffix == "-wal" else 0
    return found.st_size, log, rights


def versions(connection: sqlite3.Connection) -> Mapping[str, int]:
    """By room, of those that have tables in it. Raises sqlite3.Error."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone():
        return {}
    return {str(room): int(version) for room, version in connection.execute(_VERSIONS)}


def _soundness(
    connection: sqlite3.Connection, patience: float | None, tell: Tell
) -> tuple[int, tuple[str, ...], str | None]:
    """Table by table, so that it is known how far it came and a writer's log may be copied in between."""
    tables = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    with _interrupted_after(connection, patience) as until:
        for at, table in enumerate(tables):
            tell(f"{at + 1} of {len(tables)}: {table}")
            try:
                if until is not None and time.monotonic() >= until:
                    return at, tuple(tables[at:]), None
                damage = _damage(connection, table)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
                return at, tuple(tables[at:]), None
            if damage is not None:
                return at + 1, (), damage
    return len(tables), (), None


def _damage(connection: sqlite3.Connection, table: str) -> str | None:
    quoted = table.replace('"', '""')
    (said,) = connection.execute(f'PRAGMA quick_check("{quoted}")').fetchone()
    # Its words may come in several lines, and each finding is one.
    return None if said == "ok" else " ".join(str(said).split())


@contextmanager
def _interrupted_after(connection: sqlite3.Connection, patience: float | None) -> Iterator[float | None]:
    """SQLite looks for an interruption at each page; its progress handler is not asked while a tree is checked."""
    if patience is None:
        yield None
        return
    timer = threading.Timer(patience, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield time.monotonic() + patience
    finally:
        timer.cancel()
        timer.join()
