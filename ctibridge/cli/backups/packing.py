"""What of a state directory goes into a backup, and in which order it is taken.

The directory comes first, the desks' file behind it. Who has to leave the desks' file leaves it by what the directory
says: a desks' file that is younger than its directory has at most done more than that, and does the rest when both are
put back; an older one would never hear of what was ordered and done between the two.
"""

import fcntl
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from ctibridge import __version__
from ctibridge.cli import store_versions
from ctibridge.cli.backups import archive, copying
from ctibridge.cli.backups.archive import Manifest, Member, Tell
from ctibridge.cli.backups.copying import Damaged, Foreign
from ctibridge.cli.checks import kernel
from ctibridge.cli.checks.wording import size
from ctibridge.cli.problem import Problem
from ctibridge.cli.store_fault import told
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.installation import INSTANCE
from ctibridge.lookup.adapters import audit_line
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.schema import FILE as DIRECTORY

WORK = "backup.part"
"""Folder of the copies while they are taken, in state_dir; who can lock it may remove it."""
SPARE = 64 << 20
"""Bytes that stay free beside the copies: a daemon that runs has events to store."""
WAIT_MS = 120_000
"""Milliseconds for which the act waits for another process's transaction, as `ctibridge token` does."""


def _remember(path: Path, by: Actor, to: str) -> None:
    """The act, before it is done, so that the backup has it, too. Where it cannot be written (a full disk is a reason
    to make a backup) that is said, and the backup is made all the same."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as store:
            store.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
            audit_line.write(store, by, "backup", f"to {to}")
    except sqlite3.Error as error:
        print(f"the audit does not have this backup: {error}", file=sys.stderr)


def pack(folder: Path, node: str, out: IO[bytes], by: Actor, to: str, tell: Tell) -> None:
    """folder: state_dir, which has a directory. by, to: for the audit; as of then it is. Raises Problem."""
    store_versions.refuse_newer(folder)
    _remember(folder / DIRECTORY, by, to)
    try:
        with working(folder) as work, ExitStack() as stack:
            _check_room(folder)
            files, versions = _copies(folder, work, stack, tell)
            members = tuple(
                Member(
                    name, os.fstat(files[name].fileno()).st_size, archive.digest(files[name]), versions.get(name, {})
                )
                for name in archive.NAMES
                if name in files
            )
            archive.write(out, Manifest(archive.FORMAT, __version__, node, by.at, members), files, tell)
            out.flush()
    except BrokenPipeError:
        raise Problem("who should have taken the backup has gone; there is no backup") from None
    except OSError as error:
        raise Problem(f"{error.filename or to}: {error.strerror or error}; there is no backup") from None


@contextmanager
def working(folder: Path) -> Iterator[Path]:
    """The folder for copies, empty; one process at a time has it. Raises Problem, OSError."""
    work = folder / WORK
    work.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(work, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if not _is_ours(work, lock):
            raise Problem("another backup is being made; try again when that is done")
        try:
            for left in work.iterdir():  # by one that was killed
                left.unlink()
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
    finally:
        os.close(lock)


def _is_ours(work: Path, lock: int) -> bool:
    """Whoever had the lock may have removed the folder meanwhile."""
    with suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(lock), work.stat())
    return False


def _copies(
    folder: Path, work: Path, stack: ExitStack, tell: Tell
) -> tuple[dict[str, IO[bytes]], dict[str, dict[str, int]]]:
    files: dict[str, IO[bytes]] = {}
    versions: dict[str, dict[str, int]] = {}
    for name in (DIRECTORY, DESKS):
        if (folder / name).exists():
            files[name], found = _copy(folder / name, work / name, tell)
            stack.callback(files[name].close)
            versions[name] = dict(found)
    if (folder / INSTANCE).exists():
        files[INSTANCE] = stack.enter_context(_name_of(folder / INSTANCE))
    return files, versions


def _name_of(path: Path) -> IO[bytes]:
    try:
        return copying.read(path, archive.MOST_NAME)
    except Foreign:
        raise Problem(f"{path} is nothing that ctibridge made; there is no backup; move it away") from None


def _copy(source: Path, target: Path, tell: Tell) -> tuple[IO[bytes], Mapping[str, int]]:
    try:
        return copying.copy(source, target, tell)
    except Damaged as fault:
        raise Problem(f"{source} is damaged: {fault}; there is no backup, earlier ones stay: ctibridge check") from None
    except Foreign:
        raise Problem(f"{source} leads to a file of another user; there is no backup; move it away") from None
    except sqlite3.Error as fault:
        text, mend = told(fault)
        raise Problem(f"{source}: {text}; there is no backup; {mend}") from None


def _check_room(folder: Path) -> None:
    """The copies stand beside what they are copies of."""
    there = (folder / f"{name}{log}" for name in (DIRECTORY, DESKS) for log in ("", "-wal"))
    needed = sum(path.stat().st_size for path in there if path.exists()) + SPARE
    free, _ = kernel.disk(folder)
    if free < needed:
        raise Problem(
            f"a backup takes {size(needed)} on the disk of state_dir for a moment, {size(free)} are free; make room"
        )
