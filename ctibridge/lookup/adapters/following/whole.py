"""A whole copy: made of a store that stands at the head, and taken by one that cannot catch up.

It is taken in one transaction, by what differs: whoever looks up meanwhile sees the directory of before, then the new
one. What is a node's own stays, and so does what it has not told yet, as far as that cannot be wrong: what desks
taught, tokens, and that somebody may see less (`--here`).

A small one has no people: for lean copies, and for one that has the same people already.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.domain.shared_table import SharedTable
from ctibridge.lookup.adapters.following import changes, tables
from ctibridge.lookup.adapters.following.copy import Copy
from ctibridge.lookup.adapters.following.tables import ERASURE, PEOPLE
from ctibridge.lookup.following import Standing

ASIDE = "aside"
OWNER_ONLY = 0o600
_NARROWER = {
    "directory_grant": ("agent", "account"),
    "directory_role_share": ("account", "role"),
}


class NotNow(Exception):
    """A command is at work on this copy, or has left something that is not told yet."""


class OtherPeople(Exception):
    """The people here are not those of what came."""


def make(copy: Copy, file: Path, *, small: bool = False) -> Standing:
    """All that is shared, as of one moment, into a new file; returns where it stands. Raises NotNow, sqlite3.Error."""
    (_write_small if small else _write)(copy, file)
    db = sqlite3.connect(file, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = DELETE")
        if changes.is_pending(db, copy.shared, act=True):
            raise NotNow
        row = db.execute("SELECT history, seq, stamp, act, version FROM directory_following").fetchone()
        return Standing(*row)
    finally:
        db.close()


def set_aside(copy: Copy, at: datetime) -> Path:
    """The copy as it is, beside it, before another history takes its place. Raises sqlite3.Error, OSError."""
    file = copy.path.with_name(f"{copy.path.name}.{ASIDE}-{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}")
    _write(copy, file)
    return file


def take(copy: Copy, file: Path) -> list[int]:
    """The copy is as that one from now on, and stands where it stood. Returns the numbers of erasures that this node
    can no longer carry out by itself, as they were carried out elsewhere while it was away. Raises OtherPeople where
    it is a small one that will not do, sqlite3.Error."""
    db = copy.db
    with _attached(db, file), copy.changing():
        standing, mine = _standing(db), copy.standing()
        same = mine.history == standing.history
        if same and copy.past().get(standing.seq) == standing.stamp:
            return []  # meanwhile another process has brought the copy there, or further
        goes_without = copy.lean
        if not goes_without and tables.is_lean(db, "came") and not (same and _has_its_people(db)):
            raise OtherPeople
        kept = changes.untold(db, copy.shared) if same else ()
        narrowed = _narrowed(copy) if same else []
        db.execute("DELETE FROM directory_noted" if not same else _act_notes(copy))
        without = PEOPLE if goes_without or tables.is_lean(db, "came") else ()
        with copy.quiet():
            missed = _missed(db)
            for name in _all(copy, without):
                _equal(db, name, copy.shared.get(name))
            copy.put_rows(kept)
            copy.stand(standing)
        _narrow(db, narrowed)
    return missed


def keep(copy: Copy, file: Path) -> bool:
    """A lean copy has all people from now on, of a whole one that is of the same act; nothing else is taken of it.
    False: it is of another. Raises sqlite3.Error."""
    db = copy.db
    with _attached(db, file), copy.changing():
        came, mine = _standing(db), copy.standing()
        if tables.is_lean(db, "came") or (came.history, came.act) != (mine.history, mine.act):
            return False
        with copy.quiet():
            for name in PEOPLE:
                _equal(db, name, copy.shared.get(name))
        copy.be(lean=False)
    return True


@contextmanager
def _attached(db: sqlite3.Connection, file: Path) -> Iterator[None]:
    db.execute("ATTACH ? AS came", (str(file),))
    try:
        yield
    finally:
        db.execute("DETACH came")


def _standing(db: sqlite3.Connection) -> Standing:
    query = "SELECT history, seq, stamp, act, version FROM came.directory_following"
    return Standing(*db.execute(query).fetchone())


def _all(copy: Copy, without: Sequence[str]) -> list[str]:
    names = *copy.shared, *tables.WITH_OTHERS, *tables.HISTORY
    return [name for name in names if name not in without]


def _has_its_people(db: sqlite3.Connection) -> bool:
    """Nobody has changed since the version here, which is one of those that it has behind it."""
    query = (
        "SELECT 1 FROM main.directory_change m, came.directory_change c WHERE c.logged_from <= m.version "
        "AND EXISTS (SELECT 1 FROM main.directory_stamp s JOIN came.directory_stamp t USING (version, stamp) "
        "WHERE version = m.version) "
        "AND NOT EXISTS (SELECT 1 FROM came.directory_changed_person p WHERE p.version > m.version)"
    )
    return db.execute(query).fetchone() is not None


def _write(copy: Copy, file: Path) -> None:
    with suppress(FileNotFoundError):
        file.unlink()
    file.touch(OWNER_ONLY)
    copy.db.execute("VACUUM INTO ?", (str(file),))


def _write_small(copy: Copy, file: Path) -> None:
    with suppress(FileNotFoundError):
        file.unlink()
    file.touch(OWNER_ONLY)
    db = copy.db
    db.execute("ATTACH ? AS going", (str(file),))
    try:
        with _one_moment(db):
            for name in (*_all(copy, PEOPLE), "directory_noted", "directory_following"):
                db.execute(f"CREATE TABLE going.{name} AS SELECT * FROM main.{name}")  # noqa: S608 - our own names
                if (table := copy.shared.get(name)) is not None and table.key:
                    db.execute(f"CREATE UNIQUE INDEX going.{name}_key ON {name} ({', '.join(table.key)})")
            db.execute("UPDATE going.directory_following SET lean = 1")
    finally:
        db.execute("DETACH going")


@contextmanager
def _one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """Nobody who writes meanwhile has to wait."""
    db.execute("BEGIN")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _equal(db: sqlite3.Connection, name: str, table: SharedTable | None) -> None:
    """By what differs: a directory that is nearly right is hardly written to."""
    theirs = tables.columns(db, name, "came")
    own = {"done"} if name == ERASURE else set(table.without if table else ())
    both = [column for column in tables.columns(db, name) if column in theirs and column not in own]
    listed = ", ".join(both)
    if table is None or not table.key:
        rest = f"SELECT {listed} FROM main.{name} EXCEPT SELECT {listed} FROM came.{name}"  # noqa: S608 - our own names
        same = " AND ".join(f"d.{one} IS {name}.{one}" for one in both)
        db.execute(f"CREATE TEMP TABLE differing AS {rest}")
        db.execute(f"DELETE FROM main.{name} WHERE EXISTS (SELECT 1 FROM temp.differing d WHERE {same})")  # noqa: S608
        db.execute("DROP TABLE temp.differing")
    else:
        same = " AND ".join(f"d.{one} = {name}.{one}" for one in table.key)
        db.execute(f"DELETE FROM main.{name} WHERE NOT EXISTS (SELECT 1 FROM came.{name} d WHERE {same})")  # noqa: S608
    what = "IGNORE" if name == ERASURE else "REPLACE"
    db.execute(
        f"INSERT OR {what} INTO main.{name} ({listed}) "  # noqa: S608
        f"SELECT {listed} FROM came.{name} EXCEPT SELECT {listed} FROM main.{name}"
    )


def _missed(db: sqlite3.Connection) -> list[int]:
    """Orders of which nobody has kept whom they name."""
    query = (
        "SELECT no FROM came.directory_erasure WHERE what IS NULL AND no NOT IN (SELECT no FROM main.directory_erasure)"
    )
    return [int(row[0]) for row in db.execute(query)]


def _act_notes(copy: Copy) -> str:
    names = ", ".join(f"'{name}'" for name, table in copy.shared.items() if table.act)
    return f"DELETE FROM directory_noted WHERE name IN ({names})"  # noqa: S608 - our own names


def _narrowed(copy: Copy) -> list[tuple[str, Sequence[object]]]:
    """Shares and grants that were ended here, and nobody else has heard of it."""
    found: list[tuple[str, Sequence[object]]] = []
    for name, key in _NARROWER.items():
        matches = " AND ".join(f"t.{one} = json_extract(n.key, '$[{at}]')" for at, one in enumerate(key))
        query = (
            f"SELECT DISTINCT t.ends_at, {', '.join(f't.{one}' for one in key)} FROM directory_noted n "  # noqa: S608
            f"JOIN {name} t ON {matches} WHERE n.name = ? AND t.ends_at IS NOT NULL"
        )
        found += [(name, row) for row in copy.db.execute(query, (name,))]
    return found


def _narrow(db: sqlite3.Connection, narrowed: Sequence[tuple[str, Sequence[object]]]) -> None:
    """It ends here as it did, and the others hear of it."""
    ended = 0
    for name, (ends_at, *key) in narrowed:
        same = " AND ".join(f"{one} = ?" for one in _NARROWER[name])
        ended += db.execute(
            f"UPDATE {name} SET ends_at = ? WHERE {same} AND (ends_at IS NULL OR ends_at > ?)",  # noqa: S608
            (ends_at, *key, ends_at),
        ).rowcount
    if ended:
        db.execute("UPDATE directory_change SET version = version + 1, tables = version + 1")
