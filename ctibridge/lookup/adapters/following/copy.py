"""This node's copy of the directory: where it stands, what it has to tell, and what others tell it.

Synchronous, on a connection of its own: whoever runs a loop calls it in a thread. Several processes may have the copy
open (the daemon, a command): each change is put in one transaction that looks first where the copy stands, so it does
no harm when two of them read the same.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Self

from ctibridge.domain.shared_table import SharedTable
from ctibridge.lookup.adapters.following import changes, rows, tables
from ctibridge.lookup.adapters.following.changes import Piece, Told
from ctibridge.lookup.adapters.following.rows import Rows
from ctibridge.lookup.adapters.following.tables import PERSON, PHONE
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.schema import terms_as_json
from ctibridge.lookup.following import Standing, goes_on

BUSY_MS = 60_000
"""As long as a command waits: an import is a row of long transactions."""
KEPT = 1_000
"""Stamps of changes behind us, so that we know whether we are ahead of a Redis that lost its last ones."""


class Branched(Exception):
    """What comes does not go on from what is here."""


class TooMuch(Exception):
    """It was too much to be told as a change: the whole copy has to be taken."""


class Entry(NamedTuple):
    """One change as it is passed on. origin: the copy that it is from; before: the stamp of the one before."""

    seq: int
    stamp: str
    before: str
    origin: str
    act: bool
    body: bytes


class Copy:
    """path: a store that `open_file` has opened before. others: shared tables of other rooms. node: its name. lean: a
    fresh one goes without people. All methods raise sqlite3.Error."""

    def __init__(
        self,
        path: Path,
        others: Sequence[SharedTable] = (),
        *,
        node: str = "",
        busy_ms: int = BUSY_MS,
        lean: bool = False,
    ) -> None:
        self.path, self._node = path, node
        self.shared = {table.name: table for table in (*tables.SHARED, *others)}
        self._db = connect(path, busy_ms)
        try:
            if not tables.is_set_up(self._db, list(self.shared.values())):
                with self.changing():
                    tables.set_up(self._db, list(self.shared.values()))
            if self.lean != lean and self._is_fresh():
                with self.changing():
                    self.be(lean=lean)
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    @property
    def db(self) -> sqlite3.Connection:
        return self._db

    @property
    def name(self) -> str:
        """Of this copy, among all; also where one node's backup was restored on another one."""
        return str(self._db.execute("SELECT copy FROM directory_following").fetchone()[0]) + self._node

    @property
    def lean(self) -> bool:
        """It goes without people."""
        return tables.is_lean(self._db)

    def keep(self) -> None:
        """From now on it has people, of whom there were none until now."""
        with self.changing():
            self.be(lean=False)

    def be(self, *, lean: bool) -> None:
        """In the caller's transaction."""
        self._db.execute("UPDATE directory_following SET lean = ?", (lean,))

    def standing(self) -> Standing:
        row = self._db.execute("SELECT history, seq, stamp, act, version FROM directory_following").fetchone()
        return Standing(*row)

    def version(self) -> int:
        """Of the directory, told or not."""
        return int(self._db.execute("SELECT version FROM directory_change").fetchone()[0])

    def past(self) -> dict[int, str]:
        return dict(self._db.execute("SELECT seq, stamp FROM directory_followed"))

    def is_empty(self) -> bool:
        """Nothing was ever written here that others could want."""
        return not self.version() and not any(
            self._db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()  # noqa: S608 - our own names
            for name, table in self.shared.items()
            if not table.act
        )

    def mark(self) -> tuple[int, ...]:
        """Another one when anybody has written the store: of its file, and of SQLite's log beside it. It takes no lock
        and no thread: two looks. Two writes within one tick of the machine's clock may share one."""
        found = []
        for file in (self.path, self.path.with_name(self.path.name + "-wal")):
            with suppress(FileNotFoundError):
                stat = file.stat()
                found += [stat.st_mtime_ns, stat.st_size]
        return tuple(found)

    def _is_fresh(self) -> bool:
        return self.is_empty() and not self.standing().history

    def begin(self, standing: Standing) -> None:
        """From now on this is the cluster's history; what is here is all of it."""
        with self.changing():
            if self.standing().history != standing.history:
                self._db.execute("DELETE FROM directory_noted")
            self.stand(standing)

    # -- what others hear of us ----------------------------------------------------------------------------------------

    def is_pending(self, *, act: bool) -> bool:
        return changes.is_pending(self._db, self.shared, act=act)

    def piece(self, *, act: bool) -> Piece | None:
        return changes.piece(self._db, self.shared, act=act)

    def sent(self, piece: Piece, seq: int, stamp: str, before: str) -> None:
        """It is change `seq` now. Where others came in between, these are read first, and this one again."""
        with self.changing():
            changes.sent(self._db, self.shared, piece)
            if piece.act:
                self._db.execute("UPDATE directory_following SET act = max(act, ?)", (seq,))
            if goes_on(self.standing(), seq, before):
                self._went_on(seq, stamp)

    # -- what we hear of others ----------------------------------------------------------------------------------------

    def put(self, entry: Entry) -> None:
        """Once, however often it comes. Raises Branched, TooMuch, ValueError; then nothing has changed."""
        told = changes.unpack(entry.body)
        with self.changing():
            mine = self.standing()
            if entry.seq <= mine.seq:
                return
            if not goes_on(mine, entry.seq, entry.before):
                raise Branched
            self._quietly(told, own=entry.origin == self.name)
            self._went_on(entry.seq, entry.stamp)
            if entry.act:
                self._db.execute("UPDATE directory_following SET act = max(act, ?)", (entry.seq,))
        if told.version is not None and told.version.logged_from == told.version.version:
            index_file.forget(self.path)  # people have left for good, and the index beside the store has their numbers

    def put_rows(self, told: Sequence[Rows]) -> None:
        """In the caller's transaction, as they are. A lean copy cannot say who is a stranger: those that have people
        do, and it hears of it."""
        numbers, lean = {one.name: one for one in told}.get(PHONE), self.lean
        for one in told:
            table = self.shared.get(one.name)
            if table is not None and not (lean and one.name == PERSON):
                known = replace(table, person=None) if lean else table
                rows.put(self._db, known, one, numbers if one.name == PERSON else None)

    def _quietly(self, told: Told, *, own: bool) -> None:
        if told.reload:
            if not own:
                raise TooMuch
            return
        if told.act and not own and self.is_pending(act=True):
            raise Branched
        found = self._shielded(told, own=own)
        with self.quiet():
            if told.version is not None and (not own or told.version.version > self.version()):
                self._put_version(told.version)
            self.put_rows(found)

    def _shielded(self, told: Told, *, own: bool) -> list[Rows]:
        """What is written here and not told yet is newer than what comes: it is told behind it, and counts then. But
        what comes under the lease counts before what did not."""
        noted = {(name, key) for name, key in self._db.execute("SELECT name, key FROM directory_noted")}
        if not noted:
            return list(told.rows)
        if told.act and not own:
            for one in told.rows:
                done = [(one.name, key) for key in one.keys if (one.name, key) in noted]
                self._db.executemany("DELETE FROM directory_noted WHERE name = ? AND key = ?", done)
            return list(told.rows)
        return [self._without(one, {key for name, key in noted if name == _notes(one.name)}) for one in told.rows]

    def _without(self, told: Rows, noted: set[str]) -> Rows:
        if noted.isdisjoint(told.keys):
            return told
        table = self.shared.get(told.name)
        key = ("person",) if table is None else tables.key_of(self._db, table)
        left = tuple(row for row in told.rows if rows.key_text(told, row, key) not in noted)
        return Rows(told.name, told.columns, tuple(one for one in told.keys if one not in noted), left)

    def _put_version(self, told: changes.Version) -> None:
        if not told.version:
            return
        # Its trigger makes a stamp of its own, which the history's takes the place of.
        self._db.execute(
            "UPDATE directory_change SET version = ?, tables = ?, logged_from = ?",
            (told.version, told.tables, told.logged_from),
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO directory_stamp SELECT ?1, ?2 FROM directory_change WHERE ?1 >= logged_from",
            told.stamps,
        )
        self._db.execute("DELETE FROM directory_changed_person WHERE version <= ?", (told.logged_from,))
        self._db.executemany("INSERT OR IGNORE INTO directory_changed_person VALUES (?, ?, ?)", told.people)
        self._db.execute("UPDATE directory_following SET version = max(version, ?)", (told.version,))

    # ------------------------------------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction, whole or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """What is written within came from others."""
        self._db.execute("UPDATE directory_following SET quiet = 1")
        yield
        self._db.execute("UPDATE directory_following SET quiet = 0")

    def _went_on(self, seq: int, stamp: str) -> None:
        self._db.execute("UPDATE directory_following SET seq = ?, stamp = ?", (seq, stamp))
        self._db.execute("INSERT OR REPLACE INTO directory_followed VALUES (?, ?)", (seq, stamp))
        self._db.execute("DELETE FROM directory_followed WHERE seq <= ?", (seq - KEPT,))

    def stand(self, standing: Standing) -> None:
        """In the caller's transaction."""
        self._db.execute(
            "UPDATE directory_following SET history = ?, seq = ?, stamp = ?, act = ?, version = ?",
            (standing.history, standing.seq, standing.stamp, standing.act, standing.version),
        )
        self._db.execute("DELETE FROM directory_followed WHERE seq > ?", (standing.seq,))
        self._db.execute("INSERT OR REPLACE INTO directory_followed VALUES (?, ?)", (standing.seq, standing.stamp))


def connect(path: Path, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """As `schema.open_file` sets one up. Raises sqlite3.Error."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    db = sqlite3.connect(uri, uri=True, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA mmap_size = 0")
    db.execute("PRAGMA synchronous = NORMAL")
    db.create_function("directory_terms", 1, terms_as_json, deterministic=True)
    return db


def _notes(name: str) -> str:
    return PERSON if name == PHONE else name
