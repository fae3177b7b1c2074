"""How the outbox begins: what the last run left, and which desks may go on counting where they stood.

After a clean stop all may. After a kill those of which nothing was sent that was not stored, as the marks of that run
say; after a reboot, or without marks, none: an event id never names two different events. Where the disk takes nothing
now, none may either, and all goes on in memory. A damaged file is set aside, and all begin anew.
"""

import errno
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

FAULTS = (sqlite3.Error, OSError, msgspec.DecodeError)
_WRITABLE = "desks.db and state_dir must be writable for the service's user"
_MENDS = {
    sqlite3.SQLITE_FULL: "make room on that disk",
    sqlite3.SQLITE_IOERR: "make room on that disk, or see whether it is broken",
    sqlite3.SQLITE_READONLY: _WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _WRITABLE,
    sqlite3.SQLITE_PERM: _WRITABLE,
    sqlite3.SQLITE_BUSY: "another program holds it; end that one",
}
_AS_SQLITE = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EDQUOT: sqlite3.SQLITE_FULL,
    errno.EFBIG: sqlite3.SQLITE_FULL,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.EACCES: sqlite3.SQLITE_PERM,
    errno.EPERM: sqlite3.SQLITE_PERM,
}
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
    """Blocks. What is decided here is durable when it returns. Raises OutboxFault, one line with file and mend, for a
    file of a later version alone: whatever else is wrong with it, desks without a replay are more than no desks."""
    path, run = folder / FILE, f"{boot_id} {fresh()}"
    file = OutboxFile(path)
    try:
        try:
            desks, rows = _begin(file, folder, run, fresh, now, boot_id)
        except FAULTS as error:
            if not file.is_broken:
                raise
            log.error("outbox.set_aside", file=outbox_tables.aside_of(path).name, why=words(error))
            desks, rows = _begin(file, folder, run, fresh, now, boot_id)
    except TooNew as error:
        file.close()
        raise _refusal(path, error) from None
    except FAULTS as error:
        file.close()
        return _start_without(file, path, run, fresh, now, reason(error))
    return Started(file, run, fresh, "", _marks(folder, run, slots), rows, desks)


def _begin(
    file: OutboxFile, folder: Path, run: str, fresh: Callable[[], str], now: datetime, boot_id: str
) -> tuple[tuple[KeptDesk, ...], tuple[DeskRow, ...]]:
    """Raises FAULTS."""
    loaded = file.load(now - TALKS_FOR)
    renewed = _renewed(folder, loaded, fresh, boot_id)
    # Their events of before stay where they are for now, out of reach behind the newest: a million of them would
    # hold up the start by seconds. `outbox_leaving.forget_former` takes them.
    file.begin(run, Rows(now, tuple(renewed.values())))
    rows = tuple(renewed.get(row.no, row) for row in loaded.desks)
    return tuple(_desk(row, loaded, now) for row in rows), rows


def _start_without(
    file: OutboxFile, path: Path, run: str, fresh: Callable[[], str], now: datetime, fault: str
) -> Started:
    """As the file takes nothing now. Raises OutboxFault."""
    try:
        found = _read_beside(path, now)
    except TooNew as error:
        raise _refusal(path, error) from None
    rows = tuple(DeskRow(row.no, row.agent, fresh(), 0, 1, 0) for row in found.desks)
    return Started(file, run, fresh, fault, None, rows, tuple(_desk(row, found, now) for row in rows))


def _read_beside(path: Path, now: datetime) -> Loaded:
    """What can be read without writing; nothing where that cannot be. Raises TooNew."""
    try:
        with closing(outbox_tables.connect_beside(path)) as db:
            return outbox_file.loaded(db, now - TALKS_FOR)
    except TooNew:
        raise
    except FAULTS as error:
        log.warning("outbox.desks_not_read", error=type(error).__name__, why=words(error))
        return _NOTHING


def _refusal(path: Path, error: TooNew) -> OutboxFault:
    return OutboxFault(f"{path}: {error}")


def reason(error: BaseException) -> str:
    """Why nothing can be stored, and the mend."""
    return f"{words(error)}; {_mend(error)}"


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
    if isinstance(error, OSError):
        code = _AS_SQLITE.get(error.errno or 0, 0)
    else:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _MENDS.get(code, "see whether that disk is broken")
