"""Rows of shared tables, read by their keys to be sent, and put into the store as they came."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from ctibridge.domain.shared_table import SharedTable
from ctibridge.lookup.adapters.following.tables import AUDIT, CHOICE, ERASURE, PERSON, PHONE, as_key, columns, key_of

Row = Sequence[object]
AT_ONCE = 5_000
"""Keys in one statement."""


class Rows(msgspec.Struct, array_like=True, frozen=True):
    """Of one table: keys of all that changed, as JSON lists, and the rows that are there still."""

    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def read(db: sqlite3.Connection, table: SharedTable, keys: Sequence[str]) -> list[Rows]:
    """As they are now; with people go their numbers. Raises sqlite3.Error."""
    found = [_read(db, table.name, tuple(keys), key_of(db, table), _sent(db, table))]
    if table.name == PERSON:
        found.append(_read(db, PHONE, tuple(keys), ("person",), columns(db, PHONE)))
    return found


def put(db: sqlite3.Connection, table: SharedTable, told: Rows, numbers: Rows | None = None) -> None:
    """numbers: of these people. Columns that this version does not know are left out. Raises sqlite3.Error."""
    if table.name == PERSON:
        _put_people(db, told, numbers)
        return
    if table.person is not None:
        told = _without_strangers(db, table, told)
    key = key_of(db, table)
    if not table.key:
        _put_whole(db, table, told, key)
        return
    if table.gone:
        there = {key_text(told, row, key) for row in told.rows}
        _delete(db, table.name, key, [one for one in told.keys if one not in there])
    _upsert(db, table, told)


def _put_people(db: sqlite3.Connection, people: Rows, numbers: Rows | None) -> None:
    for keys in _some(people.keys):
        nos = json.dumps([json.loads(key)[0] for key in keys])
        db.execute(
            "DELETE FROM directory_term WHERE (account, term, person) IN (SELECT p.account, j.value, p.no "
            "FROM directory_person p, json_each(directory_terms(p.name)) j "
            "WHERE p.no IN (SELECT value FROM json_each(?)))",
            (nos,),
        )
        db.execute("DELETE FROM directory_phone WHERE person IN (SELECT value FROM json_each(?))", (nos,))
        db.execute("DELETE FROM directory_person WHERE no IN (SELECT value FROM json_each(?))", (nos,))
    _insert(db, PERSON, people)
    account, name, no = (people.columns.index(column) for column in ("account", "name", "no"))
    db.executemany(
        "INSERT OR IGNORE INTO directory_term SELECT ?1, value, ?3 FROM json_each(directory_terms(?2))",
        [(row[account], row[name], row[no]) for row in people.rows],
    )
    if numbers is not None:
        _insert(db, PHONE, numbers)


def _put_whole(db: sqlite3.Connection, table: SharedTable, told: Rows, key: Sequence[str]) -> None:
    """A row is all that it says: there once, or not. The numbers that the store gives them are each node's own."""
    there = {key_text(told, row, key) for row in told.rows}
    same = " AND ".join(f"{one} IS ?" for one in key)
    for text in told.keys:
        values = json.loads(text)
        if text not in there:
            if table.gone:
                db.execute(f"DELETE FROM {table.name} WHERE {same}", values)  # noqa: S608 - our own names
        elif not db.execute(f"SELECT 1 FROM {table.name} WHERE {same}", values).fetchone():  # noqa: S608
            marks = ", ".join("?" * len(key))
            db.execute(f"INSERT INTO {table.name} ({', '.join(key)}) VALUES ({marks})", values)  # noqa: S608


def _upsert(db: sqlite3.Connection, table: SharedTable, told: Rows) -> None:
    known, rows = _known(db, told)
    others = [column for column in known if column not in table.key]
    then = ", ".join(f"{one} = excluded.{one}" for one in others)
    do = f"UPDATE SET {then}" if others and table.name != ERASURE else "NOTHING"
    db.executemany(
        f"INSERT INTO {table.name} ({', '.join(known)}) VALUES ({', '.join('?' * len(known))}) "  # noqa: S608
        f"ON CONFLICT ({', '.join(table.key)}) DO {do}",
        rows,
    )


def _without_strangers(db: sqlite3.Connection, table: SharedTable, told: Rows) -> Rows:
    """Who was erased meanwhile must not come back by what somebody else has just learned of him: such a row goes, and
    the others hear that it went, as one of them may have taken it before he was gone."""
    assert table.person is not None
    at = [told.columns.index(column) for column in table.person]
    query = "SELECT 1 FROM directory_account a JOIN directory_person p ON p.account = a.no WHERE a.id = ? AND p.id = ?"
    known = [row for row in told.rows if db.execute(query, [row[one] for one in at]).fetchone()]
    if len(known) == len(told.rows):
        return told
    key = key_of(db, table)
    gone = {key_text(told, row, key) for row in told.rows} - {key_text(told, row, key) for row in known}
    note = "INSERT INTO directory_noted (version, name, key) SELECT version, ?, ? FROM directory_change"
    db.executemany(note, [(table.name, one) for one in sorted(gone)])
    return Rows(told.name, told.columns, told.keys, tuple(known))


def _insert(db: sqlite3.Connection, name: str, told: Rows) -> None:
    known, rows = _known(db, told)
    marks = ", ".join("?" * len(known))
    db.executemany(f"INSERT INTO {name} ({', '.join(known)}) VALUES ({marks})", rows)  # noqa: S608


def _known(db: sqlite3.Connection, told: Rows) -> tuple[Sequence[str], Sequence[Row]]:
    ours = set(columns(db, told.name))
    at = [number for number, column in enumerate(told.columns) if column in ours]
    if len(at) == len(told.columns):
        return told.columns, told.rows
    return [told.columns[one] for one in at], [[row[one] for one in at] for row in told.rows]


def _sent(db: sqlite3.Connection, table: SharedTable) -> tuple[str, ...]:
    """Whether an order is carried out here is nobody else's business."""
    without = ("done",) if table.name == ERASURE else table.without
    return tuple(column for column in columns(db, table.name) if column not in without)


def _read(db: sqlite3.Connection, name: str, keys: tuple[str, ...], key: Sequence[str], sent: tuple[str, ...]) -> Rows:
    is_same = "IS" if name in {CHOICE, AUDIT} else "="  # some of their columns may be empty
    matches = " AND ".join(
        f"{as_key(column, 't.')} {is_same} json_extract(j.value, '$[{at}]')" for at, column in enumerate(key)
    )
    rows: list[tuple[object, ...]] = []
    for some in _some(keys):
        asked = "[" + ",".join(some) + "]"
        query = f"SELECT DISTINCT {', '.join(f't.{one}' for one in sent)} FROM json_each(?) j "  # noqa: S608
        rows += db.execute(query + f"CROSS JOIN {name} t ON {matches}", (asked,))
    return Rows(name, sent, keys, tuple(rows))


def _delete(db: sqlite3.Connection, name: str, key: Sequence[str], gone: Sequence[str]) -> None:
    same = " AND ".join(f"{as_key(one)} = ?" for one in key)
    db.executemany(f"DELETE FROM {name} WHERE {same}", [json.loads(one) for one in gone])  # noqa: S608


def key_text(told: Rows, row: Row, key: Sequence[str]) -> str:
    """As SQLite's json_array writes it."""
    values = (row[told.columns.index(one)] for one in key)
    return as_text([value.hex().upper() if isinstance(value, bytes) else value for value in values])


def as_text(values: Sequence[object]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _some(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE))
