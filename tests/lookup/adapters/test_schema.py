import asyncio
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.schema import STORED, VERSION, StoreFault, open_file


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
    connection = await open_file(tmp_path / "ctibridge.db")
    for stored in STORED.values():
        rows = await connection.execute_fetchall(f"SELECT name FROM pragma_table_info('{stored.table}')")  # noqa: S608
        assert {row[0] for row in rows} == {*stored.key, *stored.columns}
    await connection.close()


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


async def test_a_newer_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    await (await open_file(path)).close()
    with sqlite3.connect(path) as newer:
        newer.execute("UPDATE schema_version SET version = 99 WHERE room = 'directory'")
    newer.close()
    with pytest.raises(StoreFault, match=r"ctibridge\.db: the directory in it has version 99, this program knows 2"):
        await open_file(path)


async def test_what_is_no_store_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    path.write_text("this is no database, but long enough to look at" * 40)
    with pytest.raises(StoreFault, match=r"ctibridge\.db: file is not a database"):
        await open_file(path)
    with pytest.raises(StoreFault, match="No such file or directory; state_dir must be writable"):
        await open_file(tmp_path / "missing" / "ctibridge.db")


async def test_the_query_that_decides_the_status_reads_the_index_alone(tmp_path: Path) -> None:
    from ctibridge.lookup.adapters.records import NUMBER  # noqa: PLC0415

    connection = await open_file(tmp_path / "ctibridge.db")
    (plan,) = await connection.execute_fetchall(f"EXPLAIN QUERY PLAN {NUMBER}", ("+49",))
    assert "COVERING INDEX directory_phone_by_number (number=?)" in plan[3]
    await connection.close()


def indexes(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    connection.close()
    return found


async def test_a_store_of_the_first_version_is_brought_up_with_all_that_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    await (await open_file(path)).close()
    with sqlite3.connect(path) as older:
        for kind in ("employee_id", "support_id", "email"):
            older.execute(f"DROP INDEX directory_person_by_{kind}")
        older.execute("INSERT INTO directory_person (account, id, name, email) VALUES ('acme', 'p1', 'N', 'a@b')")
        older.execute("UPDATE directory_change SET version = 7")
        older.execute("UPDATE schema_version SET version = 1 WHERE room = 'directory'")
    older.close()
    for _ in range(2):
        connection = await open_file(path)
        rows = await connection.execute_fetchall("SELECT version FROM schema_version WHERE room = 'directory'")
        people = await connection.execute_fetchall("SELECT id FROM directory_person WHERE email = 'a@b'")
        changes = await connection.execute_fetchall("SELECT version FROM directory_change")
        assert [row[0] for row in (*rows, *people, *changes)] == [VERSION, "p1", 7]
        await connection.close()
    assert {f"directory_person_by_{kind}" for kind in ("employee_id", "support_id", "email")} <= indexes(path)


async def test_two_who_bring_it_up_at_one_moment_do_not_harm_each_other(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    await (await open_file(path)).close()
    with sqlite3.connect(path) as older:
        older.execute("UPDATE schema_version SET version = 1 WHERE room = 'directory'")
    older.close()
    both = await asyncio.gather(open_file(path), open_file(path))
    for connection in both:
        await connection.close()
    await (await open_file(path)).close()
