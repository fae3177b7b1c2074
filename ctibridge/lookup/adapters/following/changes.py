"""What changed in this copy and the others have not heard yet, piece by piece: each as one message.

A piece is what one version of the directory changed, so that whoever follows comes from version to version as this copy
did; what is not of the directory's versions (tokens, what desks taught) goes by itself.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ctibridge.domain.shared_table import SharedTable
from ctibridge.lookup.adapters.following import rows
from ctibridge.lookup.adapters.following.rows import Rows
from ctibridge.lookup.adapters.following.tables import ERASURE

MOST_KEYS = 200_000
"""Of one piece: more would be hundreds of megabytes in memory, and whoever follows takes the whole copy as quickly."""
MOST_BYTES = 1 << 30
"""Of a message that is unpacked."""


class Version(msgspec.Struct, array_like=True, frozen=True):
    """What the history says of it: directory_change, and what was added to the log of changes."""

    version: int
    tables: int
    logged_from: int
    stamps: tuple[tuple[int, str], ...]
    people: tuple[tuple[int, int, str], ...]


class Told(msgspec.Struct, frozen=True):
    """reload: too much to be told. rows: in the order in which they are put."""

    act: bool
    rows: tuple[Rows, ...] = ()
    version: Version | None = None
    reload: bool = False


class Piece(msgspec.Struct, frozen=True):
    """upto: the notes up to there are done with when it is sent. erases: somebody leaves for good by it."""

    body: bytes
    act: bool
    version: int
    upto: int
    erases: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Told)


def pack(told: Told) -> bytes:
    return zlib.compress(_encoder.encode(told), 1)


def unpack(body: bytes) -> Told:
    """Raises ValueError for what is none."""
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(body, MOST_BYTES)
    except zlib.error as error:
        raise ValueError(f"a change that cannot be unpacked: {error}") from None
    return _decoder.decode(text)


def is_pending(db: sqlite3.Connection, shared: Mapping[str, SharedTable], *, act: bool) -> bool:
    """Raises sqlite3.Error."""
    if act:
        query = "SELECT c.version > f.version FROM directory_change c, directory_following f"
        if db.execute(query).fetchone()[0]:
            return True
    return any(shared[name].act == act for (name,) in db.execute("SELECT DISTINCT name FROM directory_noted"))


def piece(db: sqlite3.Connection, shared: Mapping[str, SharedTable], *, act: bool) -> Piece | None:
    """The next one; None: all is told. One state of the store. Raises sqlite3.Error."""
    db.execute("BEGIN")
    try:
        return _act(db, shared) if act else _free(db, shared)
    finally:
        db.execute("ROLLBACK")


def _act(db: sqlite3.Connection, shared: Mapping[str, SharedTable]) -> Piece | None:
    names = [table.name for table in shared.values() if table.act]
    now, said = db.execute("SELECT c.version, f.version FROM directory_change c, directory_following f").fetchone()
    version, upto = now, 0
    first = _first(db, names, -1)
    if first is not None:
        # In the order of their notes: a store has one writer at a time, and its version only rises.
        behind = _first(db, names, first[1])
        if behind is None:
            (upto,) = db.execute("SELECT max(no) FROM directory_noted").fetchone()
        else:
            version, upto = max(min(first[1] + 1, now), said), behind[0] - 1
    elif now <= said:
        return None
    found, too_many = _rows(db, shared, names, upto)
    history = _version(db, said, version, now) if version > said else None
    told = Told(act=True, reload=True, version=history) if too_many else Told(True, found, history)
    erases = any(one.name == ERASURE and one.rows for one in found)
    return Piece(pack(told), True, version, upto, erases)


def _free(db: sqlite3.Connection, shared: Mapping[str, SharedTable]) -> Piece | None:
    names = [table.name for table in shared.values() if not table.act]
    marks = ", ".join("?" * len(names))
    (upto,) = db.execute(f"SELECT max(no) FROM directory_noted WHERE name IN ({marks})", names).fetchone()  # noqa: S608
    if upto is None:
        return None
    found, too_many = _rows(db, shared, names, upto)
    return Piece(pack(Told(False, found, reload=too_many)), False, 0, upto)


def untold(db: sqlite3.Connection, shared: Mapping[str, SharedTable]) -> tuple[Rows, ...]:
    """What is not told yet and needs no lease, in the caller's transaction."""
    names = [table.name for table in shared.values() if not table.act]
    (upto,) = db.execute("SELECT ifnull(max(no), 0) FROM directory_noted").fetchone()
    return _rows(db, shared, names, upto)[0]


def sent(db: sqlite3.Connection, shared: Mapping[str, SharedTable], done: Piece) -> None:
    """Its notes go; what was noted since stays. In the caller's transaction."""
    names = [table.name for table in shared.values() if table.act == done.act]
    marks = ", ".join("?" * len(names))
    db.execute(f"DELETE FROM directory_noted WHERE no <= ? AND name IN ({marks})", (done.upto, *names))  # noqa: S608
    if done.act:
        db.execute("UPDATE directory_following SET version = max(version, ?)", (done.version,))


def _first(db: sqlite3.Connection, names: Sequence[str], version: int) -> tuple[int, int] | None:
    """(no, version) of the first note behind that version."""
    marks = ", ".join("?" * len(names))
    query = f"SELECT no, version FROM directory_noted WHERE version > ? AND name IN ({marks}) ORDER BY no LIMIT 1"  # noqa: S608
    row: tuple[int, int] | None = db.execute(query, (version, *names)).fetchone()
    return row


def _rows(
    db: sqlite3.Connection, shared: Mapping[str, SharedTable], names: Iterable[str], upto: int
) -> tuple[tuple[Rows, ...], bool]:
    found: list[Rows] = []
    room = MOST_KEYS
    for name in names:
        keys = [
            row[0]
            for row in db.execute(
                "SELECT DISTINCT key FROM directory_noted WHERE no <= ? AND name = ? LIMIT ?", (upto, name, room + 1)
            )
        ]
        room -= len(keys)
        if room < 0:
            return (), True
        if keys:
            found += rows.read(db, shared[name], keys)
    return tuple(found), False


def _version(db: sqlite3.Connection, said: int, version: int, now: int) -> Version:
    """Of one that is not the last, what is known now is the most careful guess: the small tables are read again."""
    tables, logged_from = db.execute("SELECT tables, logged_from FROM directory_change").fetchone()
    if version < now:
        tables, logged_from = version, min(version, logged_from)
    between = (said, version)
    stamps = db.execute("SELECT version, stamp FROM directory_stamp WHERE version > ? AND version <= ?", between)
    people = db.execute(
        "SELECT version, account, id FROM directory_changed_person WHERE version > ? AND version <= ?", between
    )
    return Version(version, tables, logged_from, tuple(stamps), tuple(people))
