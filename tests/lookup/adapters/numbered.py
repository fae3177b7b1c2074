"""A store with people and their numbers, changed as an import changes it: version, log and rows in one transaction."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.index import Index
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.overlay import Overlay, rows
from ctibridge.lookup.visibility import Visible
from tests.lookup.laid_out import LABELS, Numbers

ACCOUNTS = ("acme", "fleuron", "khalij")
People = Mapping[tuple[str, str], Numbers | None]


async def store(folder: Path) -> Path:
    """An empty one with the accounts of the examples, and one between them whose people are in nobody's way."""
    path = folder / FILE
    await (await open_file(path)).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO directory_account (id, name) VALUES (?, ?)", [(a, a) for a in ACCOUNTS])
        connection.executemany("INSERT OR IGNORE INTO directory_label (name) VALUES (?)", [(one,) for one in LABELS])
    return path


def change(path: Path, people: People, *, logged: bool = True) -> int:
    """These people are so now; None: gone. logged: the change log reaches from the version before. The new version."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE directory_change SET version = version + 1")
        ((version,),) = connection.execute("SELECT version FROM directory_change")
        if not logged:
            connection.execute("UPDATE directory_change SET logged_from = version, version = version")
        for (account, person), numbers in people.items():
            _one(connection, version, (account, person), numbers)
        connection.execute("COMMIT")
    return int(version)


def _one(connection: sqlite3.Connection, version: int, key: tuple[str, str], numbers: Numbers | None) -> None:
    ((account,),) = connection.execute("SELECT no FROM directory_account WHERE id = ?", key[:1])
    connection.execute("INSERT OR IGNORE INTO directory_changed_person VALUES (?, ?, ?)", (version, account, key[1]))
    there = "SELECT no FROM directory_person WHERE account = ? AND id = ?"
    for (no,) in connection.execute(there, (account, key[1])).fetchall():
        connection.execute("DELETE FROM directory_phone WHERE person = ?", (no,))
        connection.execute("DELETE FROM directory_person WHERE no = ?", (no,))
    if numbers is None:
        return
    disabled = any(disabled for _, _, disabled, _ in numbers)
    no = connection.execute(
        "INSERT INTO directory_person (account, id, name, disabled) VALUES (?, ?, 'Somebody', ?)",
        (account, key[1], disabled or None),
    ).lastrowid
    connection.executemany(
        "INSERT INTO directory_phone SELECT ?, ?, ?, no, ?, ?, NULL FROM directory_label WHERE name = ?",
        [(account, number, no, origin, imported, label) for origin, (number, label, _, imported) in enumerate(numbers)],
    )


def said(base: Index | None, number: Understood, visible: Visible, changed: Overlay | None = None) -> list[str]:
    """What the index alone says, in an order of its own."""
    return ordered(rows(base, changed or Overlay(), number, "acme", visible))


def ordered(found: Iterable[NumberRow] | None) -> list[str]:
    assert found is not None
    return sorted(f"{row} {row.matched}" for row in found)
