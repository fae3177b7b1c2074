"""Puts a restored store where the daemon looks for it, all of it or nothing, wherever it is killed.

It is laid out in a folder of its own in state_dir. That folder's new name is the moment from which on the restore has
happened: whoever comes next (a command, the daemon's start) carries the rest out, and nobody opens a store before.
state_dir itself is not exchanged: it may be a mount, or systemd's, in a folder where its owner may make nothing.
"""

import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from ctibridge import installation
from ctibridge.cli.backups.packing import WORK, working
from ctibridge.cli.problem import Problem
from ctibridge.delivery.adapters import outbox_tables, sent_marks
from ctibridge.domain import last_call
from ctibridge.installation import INSTANCE, StartError
from ctibridge.lookup.adapters.index import file as index
from ctibridge.lookup.adapters.schema import FILE

ASIDE = "replaced-"
"""Begins the name of the folder with the store of before; it stays until somebody removes it."""
PART, WHOLE, COMING = ".part", ".whole", ".coming"
_LAID_OUT = re.compile(r"restore-([0-9]{8}T[0-9]{6}Z)\.(part|whole|coming)", re.ASCII)
_BASES = (FILE, outbox_tables.FILE)
_DAMAGED = f"{outbox_tables.FILE}{outbox_tables.ASIDE}"
_STORE = (
    *(f"{base}{log}" for base in (*_BASES, _DAMAGED) for log in ("-wal", "-shm", "")),
    sent_marks.FILE, index.FILE, f"{index.FILE}.new", last_call.FILE, INSTANCE,
)  # fmt: skip
"""All that belongs to a store."""


def holds_store(state_dir: Path) -> str | None:
    """The file that says so; None: nothing of a store is there that a restore would take the place of."""
    return next((name for name in _BASES if (state_dir / name).exists()), None)


def is_laid_out(name: str) -> bool:
    """Of what lies in state_dir: is it on its way to its place, or half of what was to come there?"""
    return _LAID_OUT.fullmatch(name) is not None


def lay_out(state_dir: Path, at: datetime) -> Path:
    """An empty folder for the files of a store. Raises OSError."""
    folder = state_dir / f"restore-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{PART}"
    folder.mkdir(mode=0o700)
    return folder


def put_in_place(laid_out: Path) -> Path | None:
    """What is laid out there is the store from now on. Returns where the one of before is; None: there was none. For
    whoever holds the lock of the installation. Raises OSError."""
    for path in laid_out.iterdir():
        _sync(path)
    _sync(laid_out)
    whole = laid_out.with_suffix(WHOLE)
    laid_out.rename(whole)
    _sync(whole.parent)
    return _come(whole)


def settle(state_dir: Path) -> None:
    """What a killed restore or backup left is finished, where it had happened, or removed. Raises Problem."""
    with suppress(OSError, Problem):  # one that is being made keeps its copies
        if (state_dir / WORK).exists():
            with working(state_dir):
                pass
    if not _left(state_dir):
        return
    try:
        lock = installation.take(state_dir)
    except StartError:
        raise Problem(f"state_dir {state_dir}: a restore is being made; try again when that is done") from None
    try:
        clear(state_dir)
    finally:
        os.close(lock)


def clear(state_dir: Path) -> None:
    """The same for whoever holds the lock of the installation. Raises Problem."""
    for folder in _left(state_dir):
        if folder.suffix == PART:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            _come(folder)


def in_use(path: Path) -> bool:
    """Does a command have this store open? It would take the log of the next one away by its name when it ends."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as store:
            store.execute("PRAGMA busy_timeout = 0")
            store.execute("PRAGMA locking_mode = EXCLUSIVE")
            store.execute("BEGIN EXCLUSIVE")
            store.execute("ROLLBACK")
    except sqlite3.Error as error:
        # One that is damaged, or gone, is nobody's; that is why there is a restore.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    return False


def _left(state_dir: Path) -> list[Path]:
    try:
        return sorted(path for path in state_dir.iterdir() if is_laid_out(path.name))
    except OSError:
        return []


def _come(folder: Path) -> Path | None:
    try:
        return _finish(folder)
    except OSError as error:
        raise Problem(
            f"{folder}: restored, but not in place: {error.strerror}; mend that, and the next ctibridge command goes on"
        ) from None


def _finish(folder: Path) -> Path | None:
    """May be done again from wherever it ended: first what is of before goes aside, then, under the folder's last name,
    what is in the folder comes in its place. Raises OSError."""
    state_dir, found = folder.parent, _LAID_OUT.fullmatch(folder.name)
    assert found is not None
    aside = state_dir / f"{ASIDE}{found[1]}"
    if folder.suffix == WHOLE:
        _set_aside(state_dir, aside)
        folder = folder.rename(folder.with_suffix(COMING))
        _sync(state_dir)
    for path in list(folder.iterdir()):
        path.rename(state_dir / path.name)
    _sync(state_dir)
    folder.rmdir()
    return aside if aside.exists() else None


def _set_aside(state_dir: Path, aside: Path) -> None:
    for name in _STORE:
        if (state_dir / name).exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            (state_dir / name).rename(aside / name)
    _sync(state_dir)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
