"""Which tables of `ctibridge.db` all nodes have alike, and what notes which of their rows have changed.

A trigger on each shared table notes the key of every row that is written, whoever writes it; the row itself is read
when it is sent. What follows from others is not sent: words of names go with their person, who is covered by what with
the service, and which versions there were is sent as it stands. Only a node of a cluster has the triggers.
"""

import sqlite3
from collections.abc import Sequence

from ctibridge.domain.shared_table import SharedTable
from ctibridge.lookup.adapters.erasing import TABLES as ERASING
from ctibridge.lookup.adapters.importing.journal import TABLES as JOURNAL
from ctibridge.lookup.adapters.tables import statements

PERSON, PHONE, TERM = "directory_person", "directory_phone", "directory_term"
CHOICE, AUDIT, ERASURE = "directory_choice", "directory_audit", "directory_erasure"

SHARED = (
    SharedTable("directory_label", ("no",)),
    SharedTable("directory_account", ("no",)),
    SharedTable("directory_site", ("account", "name")),
    SharedTable("directory_agent", ("id",)),
    SharedTable("directory_role_share", ("account", "role")),
    SharedTable("directory_grant", ("agent", "account")),
    SharedTable("directory_service_number", ("number",)),
    SharedTable("directory_announcement", ("account", "id")),
    SharedTable(PERSON, ("no",)),  # with all numbers and words of them
    SharedTable("directory_service", ("account", "id")),
    SharedTable("directory_configuration_item", ("account", "id")),
    SharedTable("directory_standard_request", ("account", "id")),
    SharedTable("directory_knowledge_article", ("account", "id")),
    SharedTable("directory_request", ("account", "id")),
    SharedTable("directory_kept_out", ("account", "mark")),
    SharedTable("directory_erasing_key", ("one",)),
    SharedTable("import_journal", ("account",)),
    SharedTable(ERASURE, ("no",), gone=False),
    SharedTable(AUDIT, without=("no",), act=False, gone=False),
    SharedTable(CHOICE, act=False, person=("account", "person")),
    SharedTable("directory_contact", ("account", "person"), act=False, person=("account", "person")),
)
WITH_OTHERS = (PHONE, TERM, "directory_coverage")
"""They follow from rows of the tables above."""
PEOPLE = (PERSON, PHONE, TERM)
"""What a lean copy goes without."""
HISTORY = ("directory_change", "directory_stamp", "directory_changed_person")
OWN = ("schema_version", "directory_noted", "directory_following", "directory_followed")
"""Each node's own."""
NOTES = "shared_"
"""Names of our triggers begin so, and no other one's."""

_MADE = """
-- version: of the directory, when it was written; a transaction that raises it notes the one before.
CREATE TABLE IF NOT EXISTS directory_noted (
    no INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL
);
-- copy: chance, of this file. quiet: what is written now came from others, and is not noted. lean: it goes without
-- people, who are in Redis.
CREATE TABLE IF NOT EXISTS directory_following (
    id INTEGER PRIMARY KEY CHECK (id = 1), copy TEXT NOT NULL, history TEXT NOT NULL, seq INTEGER NOT NULL,
    stamp TEXT NOT NULL, act INTEGER NOT NULL, version INTEGER NOT NULL, quiet INTEGER NOT NULL DEFAULT 0,
    lean INTEGER NOT NULL DEFAULT 0
);
INSERT OR IGNORE INTO directory_following (id, copy, history, seq, stamp, act, version)
VALUES (1, lower(hex(randomblob(8))), '', 0, '', 0, 0);
CREATE TABLE IF NOT EXISTS directory_followed (seq INTEGER PRIMARY KEY, stamp TEXT NOT NULL);
INSERT OR IGNORE INTO schema_version VALUES ('following', 1);
"""


def is_set_up(db: sqlite3.Connection, shared: Sequence[SharedTable]) -> bool:
    """Raises sqlite3.Error."""
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")}
    triggers = {_trigger(table.name, "INSERT") for table in shared}
    return "lean" in columns(db, "directory_following") and triggers <= names


def set_up(db: sqlite3.Connection, shared: Sequence[SharedTable]) -> None:
    """In the caller's transaction; all of it may be there already. Raises sqlite3.Error."""
    for statement in (*ERASING, *JOURNAL, *statements(_MADE)):
        db.execute(statement)
    if "lean" not in columns(db, "directory_following"):  # made by an earlier ctibridge
        db.execute("ALTER TABLE directory_following ADD COLUMN lean INTEGER NOT NULL DEFAULT 0")
    for table in shared:
        for what in ("INSERT", "UPDATE", "DELETE"):
            if what == "INSERT" or table.name != ERASURE:  # what becomes of an order is each node's own
                db.execute(_noting(table.name, table.name, key_of(db, table), what))
    for what in ("INSERT", "UPDATE", "DELETE"):
        db.execute(_noting(PHONE, PERSON, ("person",), what))


def is_lean(db: sqlite3.Connection, schema: str = "main") -> bool:
    """Of a copy: does it go without people? Raises sqlite3.Error."""
    if "lean" not in columns(db, "directory_following", schema):
        return False
    return bool(db.execute(f"SELECT lean FROM {schema}.directory_following").fetchone()[0])  # noqa: S608 - our own words


def columns(db: sqlite3.Connection, name: str, schema: str = "main") -> tuple[str, ...]:
    return tuple(row[1] for row in db.execute(f"PRAGMA {schema}.table_info({name})"))


def key_of(db: sqlite3.Connection, table: SharedTable) -> tuple[str, ...]:
    return table.key or tuple(name for name in columns(db, table.name) if name not in table.without)


def as_key(column: str, at: str = "") -> str:
    """JSON takes no bytes."""
    return f"hex({at}{column})" if column == "mark" else f"{at}{column}"


def _noting(on: str, name: str, key: Sequence[str], what: str) -> str:
    sides = {"INSERT": ("new",), "DELETE": ("old",), "UPDATE": ("old", "new")}[what]
    moved = {"old": _unless_same(key)} if what == "UPDATE" else {}
    notes = " ".join(_note(name, key, side, moved.get(side, "")) for side in sides)
    when = "WHEN (SELECT quiet FROM directory_following) = 0"
    return f"CREATE TRIGGER IF NOT EXISTS {_trigger(on, what)} AFTER {what} ON {on} {when} BEGIN {notes} END"


def _note(name: str, key: Sequence[str], side: str, where: str) -> str:
    values = ", ".join(as_key(one, f"{side}.") for one in key)
    found = f"SELECT version, '{name}', json_array({values}) FROM directory_change{where}"  # noqa: S608 - our own words
    return f"INSERT INTO directory_noted (version, name, key) {found};"


def _unless_same(key: Sequence[str]) -> str:
    return " WHERE " + " OR ".join(f"old.{one} IS NOT new.{one}" for one in key)


def _trigger(name: str, what: str) -> str:
    return f"{NOTES}{name}_{what.lower()}"
