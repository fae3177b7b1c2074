"""Files of SQLite as they stand: sound, damaged, cut, of somebody else; and beside whoever writes."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.cli.checks.database import FileState, connect, look


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "desks.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(
            "PRAGMA journal_mode = WAL; CREATE TABLE schema_version (room TEXT PRIMARY KEY, version INTEGER);"
            "INSERT INTO schema_version VALUES ('desks', 7); CREATE TABLE event (key INTEGER PRIMARY KEY, data TEXT);"
            "CREATE INDEX event_data ON event (data);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
            "INSERT INTO event SELECT i, hex(randomblob(20)) FROM n; PRAGMA wal_checkpoint(TRUNCATE);"
        )
    path.chmod(0o600)
    return path


def at_leisure(path: Path) -> FileState:
    found = look(path, None, lambda _: None)
    assert found is not None
    return found


def page_of(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return (int(root) - 1) * 4096


def spoil(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset : offset + 4096] = b"\xff" * 4096
    path.write_bytes(data)


def test_a_sound_file(path: Path) -> None:
    said: list[str] = []
    assert look(path, None, said.append) == FileState("desks.db", path.stat().st_size, 0, 0o600, {"desks": 7}, tables=2)
    assert said == ["desks.db: 1 of 2: schema_version", "desks.db: 2 of 2: event"]


@pytest.mark.parametrize("name", ["event", "event_data"])
def test_damage_that_no_query_would_meet_is_said_in_one_line(path: Path, name: str) -> None:
    spoil(path, page_of(path, name))
    found = at_leisure(path)
    said = found.damage or str(found.fault or "")
    assert said
    assert "\n" not in said
    assert found.versions == {"desks": 7}


@pytest.mark.parametrize("how", ["front", "cut", "text", "folder"])
def test_what_is_no_database_any_more(path: Path, how: str) -> None:
    if how == "front":
        spoil(path, 0)
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif how == "text":
        path.write_text("what a backup program wrote instead\n" * 100)
    else:
        path.unlink()
        path.mkdir()
    found = at_leisure(path)
    assert isinstance(found.fault, sqlite3.Error) or found.damage


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert look(tmp_path / "none.db", None, lambda _: None) is None
    with pytest.raises(sqlite3.OperationalError):
        connect(tmp_path / "none.db").execute("SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.db")
    found = look(tmp_path / "x.db", None, lambda _: None)
    assert found is not None
    assert found.damage == "it is no file"


def test_an_empty_file_has_no_tables(tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()
    assert at_leisure(tmp_path / "new.db").versions == {}


def test_where_the_time_is_too_short_it_says_how_far_it_came(path: Path) -> None:
    found = look(path, 0.0, lambda _: None)
    assert found is not None
    assert (found.tables, found.unread, found.damage, found.fault) == (0, ("schema_version", "event"), None, None)


def test_a_table_that_takes_too_long_is_given_up(path: Path) -> None:
    """The check is interrupted from inside of it, in the moment in which its table is announced."""
    with closing(connect(path)) as connection:
        connection.set_progress_handler(lambda: 1, 1)
        with pytest.raises(sqlite3.OperationalError) as interrupted:
            connection.execute('PRAGMA quick_check("event")').fetchone()
    assert interrupted.value.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT


def test_a_writer_is_neither_waited_for_nor_kept(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO event VALUES (9999, 'x')")
        assert at_leisure(path).damage is None
        writer.execute("INSERT INTO event VALUES (10000, 'y')")
        writer.execute("COMMIT")
        assert at_leisure(path).log > 0


def test_the_widest_rights_of_the_three_files_count(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("INSERT INTO event VALUES (9999, 'x')")
        path.with_name("desks.db-wal").chmod(0o644)
        assert at_leisure(path).rights == 0o644
