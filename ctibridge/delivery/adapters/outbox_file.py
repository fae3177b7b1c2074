"""`desks.db` as the outbox uses it: load it once, write batches, read tails. Every method blocks.

One thread writes, another reads, each with a connection of its own. A connection that failed is closed, and the next
batch opens another one; a file that is broken, gone, or not the one that was opened, is replaced by a new one, and what
stood there is set aside.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ctibridge.delivery import kept_text
from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.outbox_tables import MOST_SEQUENCE, event_key, sequence_of
from ctibridge.delivery.kept import KeptCall, KeptEvent, KeptPop, Sight
from ctibridge.delivery.kept_text import CallRow, accounts, accounts_text
from ctibridge.delivery.ledger import Rows
from ctibridge.delivery.standing import DeskRow
from ctibridge.domain.call import CallState

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

_CALL = (
    "INSERT INTO desk_call (desk, call, rang_at, ended_at, accounts, pop_accounts, facts, pop) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (desk, call) DO UPDATE SET rang_at = excluded.rang_at, "
    "ended_at = excluded.ended_at, accounts = excluded.accounts, facts = excluded.facts, pop_accounts = "
    "CASE WHEN excluded.pop IS NULL THEN pop_accounts ELSE excluded.pop_accounts END, "
    "pop = coalesce(excluded.pop, pop)"
)
_EVENT = "INSERT OR REPLACE INTO desk_event VALUES (?, ?, ?, ?, ?, ?)"
_DESK = (
    "INSERT INTO desk VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (no) DO UPDATE SET epoch = excluded.epoch, "
    "sequence = excluded.sequence, floor = excluded.floor, acked = excluded.acked"
)
_SIGHT = "INSERT OR IGNORE INTO desk_sight (call, agent, account, person, how, at) VALUES (?, ?, ?, ?, ?, ?)"
_SELECT_CALLS = "SELECT call, accounts, facts, pop_accounts, pop FROM desk_call "


@dataclass(frozen=True, slots=True)
class Loaded:
    """calls: by desk, oldest first, without pops. run: whose file it was; clean: that run wrote all it had."""

    desks: tuple[DeskRow, ...]
    calls: Mapping[int, tuple[KeptCall, ...]]
    run: str
    clean: bool


class OutboxFile:
    """Opened by what is asked of it first. Methods raise sqlite3.Error or OSError; those that read also
    msgspec.DecodeError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._run = ""
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._reading = threading.Lock()
        self._inode: tuple[int, int] | None = None
        self._broken = False

    def load(self, ended_since: datetime) -> Loaded:
        """Calls that ended before are left out."""
        self._is_new()
        try:
            with self.changing() as db:
                return loaded(db, ended_since)
        except msgspec.DecodeError:
            self._broken = True
            raise

    def desks(self) -> tuple[DeskRow, ...]:
        self._is_new()
        with self.changing() as db:
            return _desks(db)

    def begin(self, run: str, rows: Rows) -> None:
        """From now on it is this run's, and not clean. Nothing is read from it before."""
        self._is_new()
        with self.changing() as db:
            _write(db, rows)
            db.execute("UPDATE outbox_state SET run = ?, clean = 0", (run,))
        self._run = run

    def end(self) -> None:
        """This run wrote all it had."""
        with self.changing() as db:
            db.execute("UPDATE outbox_state SET clean = 1")

    def write(self, rows: Rows) -> bool:
        """All or nothing, durable when it returns. False: nothing, as the file is a new one that knows no desk yet."""
        if self._is_new():
            return False
        with self.changing() as db:
            _write(db, rows)
        return True

    def close(self) -> None:
        with self._reading:
            self._close_both()

    def forget_aside(self, before: datetime | None = None) -> None:
        """See `outbox_tables.forget_aside`."""
        outbox_tables.forget_aside(self._path, None if before is None else before.timestamp())

    @property
    def is_broken(self) -> bool:
        """What is asked of it next sets it aside and begins a new one."""
        return self._broken

    @property
    def is_shut(self) -> bool:
        """The next `write` opens it again, or another one."""
        return self._broken or self._writer is None

    # -- reading -------------------------------------------------------------------------------------------------------

    def events(self, desk: DeskRow, after: int, until: int) -> list[KeptEvent]:
        """after < sequence <= until, those that are there, in order."""
        with self._read() as db:
            rows = db.execute(
                "SELECT key, kind, call, at, accounts, data FROM desk_event WHERE key > ? AND key <= ? ORDER BY key",
                (event_key(desk.no, after), event_key(desk.no, until)),
            ).fetchall()
        return [
            KeptEvent(desk.agent, desk.epoch, sequence_of(key), kind, call, _time(at), accounts(told), data)
            for key, kind, call, at, told, data in rows
        ]

    def pops(self, desk: int, calls: Iterable[str]) -> dict[str, KeptPop]:
        ids = msgspec.json.encode(list(calls)).decode()
        with self._read() as db:
            rows = db.execute(
                "SELECT call, pop_accounts, pop FROM desk_call WHERE desk = ? AND pop IS NOT NULL "
                "AND call IN (SELECT value FROM json_each(?))",
                (desk, ids),
            ).fetchall()
        return {call: KeptPop(accounts(told), pop) for call, told, pop in rows}

    def since(self, desk: DeskRow, at: datetime, limit: int) -> list[KeptCall]:
        """Newest first."""
        with self._read() as db:
            rows = db.execute(
                _SELECT_CALLS + "WHERE desk = ? AND rang_at >= ? ORDER BY rang_at DESC, call DESC LIMIT ?",
                (desk.no, at.timestamp(), limit),
            ).fetchall()
        return [kept_text.read(desk.agent, CallRow(*row)) for row in rows]

    def fact(self, kind: str, key: str) -> bytes | None:
        with self._read() as db:
            row = db.execute("SELECT body FROM desk_fact WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return None if row is None else bytes(row[0])

    def facts_of(self, kind: str, keys: Iterable[str]) -> dict[str, bytes]:
        wanted = msgspec.json.encode(list(keys)).decode()
        with self._read() as db:
            rows = db.execute(
                "SELECT key, body FROM desk_fact WHERE kind = ? AND key IN (SELECT value FROM json_each(?))",
                (kind, wanted),
            ).fetchall()
        return {key: bytes(body) for key, body in rows}

    def facts(self, kind: str) -> dict[str, bytes]:
        with self._read() as db:
            return {
                key: bytes(body) for key, body in db.execute("SELECT key, body FROM desk_fact WHERE kind = ?", (kind,))
            }

    # -- connections ---------------------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction. What fails in it leaves nothing behind, and its connection is not used again."""
        db = self._writer
        if db is None:
            raise sqlite3.OperationalError("the outbox is not open")
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except BaseException as error:
            self._mistrust(error)
            self.close()
            raise

    def empty_log(self) -> None:
        """What was overwritten is gone from the log, too."""
        with self._reading:
            if self._writer is None:
                raise sqlite3.OperationalError("the outbox is not open")
            (busy, _, _) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("another program reads it")

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._reading:
            if not self._run:
                raise sqlite3.OperationalError("the outbox is not open")
            try:
                if self._reader is None:
                    self._reader = outbox_tables.connect_reader(self._path)
                yield self._reader
            except sqlite3.Error as error:
                self._mistrust(error)
                if self._reader is not None:
                    self._reader.close()
                    self._reader = None
                raise

    def _is_new(self) -> bool:
        """Opens it again where that is needed."""
        if self._writer is not None and not self._broken and self._on_disk() == self._inode:
            return False
        return self._open()

    def _open(self) -> bool:
        """True: its tables are new."""
        with self._reading:
            self._close_both()
            if self._broken or (self._inode is not None and self._on_disk() != self._inode):
                outbox_tables.set_aside(self._path)
            self._broken = False
            try:
                self._writer, new = outbox_tables.connect(self._path)
            except sqlite3.Error as error:
                self._mistrust(error)
                raise
            self._inode = self._on_disk()
            if new:
                self._writer.execute("UPDATE outbox_state SET run = ?", (self._run,))
            return new

    def _on_disk(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _mistrust(self, error: BaseException) -> None:
        code = getattr(error, "sqlite_errorcode", None)
        if (code is not None and code & 0xFF in _BROKEN) or (
            code == sqlite3.SQLITE_ERROR and outbox_tables.are_gone(self._path)
        ):
            self._broken = True

    def _close_both(self) -> None:
        # The last to close takes the log away by its name: before anything new stands there.
        for connection in (self._reader, self._writer):
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()
        self._reader = self._writer = None


def loaded(db: sqlite3.Connection, ended_since: datetime) -> Loaded:
    """Raises sqlite3.Error, msgspec.DecodeError."""
    desks = _desks(db)
    run, clean = db.execute("SELECT run, clean FROM outbox_state").fetchone()
    return Loaded(desks, _calls_since(db, desks, ended_since), run, bool(clean))


def _desks(db: sqlite3.Connection) -> tuple[DeskRow, ...]:
    return tuple(DeskRow(*row) for row in db.execute("SELECT no, agent, epoch, sequence, floor, acked FROM desk"))


def _write(db: sqlite3.Connection, rows: Rows) -> None:
    remove = "DELETE FROM desk_event WHERE key BETWEEN ? AND ?"
    anew = [(event_key(desk.no, 0), event_key(desk.no, MOST_SEQUENCE)) for desk in rows.desks if desk.anew]
    below = [(event_key(desk.no, 0), event_key(desk.no, desk.floor - 1)) for desk in rows.desks if desk.trims]
    db.executemany(remove, anew)
    db.executemany("DELETE FROM desk_call WHERE desk = ?", [(desk.no,) for desk in rows.desks if desk.replaces])
    db.executemany(
        _DESK, [(desk.no, desk.agent, desk.epoch, desk.sequence, desk.floor, desk.acked) for desk in rows.desks]
    )
    db.executemany(_EVENT, [_event_row(no, event) for no, event in rows.events])
    db.executemany(remove, below)
    db.executemany(_CALL, [_call_row(no, call) for no, call in rows.calls])
    at = rows.at.timestamp()
    db.executemany(
        "INSERT OR REPLACE INTO desk_fact VALUES (?, ?, ?, ?)",
        [(kind, key, body, at) for (kind, key), body in rows.facts if body is not None],
    )
    db.executemany(
        "DELETE FROM desk_fact WHERE kind = ? AND key = ?", [key for key, body in rows.facts if body is None]
    )
    db.executemany(_SIGHT, map(_sight_row, rows.sights))


def _event_row(no: int, event: KeptEvent) -> tuple[object, ...]:
    told = accounts_text(event.accounts)
    return event_key(no, event.sequence), event.kind, event.call, event.at.timestamp(), told, event.data


def _sight_row(sight: Sight) -> tuple[object, ...]:
    return *sight.key, sight.at.timestamp()


def _call_row(no: int, kept: KeptCall) -> tuple[object, ...]:
    row = kept_text.written(kept)
    ended_at = (kept.call.ended_at or kept.at).timestamp() if kept.call.state is CallState.ENDED else None
    rang_at = kept.call.rang_at.timestamp()
    return no, row.call, rang_at, ended_at, row.accounts, row.pop_accounts, row.facts, row.pop


def _calls_since(
    db: sqlite3.Connection, desks: Iterable[DeskRow], ended_since: datetime
) -> dict[int, tuple[KeptCall, ...]]:
    agents = {desk.no: desk.agent for desk in desks}
    found: dict[int, list[KeptCall]] = {}
    for desk, *row in db.execute(
        "SELECT desk, call, accounts, facts FROM desk_call WHERE ended_at IS NULL OR ended_at >= ? "
        "ORDER BY rang_at, call",
        (ended_since.timestamp(),),
    ):
        if desk in agents:
            found.setdefault(desk, []).append(kept_text.read(agents[desk], CallRow(*row)))
    return {desk: tuple(calls) for desk, calls in found.items()}


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
