import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.outbox_tables import FILE, TooNew, event_key, sequence_of


def test_a_new_file_is_for_the_services_user_alone(tmp_path: Path) -> None:
    connection, new = outbox_tables.connect(tmp_path / FILE)
    with closing(connection):
        assert new
        connection.execute("INSERT INTO desk VALUES (0, 'ana', 'e1', 0, 1, 0)")
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_one_that_is_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    outbox_tables.connect(tmp_path / FILE)[0].close()
    (tmp_path / FILE).chmod(0o644)
    connection, new = outbox_tables.connect(tmp_path / FILE)
    connection.close()
    assert not new
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_what_was_said_to_be_stored_outlives_a_power_failure(tmp_path: Path) -> None:
    with closing(outbox_tables.connect(tmp_path / FILE)[0]) as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1)):
            assert connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)


def test_a_log_that_outlived_its_file_is_not_played_back(tmp_path: Path) -> None:
    """Somebody deletes desks.db and leaves desks.db-wal: its pages came back, in the middle of the new tables."""
    connection, _ = outbox_tables.connect(tmp_path / FILE)
    connection.execute("INSERT INTO desk VALUES (0, 'ana', 'e1', 0, 1, 0)")
    log = (tmp_path / f"{FILE}-wal").read_bytes()
    connection.close()
    (tmp_path / FILE).unlink()
    (tmp_path / f"{FILE}-wal").write_bytes(log)
    connection, new = outbox_tables.connect(tmp_path / FILE)
    with closing(connection):
        assert new
        assert connection.execute("SELECT * FROM desk").fetchall() == []


def test_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection, _ = outbox_tables.connect(tmp_path / FILE)
    connection.execute("UPDATE schema_version SET version = 7")
    connection.close()
    with pytest.raises(TooNew, match="version 7, this ctibridge knows 2"):
        outbox_tables.connect(tmp_path / FILE)


VERSION_1 = """
CREATE TABLE schema_version (room TEXT PRIMARY KEY, version INTEGER NOT NULL);
CREATE TABLE desk (
    no INTEGER PRIMARY KEY, agent TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL, sequence INTEGER NOT NULL,
    floor INTEGER NOT NULL, acked INTEGER NOT NULL
);
CREATE TABLE desk_event (
    key INTEGER PRIMARY KEY, kind TEXT NOT NULL, call TEXT, at REAL NOT NULL, accounts TEXT, data BLOB NOT NULL
);
CREATE TABLE desk_call (
    desk INTEGER NOT NULL, call TEXT NOT NULL, rang_at REAL NOT NULL, ended_at REAL, accounts TEXT, pop_accounts TEXT,
    facts BLOB NOT NULL, pop BLOB, UNIQUE (desk, call)
);
CREATE INDEX desk_call_rang ON desk_call (desk, rang_at);
CREATE INDEX desk_call_ended ON desk_call (ended_at);
CREATE TABLE desk_fact (
    kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, at REAL NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX desk_fact_at ON desk_fact (at);
CREATE TABLE outbox_state (one INTEGER PRIMARY KEY CHECK (one = 1), run TEXT NOT NULL, clean INTEGER NOT NULL);
INSERT INTO outbox_state VALUES (1, 'boot run', 1);
INSERT INTO schema_version VALUES ('desks', 1);
INSERT INTO desk VALUES (0, 'ana', 'e1', 7, 1, 5);
INSERT INTO desk_event VALUES (7, 'notice', NULL, 1.5, '[]', x'7b7d');
"""
"""As version 1 wrote it."""


def _version_1(folder: Path) -> Path:
    path = folder / FILE
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA journal_mode = WAL;{VERSION_1}")
    return path


def _schema(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT type, name FROM sqlite_master"))


def test_a_file_of_version_1_is_brought_up_in_place(tmp_path: Path) -> None:
    connection, new = outbox_tables.connect(_version_1(tmp_path))
    (tmp_path / "new").mkdir()
    fresh, _ = outbox_tables.connect(tmp_path / "new" / FILE)
    with closing(connection), closing(fresh):
        assert not new
        assert connection.execute("SELECT version FROM schema_version").fetchall() == [(2,)]
        assert connection.execute("SELECT * FROM desk").fetchall() == [(0, "ana", "e1", 7, 1, 5)]
        assert connection.execute("SELECT count(*) FROM desk_event").fetchone() == (1,)
        assert connection.execute("SELECT * FROM desk_sight").fetchall() == []
        assert _schema(connection) == _schema(fresh)
    outbox_tables.connect(tmp_path / FILE)[0].close()  # a second time it is one of version 2


def test_a_file_of_version_1_that_cannot_be_written_is_read_as_it_is(tmp_path: Path) -> None:
    path = _version_1(tmp_path)
    before = path.read_bytes()
    with closing(outbox_tables.connect_beside(path)) as connection:
        assert connection.execute("SELECT agent FROM desk").fetchall() == [("ana",)]
    assert path.read_bytes() == before


def test_a_reader_neither_makes_a_file_nor_writes_one(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        outbox_tables.connect_reader(tmp_path / FILE)
    assert list(tmp_path.iterdir()) == []
    outbox_tables.connect(tmp_path / FILE)[0].close()
    with closing(outbox_tables.connect_reader(tmp_path / FILE)) as reader:
        assert reader.execute("SELECT count(*) FROM desk").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("DELETE FROM desk")


def test_what_is_too_old_is_found_by_an_index(tmp_path: Path) -> None:
    """The writer was held for seconds, once in an hour, to look at a million facts of which none was too old."""
    with closing(outbox_tables.connect(tmp_path / FILE)[0]) as connection:
        plan = connection.execute("EXPLAIN QUERY PLAN SELECT kind, key FROM desk_fact WHERE at < 1").fetchall()
        assert "desk_fact_at" in str(plan)


def test_the_audit_reads_sights_in_the_order_of_their_time_from_an_index_alone(tmp_path: Path) -> None:
    query = "SELECT * FROM desk_sight WHERE (at, call) > (1, 'c') {} ORDER BY at, call, agent, account, person, how"
    with closing(outbox_tables.connect(tmp_path / FILE)[0]) as connection:
        for where, index in (("", "COVERING INDEX desk_sight_at"), ("AND account = 'a'", "desk_sight_account")):
            plan = str(connection.execute("EXPLAIN QUERY PLAN " + query.format(where)).fetchall())
            assert index in plan
            assert "TEMP B-TREE" not in plan


def test_an_events_key_is_its_desk_and_its_number() -> None:
    assert event_key(3, 41) < event_key(3, 42) < event_key(4, 0)
    assert sequence_of(event_key(70_000, 2**32 - 1)) == 2**32 - 1
    assert event_key(2**31 - 1, 2**32 - 1) < 2**63
