"""A consistent copy of a database of SQLite that others read and write meanwhile.

The copy is taken within one read transaction, so that it is of one moment whoever commits meanwhile, and page by page
(SQLite's online backup): a writer waits for nothing, only its log is not begun anew while we read. Without that
transaction each commit of another process would begin the copy from its start, and on a busy day it would never end.
"""

import os
import sqlite3
import stat
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

from ctibridge.cli.backups.archive import Tell
from ctibridge.cli.checks import database

PAGES = 1_000
"""In one step: some milliseconds, after which progress is told and Ctrl-C is heard."""
BUSY_MS = 5_000
_OWNER_ONLY = 0o600


class Damaged(Exception):
    """The copy is not sound, so neither is what it was taken of: SQLite's words."""


class Foreign(Exception):
    """What stands under the store's name is none of our files."""


def copy(source: Path, target: Path, tell: Tell) -> tuple[IO[bytes], Mapping[str, int]]:
    """The copy as a file that has no name any more, and the version of each room in it. It stands alone: its log is in
    it. target: where there is nothing yet. Raises Damaged, Foreign, sqlite3.Error,
    OSError."""
    file = os.fdopen(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY), "r+b")
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as taken:
            taken.execute("PRAGMA journal_mode = OFF")
            taken.execute("PRAGMA synchronous = OFF")  # what is killed here is worth nothing
            _take(source, taken, tell)
            # As a file that stands alone: it comes in the source's mode, with a log to be looked for.
            taken.execute("PRAGMA journal_mode = DELETE")
            versions = database.versions(taken)
            tell(f"testing {source.name}", 0, 0)
            _test(taken)
    except BaseException:
        file.close()
        raise
    finally:
        # Whatever happens from here on, nobody's data stays behind.
        target.unlink()
    return file, versions


def _take(source: Path, taken: sqlite3.Connection, tell: Tell) -> None:
    owners, before = {os.geteuid(), source.parent.stat().st_uid}, _descriptors()
    # Never made here, should it vanish at this moment.
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as given:
        given.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        given.execute("PRAGMA mmap_size = 0")
        ((size,),) = given.execute("PRAGMA page_size")
        given.execute("BEGIN")
        given.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # Root's backup reads what its owner may not: a link of his to another's database must not become his copy.
        if any(os.fstat(descriptor).st_uid not in owners for descriptor in _descriptors() - before):
            raise Foreign

        def progress(_status: int, left: int, pages: int) -> None:
            tell(f"copying {source.name}", (pages - left) * size, pages * size)

        given.backup(taken, pages=PAGES, progress=progress)
        given.execute("ROLLBACK")


def _descriptors() -> set[int]:
    """Those that are open, without the one that lists them."""
    found = set()
    for path in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):
            os.fstat(int(path.name))
            found.add(int(path.name))
    return found


def read(path: Path, most: int) -> IO[bytes]:
    """A small file as it is, at its beginning. Raises Foreign where it is a link, a pipe (which would be waited for) or
    longer than so many bytes; OSError."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise Foreign
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        file.close()
        raise Foreign
    return file


def _test(connection: sqlite3.Connection) -> None:
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise Damaged(str(error)) from None
    if said != "ok":
        raise Damaged(" ".join(str(said).split()))
