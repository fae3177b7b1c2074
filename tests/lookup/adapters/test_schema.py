import asyncio
import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup.adapters.schema import STORED, VERSION, StoreFault, open_file, open_reader, terms_as_json, words
from ctibridge.lookup.folding import terms


def tables(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return found


async def test_a_new_store_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    connection = await open_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert next(iter(await connection.execute_fetchall("PRAGMA journal_mode")))[0] == "wal"
    await connection.close()
    assert {"schema_version", "directory_change", *(stored.table for stored in STORED.values())} <= tables(path)


async def test_a_store_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    await (await open_file(path)).close()
    path.chmod(0o644)
    await (await open_file(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_opening_the_store_again_leaves_the_locks_of_this_process_alone(tmp_path: Path) -> None:
    """Closing any descriptor of the file drops them all (fcntl(2)): who reads next takes himself for the last one, and
    throws the log away with what is in it."""
    path = tmp_path / "ctibridge.db"
    connection = await open_file(path)
    await connection.execute("UPDATE directory_change SET version = version + 1")
    await (await open_file(path)).close()
    program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM directory_change').fetchall()"
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    there = (tmp_path / "ctibridge.db-wal").exists()
    await connection.close()
    assert there


async def test_every_stored_column_is_in_its_table(tmp_path: Path) -> None:
    """And nothing else, but the row's own number and what the store itself writes down there."""
    own = {"no"}, {"no", "purged"}
    path = tmp_path / "ctibridge.db"
    await (await open_file(path)).close()
    with closing(sqlite3.connect(path)) as db:
        for stored in STORED.values():
            rows = db.execute("SELECT name FROM pragma_table_info(?)", (stored.table,))
            there = {row[0] for row in rows}
            assert there - own[stored.table == "directory_account"] == {*stored.key, *stored.columns}


async def test_it_stands_beside_the_tables_of_other_rooms(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE schema_version (room TEXT PRIMARY KEY, version INTEGER)")
        other.execute("INSERT INTO schema_version VALUES ('delivery', 7)")
    other.close()
    for _ in range(2):
        connection = await open_file(path)
        rows = await connection.execute_fetchall("SELECT room, version FROM schema_version ORDER BY room")
        assert [tuple(row) for row in rows] == [("delivery", 7), ("directory", VERSION)]
        await connection.close()


async def test_what_is_no_store_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    path.write_text("this is no database, but long enough to look at" * 40)
    with pytest.raises(StoreFault, match=r"ctibridge\.db: file is not a database"):
        await open_file(path)
    with pytest.raises(StoreFault, match="No such file or directory; state_dir must be writable"):
        await open_file(tmp_path / "missing" / "ctibridge.db")


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        (sqlite3.SQLITE_FULL, "make room on that disk"),
        (sqlite3.SQLITE_IOERR_SHMSIZE, "make room on that disk, or see whether it is broken"),
        (sqlite3.SQLITE_CANTOPEN, "make room on that disk, or make file and state_dir writable"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "must be writable for the service's user"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "end that one"),
        (sqlite3.SQLITE_CORRUPT_VTAB, "restore it from a backup"),
        (sqlite3.SQLITE_NOTADB, "restore it from a backup"),
    ],
)
def test_each_fault_of_the_file_has_its_mend(code: int, mend: str) -> None:
    """Of a full disk it was "unable to open database file", and no more."""
    error = sqlite3.OperationalError("as SQLite puts it")
    error.sqlite_errorcode = code
    assert words(error).startswith("as SQLite puts it; ")
    assert mend in words(error)


async def test_a_log_that_outlived_its_file_is_not_played_back(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    connection = await open_file(path)
    await connection.execute("INSERT INTO directory_account (id, name) VALUES ('acme', 'ACME AG')")
    log = path.with_name("ctibridge.db-wal")
    kept = log.read_bytes()
    await connection.close()
    path.unlink()
    log.write_bytes(kept)
    connection = await open_file(path)
    assert list(await connection.execute_fetchall("SELECT id FROM directory_account")) == []
    assert next(iter(await connection.execute_fetchall("PRAGMA integrity_check")))[0] == "ok"
    await connection.close()


async def test_a_new_store_that_two_make_at_one_moment(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    both = await asyncio.gather(open_file(path), open_file(path))
    for connection in both:
        await connection.close()
    await (await open_file(path)).close()


async def test_every_connection_knows_the_terms_of_a_name_and_maps_no_page(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    for connection in (await open_file(path), await open_reader(path, cache_kib=512)):
        ((found, nothing),) = await connection.execute_fetchall(
            "SELECT directory_terms(?), directory_terms('-')", ("Jörg O'Neill",)
        )
        assert (json.loads(found), json.loads(nothing)) == (["joerg", "jorg", "neill", "o", "oneill"], [])
        assert next(iter(await connection.execute_fetchall("PRAGMA mmap_size")))[0] == 0
        await connection.close()


@given(st.text(max_size=40))
def test_the_terms_are_a_json_list_whatever_the_name_is(name: str) -> None:
    assert tuple(json.loads(terms_as_json(name))) == terms(name)


async def test_a_reader_only_reads_and_keeps_its_cache_small(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    await (await open_file(path)).close()
    reader = await open_reader(path, cache_kib=512)
    assert next(iter(await reader.execute_fetchall("PRAGMA cache_size")))[0] == -512
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await reader.execute("DELETE FROM directory_person")
    await reader.close()


async def test_a_reader_of_what_is_no_store_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    path.write_text("this is no database, but long enough to look at" * 40)
    with pytest.raises(StoreFault, match=r"ctibridge\.db: file is not a database"):
        await open_reader(path, cache_kib=512)


async def test_those_who_open_a_new_file_in_one_moment_wait_for_each_other(tmp_path: Path) -> None:
    """Daemon and import: for the second one it was "database is locked", at once, about each eighth time."""
    for attempt in range(20):
        path = tmp_path / f"{attempt}.db"
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("CREATE TABLE somebodys (number INTEGER)")
        for connection in await asyncio.gather(*(open_file(path) for _ in range(4))):
            await connection.close()
