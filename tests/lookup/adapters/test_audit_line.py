import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.lookup.adapters import audit_line
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.schema import FILE, open_file

BY = Actor("root", datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC))


async def test_a_line_that_raises_no_version(tmp_path: Path) -> None:
    """Or each backup would have the daemon read all small tables anew."""
    await (await open_file(tmp_path / FILE)).close()
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as db:
        before = db.execute("SELECT * FROM directory_change").fetchall()
        audit_line.write(db, BY, "backup", "to a.tar.gz")
        assert db.execute("SELECT * FROM directory_change").fetchall() == before
        assert db.execute("SELECT at, actor, act, account, agent, detail FROM directory_audit").fetchall() == [
            ("2026-11-23T01:02:03+00:00", "root", "backup", None, None, "to a.tar.gz")
        ]


def test_a_store_without_an_audit_stays_as_it_is() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        audit_line.write(db, BY, "backup", "to a.tar.gz")
        assert db.execute("SELECT * FROM sqlite_master").fetchall() == []
