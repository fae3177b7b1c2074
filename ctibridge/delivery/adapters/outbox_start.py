"""How the outbox begins: what the last run left, and which desks may go on counting where they stood.

After a clean stop all may. After a kill those of which nothing was sent that was not stored, as the marks of that run
say; after a reboot, or without marks, none: an event id never names two different events. Where the disk takes nothing
now, none may either, and all goes on in memory: desks without a replay are more than no desks.
"""

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from ctibridge.delivery.adapters import outbox_file, outbox_tables, sent_marks
from ctibridge.delivery.adapters.outbox_file import Loaded, OutboxFile
from ctibridge.delivery.adapters.outbox_tables import FILE, TooNew
from ctibridge.delivery.adapters.sent_marks import SentMarks
from ctibridge.delivery.desk import TALKS_FOR, is_forgotten
from ctibridge.delivery.kept import KeptDesk, OutboxFault
from ctibridge.delivery.ledger import Rows
from ctibridge.delivery.standing import DeskRow, may_go_on

_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
_DISK_ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
_NOTHING = Loaded((), {}, "", clean=False)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Started:
    """run: names this one. fault: why the file could not be used; "" where it is. marks: None where none can be kept;
    then each desk begins anew after an unclean stop."""

    file: OutboxFile
    run: str
    fresh: Callable[[], str]
    fault: str
    marks: SentMarks | None
    rows: tuple[DeskRow, ...]
    desks: tuple[KeptDesk, ...]


def start(folder: Path, fresh: Callable[[], str], now: datetime, boot_id: str, slots: int) -> Started:
    """Blocks. What is decided here is durable when it returns. Raises OutboxFault: one line with file and mend."""
    path, run = folder / FILE, f"{boot_id} {fresh()}"
    file = OutboxFile(path)
    try:
        loaded = file.load(now - TALKS_FOR)
        renewed = _renewed(folder, loaded, fresh, boot_id)
        # Their events of before stay where they are for now, out of reach behind the newest: a million of them would
        # hold up the start by seconds. `outbox_leaving.forget_former` takes them.
        file.begin(run, Rows(now, tuple(renewed.values())))
    except (sqlite3.Error, OSError, msgspec.DecodeError) as error:
        file.close()
        if not _is_of_the_disk(error, folder):
            raise _refusal(path, error) from None
        return _start_without(file, path, run, fresh, now, words(error))
    rows = tuple(renewed.get(row.no, row) for row in loaded.desks)
    desks = tuple(_desk(row, loaded, now) for row in rows)
    return Started(file, run, fresh, "", _marks(folder, run, slots), rows, desks)


def _start_without(
    file: OutboxFile, path: Path, run: str, fresh: Callable[[], str], now: datetime, fault: str
) -> Started:
    """As the disk takes nothing now. Raises OutboxFault."""
    try:
        found = _read_beside(path, now)
    except (TooNew, msgspec.DecodeError) as error:
        raise _refusal(path, error) from None
    rows = tuple(DeskRow(row.no, row.agent, fresh(), 0, 1, 0) for row in found.desks)
    return Started(file, run, fresh, fault, None, rows, tuple(_desk(row, found, now) for row in rows))


def _read_beside(path: Path, now: datetime) -> Loaded:
    """What can be read without writing; nothing where that cannot be. Raises TooNew, msgspec.DecodeError."""
    try:
        with closing(outbox_tables.connect_beside(path)) as db:
            return outbox_file.loaded(db, now - TALKS_FOR)
    except TooNew:
        raise
    except (sqlite3.Error, OSError) as error:
        log.warning("outbox.desks_not_read", error=type(error).__name__, why=words(error))
        return _NOTHING


def _is_of_the_disk(error: BaseException, folder: Path) -> bool:
    if isinstance(error, OSError):
        return error.errno in _DISK_ERRNO
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in _DISK or (code == sqlite3.SQLITE_CANTOPEN and bool(os.statvfs(folder).f_flag & os.ST_RDONLY))


def _refusal(path: Path, error: BaseException) -> OutboxFault:
    return OutboxFault(f"{path}: {words(error)}; {_mend(error)}")


def words(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _renewed(folder: Path, loaded: Loaded, fresh: Callable[[], str], boot_id: str) -> dict[int, DeskRow]:
    """The desks that begin anew."""
    if loaded.clean:
        return {}
    same_boot = loaded.run.split(" ")[0] == boot_id
    marks = SentMarks.read(folder, loaded.run) if same_boot else None
    return {row.no: DeskRow(row.no, row.agent, fresh(), 0, 1, 0) for row in loaded.desks if not may_go_on(row, marks)}


def _desk(row: DeskRow, loaded: Loaded, now: datetime) -> KeptDesk:
    calls = tuple(one for one in loaded.calls.get(row.no, ()) if not is_forgotten(one, now))
    return KeptDesk(row.agent, row.epoch, row.sequence, row.floor, row.acked, calls)


def _marks(folder: Path, run: str, slots: int) -> SentMarks | None:
    try:
        return SentMarks.begin(folder, run, slots)
    except OSError as error:
        log.warning("outbox.no_sent_marks", file=sent_marks.FILE, error=words(error))
        return None


def _mend(error: BaseException) -> str:
    if isinstance(error, TooNew):
        return "run the newer ctibridge, or take another state_dir"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return "another program holds it; end that one"
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM} or isinstance(error, OSError):
        return "state_dir must be writable for the service's user"
    return "move it away and start again; every desk then begins anew"
