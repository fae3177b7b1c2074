"""The directory's tables as they are written down: whole, to be made twice, and what each kind of file fills."""

import sqlite3

import pytest

from ctibridge.lookup.adapters import tables
from ctibridge.lookup.sheets import SHEETS


@pytest.fixture
def db() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def test_made_twice_they_are_as_made_once(db: sqlite3.Connection) -> None:
    for _ in range(2):
        for statement in tables.statements(tables.DDL):
            db.execute(statement)
    made = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {stored.table for stored in tables.STORED.values()} <= made
    assert db.execute("SELECT * FROM directory_change").fetchall() == [(1, 0, 0, 0)]


def test_a_statement_is_cut_at_its_own_end_and_not_inside_a_trigger() -> None:
    script = (
        "CREATE TABLE a (b);\nCREATE TRIGGER c AFTER INSERT ON a BEGIN\n SELECT 1;\n SELECT 2;\nEND;\nSELECT ';';\n"
    )
    assert len(list(tables.statements(script))) == 3


def test_every_stored_kind_of_file_has_a_table_with_its_columns(db: sqlite3.Connection) -> None:
    db.executescript(tables.DDL)
    assert tables.STORED.keys() == {name for name, sheet in SHEETS.items() if sheet.stored and name != "phones"}
    for stored in tables.STORED.values():
        columns = {row[1] for row in db.execute(f"PRAGMA table_info({stored.table})")}
        assert {*stored.key, *stored.columns} <= columns


def test_labels_are_few_enough_for_five_bits(db: sqlite3.Connection) -> None:
    db.executescript(tables.DDL)
    labels = dict(db.execute("SELECT name, no FROM directory_label"))
    assert labels["other"] == tables.OTHER_LABEL
    assert tables.MOST_LABELS < 2**5
