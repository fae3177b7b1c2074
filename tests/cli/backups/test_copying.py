"""A copy of a database that is being written: of one moment, whole, and nobody waits for it."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.cli.backups import copying
from ctibridge.cli.backups.copying import Damaged


def nobody(*_: object) -> None: ...


def database(path: Path, rows: int) -> None:
    """Two tables that are always of equal length; 3 kB to a row."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE schema_version (room TEXT PRIMARY KEY, version INTEGER NOT NULL)")
        db.execute("INSERT INTO schema_version VALUES ('desks', 1)")
        db.execute("CREATE TABLE a (body BLOB)")
        db.execute("CREATE TABLE b (body BLOB)")
        db.execute("BEGIN")
        add(db, rows)
        db.execute("COMMIT")


def add(db: sqlite3.Connection, rows: int) -> None:
    for table in "ab":
        db.executemany(f"INSERT INTO {table} VALUES (randomblob(?))", [(3_000,)] * rows)  # noqa: S608


class Writer(threading.Thread):
    """Commits one row to both tables, again and again. waited: seconds of the slowest commit."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path, self.stop, self.commits, self.waited = path, threading.Event(), 0, 0.0

    def run(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=30)) as db:
            while not self.stop.is_set():
                began = time.monotonic()
                db.execute("BEGIN IMMEDIATE")
                add(db, 1)
                db.execute("COMMIT")
                self.waited = max(self.waited, time.monotonic() - began)
                self.commits += 1


def counted(file: object, folder: Path) -> tuple[int, int]:
    (folder / "look.db").write_bytes(file.read())  # type: ignore[attr-defined]
    with closing(sqlite3.connect(folder / "look.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        a, b = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in "ab")  # noqa: S608
    return a, b


def test_it_is_of_one_moment_and_ends_while_another_process_commits_without_pause(tmp_path: Path) -> None:
    """Page by page without a transaction, each commit would begin it anew: here one comes between any two steps."""
    path, steps = tmp_path / "desks.db", []
    database(path, 3_000)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        def commit(step: str, done: int, total: int) -> None:
            if step.startswith("copying"):
                other.execute("BEGIN IMMEDIATE")
                add(other, 1)
                other.execute("COMMIT")
                steps.append((done, total))

        file, versions = copying.copy(path, tmp_path / "copy.db", commit)
        with file:
            assert counted(file, tmp_path) == (3_000, 3_000), "nothing that was committed meanwhile, of neither table"
        assert other.execute("SELECT count(*) FROM a").fetchone()[0] == 3_000 + len(steps)
    assert versions == {"desks": 1}
    assert len(steps) >= 4
    assert [done for done, _ in steps] == sorted(done for done, _ in steps), "it is never begun anew"
    assert steps[-1][0] == steps[-1][1]


def test_a_writer_does_not_wait_for_it(tmp_path: Path) -> None:
    path = tmp_path / "desks.db"
    database(path, 5_000)
    writer = Writer(path)
    writer.start()
    try:
        for turn in range(5):
            before, began = writer.commits, time.monotonic()
            file, _ = copying.copy(path, tmp_path / f"copy{turn}.db", nobody)
            with file:
                a, b = counted(file, tmp_path)
            assert a == b
            assert writer.commits > before, f"{time.monotonic() - began:.2f} s without a commit"
    finally:
        writer.stop.set()
        writer.join()


def test_its_name_is_gone_before_it_is_used_and_its_mode_is_its_owners(tmp_path: Path) -> None:
    database(tmp_path / "desks.db", 10)
    mask = os.umask(0)
    try:
        file, _ = copying.copy(tmp_path / "desks.db", tmp_path / "copy.db", nobody)
    finally:
        os.umask(mask)
    with file:
        assert os.fstat(file.fileno()).st_nlink == 0
        assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"desks.db"}


def test_what_is_in_the_log_of_a_killed_process_is_in_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "desks.db"
    database(path, 10)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        add(db, 1)
        for name in ("desks.db", "desks.db-wal"):
            (tmp_path / f"killed-{name}").write_bytes((tmp_path / name).read_bytes())
    file, _ = copying.copy(tmp_path / "killed-desks.db", tmp_path / "copy.db", nobody)
    with file:
        assert counted(file, tmp_path) == (11, 11)


def test_damage_is_found_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "desks.db"
    database(path, 500)
    content = bytearray(path.read_bytes())
    at = len(content) // 2 // 4096 * 4096
    content[at : at + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(Damaged):
        copying.copy(path, tmp_path / "copy.db", nobody)
    assert {path.name for path in tmp_path.iterdir()} == {"desks.db"}


def test_a_source_that_is_gone_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        copying.copy(tmp_path / "desks.db", tmp_path / "copy.db", nobody)
    assert list(tmp_path.iterdir()) == []
