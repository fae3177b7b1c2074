"""Another process reads what the daemon knows of its lines, while that one writes."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import kept_evidence, outbox_tables
from ctibridge.delivery.adapters.kept_evidence import KeptEvidence
from ctibridge.domain import line_evidence
from ctibridge.domain.line import LineState
from ctibridge.domain.line_evidence import LineEvidence

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
ONE = LineEvidence("pbx", "6001", LineState.REGISTERED, "registered", AT, AT, others=1)


def kept(db: sqlite3.Connection, kind: str, key: str, text: object) -> None:
    db.execute("INSERT OR REPLACE INTO desk_fact VALUES (?, ?, ?, ?)", (kind, key, text, AT.timestamp()))


@pytest.fixture
def written(tmp_path: Path) -> sqlite3.Connection:
    db, _ = outbox_tables.connect(tmp_path / outbox_tables.FILE)
    kept(db, line_evidence.KIND, "pbx/6001", line_evidence.write(ONE))
    kept(db, line_evidence.SEEN, "", line_evidence.write_moment(AT))
    kept(db, "missed", "x", b"of another kind")
    return db


def test_it_is_read_while_the_daemon_writes(tmp_path: Path, written: sqlite3.Connection) -> None:
    written.execute("BEGIN IMMEDIATE")
    kept(written, line_evidence.KIND, "pbx/6002", b"not yet")
    assert kept_evidence.read(tmp_path) == KeptEvidence((ONE,), AT)
    written.execute("COMMIT")
    written.close()


def test_what_cannot_be_read_is_left_out(tmp_path: Path, written: sqlite3.Connection) -> None:
    kept(written, line_evidence.KIND, "pbx/6002", b"{")
    kept(written, line_evidence.SEEN, "", b"yesterday")
    written.close()
    assert kept_evidence.read(tmp_path) == KeptEvidence((ONE,), None)


@pytest.mark.parametrize("body", ["text", 10**12, 1.5])
def test_a_column_takes_anything_and_only_our_own_is_read(
    tmp_path: Path, written: sqlite3.Connection, body: object
) -> None:
    kept(written, line_evidence.KIND, "pbx/6002", body)
    kept(written, line_evidence.SEEN, "", body)
    written.close()
    assert kept_evidence.read(tmp_path) == KeptEvidence((ONE,), None)


def test_before_the_first_start_there_is_nothing_and_nothing_is_made(tmp_path: Path) -> None:
    assert kept_evidence.read(tmp_path) == KeptEvidence()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / outbox_tables.FILE).write_bytes(b"x" * 8192)
    with pytest.raises(sqlite3.Error):
        kept_evidence.read(tmp_path)
