"""What comes out of a backup is looked through before it becomes a store."""

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.cli.backups import archive, unpacking
from ctibridge.cli.backups.archive import BadArchive, Manifest, Member
from ctibridge.cli.problem import Problem
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.delivery.adapters.token_store import SHARED
from ctibridge.lookup.adapters.following.copy import Copy
from ctibridge.lookup.adapters.schema import FILE
from tests.cli.backups.stores import AT, BY, backup_of, nobody, set_version, store, whose


def unpack(content: bytes, folder: Path) -> Path:
    folder.mkdir()
    with archive.opened(io.BytesIO(content)) as opened:
        unpacking.unpack(opened, folder, BY, nobody)
    return folder


def forged(**files: bytes) -> bytes:
    """Whose manifest tells the truth of what is in it, but for the versions."""
    named = {name: files[name.partition(".")[0]] for name in archive.NAMES if name.partition(".")[0] in files}
    members = tuple(Member(name, len(body), archive.digest(io.BytesIO(body))) for name, body in named.items())
    out = io.BytesIO()
    said = Manifest(1, "0.1.0", "desk-1", AT, members)
    archive.write(out, said, {name: io.BytesIO(body) for name, body in named.items()}, nobody)
    return out.getvalue()


def refused(content: bytes, folder: Path) -> str:
    with pytest.raises(BadArchive) as fault:
        unpack(content, folder)
    return str(fault.value)


def test_it_is_what_it_was_its_owners_alone_and_the_act_is_in_it(tmp_path: Path) -> None:
    out = unpack(backup_of(store(tmp_path / "state")), tmp_path / "out")
    assert whose(out) == ("ana", "ana", "ana")
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert {path.name for path in out.iterdir()} == {FILE, DESKS, "instance"}, "no log that would have to come along"
    with closing(sqlite3.connect(out / FILE)) as db:
        assert db.execute("SELECT act, detail FROM directory_audit").fetchall() == [
            ("backup", "to a.tar.gz"),
            ("restore", "as of 2026-11-23 01:02:03 UTC"),
        ]


def test_nobody_vouches_for_what_the_desks_were_told(tmp_path: Path) -> None:
    out = unpack(backup_of(store(tmp_path / "state")), tmp_path / "out")
    with closing(sqlite3.connect(out / DESKS)) as db:
        assert db.execute("SELECT run, clean FROM outbox_state").fetchall() == [("", 0)]


@pytest.mark.parametrize(
    ("file", "room"), [(FILE, "directory"), (FILE, "delivery"), (FILE, "imports"), (DESKS, "desks")]
)
def test_a_newer_version_is_refused_whatever_the_manifest_says(tmp_path: Path, file: str, room: str) -> None:
    folder = store(tmp_path / "state")
    set_version(folder / file, room, 99)
    content = forged(ctibridge=(folder / FILE).read_bytes(), desks=(folder / DESKS).read_bytes())
    assert f"is a newer ctibridge's: {file}: its tables ({room}) are of version 99" in refused(
        content, tmp_path / "out"
    )


def test_a_newer_version_is_refused_by_the_manifest_before_gigabytes_are_unpacked(tmp_path: Path) -> None:
    member = Member(FILE, 10, "0" * 64, {"directory": 99})
    out = io.BytesIO()
    archive.write(out, Manifest(1, "9", "desk-1", AT, (member,)), {FILE: io.BytesIO(b"0123456789")}, nobody)
    assert "directory) are of version 99" in refused(out.getvalue(), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_older_version_is_taken_and_brought_up_by_whoever_opens_it(tmp_path: Path) -> None:
    folder = store(tmp_path / "state")
    set_version(folder / DESKS, "desks", 1)
    out = unpack(backup_of(folder), tmp_path / "out")
    with closing(sqlite3.connect(out / DESKS)) as db:
        assert db.execute("SELECT version FROM schema_version").fetchall() == [(1,)]


def test_a_file_that_is_no_sound_database_is_refused_though_its_sum_is_right(tmp_path: Path) -> None:
    content = bytearray((store(tmp_path / "state") / FILE).read_bytes())
    content[4096 * 3 : 4096 * 7] = b"\xff" * 4096 * 4
    assert refused(forged(ctibridge=bytes(content)), tmp_path / "1").startswith("is damaged: ctibridge.db: ")
    assert refused(forged(ctibridge=b"no database at all"), tmp_path / "2").startswith("is damaged: ctibridge.db: ")
    assert refused(forged(ctibridge=b""), tmp_path / "3") == "is damaged: ctibridge.db in it is no store"


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIEW v AS WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
        "CREATE TRIGGER t AFTER INSERT ON directory_audit BEGIN DELETE FROM token; END",
    ],
)
def test_what_would_run_when_it_is_read_or_written_is_not_taken(sql: str, tmp_path: Path) -> None:
    path = store(tmp_path / "state") / FILE
    with closing(sqlite3.connect(path)) as db:
        db.execute(sql)
    said = refused(forged(ctibridge=path.read_bytes()), tmp_path / "out")
    assert said == "is no backup of ctibridge: ctibridge.db in it has views or triggers of somebody"


def test_a_backup_of_a_node_among_several_is_taken_and_runs_nothing(tmp_path: Path) -> None:
    path = store(tmp_path / "state") / FILE
    Copy(path, [SHARED]).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute('CREATE TRIGGER "shared_ "" x" AFTER INSERT ON directory_audit BEGIN DELETE FROM token; END')
    out = unpack(forged(ctibridge=path.read_bytes()), tmp_path / "out")
    with closing(sqlite3.connect(out / FILE)) as db:
        assert db.execute("SELECT agent FROM token").fetchall() == [("ana",)]
        ours = db.execute("SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1").fetchall()
        assert ours == [("directory_change",), ("directory_service",)]
    Copy(out / FILE, [SHARED]).close()
    with closing(sqlite3.connect(out / FILE)) as db:
        made = "SELECT 1 FROM sqlite_master WHERE name = 'shared_directory_audit_insert'"
        assert db.execute(made).fetchone(), "by who opens it next"


def test_what_says_that_it_is_larger_than_the_disk_is_refused_at_once(tmp_path: Path) -> None:
    out = io.BytesIO()
    member = Member(FILE, 1 << 60, "0" * 64)
    with pytest.raises(EOFError):
        archive.write(out, Manifest(1, "0.1.0", "desk-1", AT, (member,)), {FILE: io.BytesIO(b"")}, nobody)
    (tmp_path / "out").mkdir()
    with archive.opened(io.BytesIO(out.getvalue())) as opened, pytest.raises(Problem, match="are free; make room"):
        unpacking.unpack(opened, tmp_path / "out", BY, nobody)
