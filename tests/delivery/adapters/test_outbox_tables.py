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
    with pytest.raises(TooNew, match="version 7, this program knows 1"):
        outbox_tables.connect(tmp_path / FILE)


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


def test_an_events_key_is_its_desk_and_its_number() -> None:
    assert event_key(3, 41) < event_key(3, 42) < event_key(4, 0)
    assert sequence_of(event_key(70_000, 2**32 - 1)) == 2**32 - 1
    assert event_key(2**31 - 1, 2**32 - 1) < 2**63
