"""What of a state directory goes into a backup, in which order, and what stops it."""

import fcntl
import io
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.cli.backups import archive, copying, packing
from ctibridge.cli.problem import Problem
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.lookup.adapters.schema import FILE
from tests.cli.backups.stores import AT, BY, backup_of, nobody, set_version, store


def test_directory_desks_and_name_with_their_versions(tmp_path: Path) -> None:
    with archive.opened(io.BytesIO(backup_of(store(tmp_path)))) as opened:
        said = opened.manifest
    assert [member.name for member in said.members] == ["ctibridge.db", "desks.db", "instance"]
    assert (said.node, said.made_at) == ("desk-1", AT)
    assert [sorted(member.versions) for member in said.members] == [["delivery", "directory"], ["desks"], []]


def test_before_the_first_start_there_is_a_directory_alone(tmp_path: Path) -> None:
    store(tmp_path)
    for name in (DESKS, "instance"):
        (tmp_path / name).unlink()
    with archive.opened(io.BytesIO(backup_of(tmp_path))) as opened:
        assert [member.name for member in opened.manifest.members] == ["ctibridge.db"]


def test_the_desks_are_never_older_than_their_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was ordered to leave, and left, between the two copies: not in the desks' file, or ordered still."""
    really, order = copying.copy, []

    def copy(source: Path, *rest: object) -> object:
        order.append(source.name)
        return really(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "copy", copy)
    backup_of(store(tmp_path))
    assert order == [FILE, DESKS]


def test_nothing_is_left_beside_the_store(tmp_path: Path) -> None:
    before = {path.name for path in store(tmp_path).iterdir()}
    backup_of(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == before


def test_one_at_a_time_and_what_a_killed_one_left_goes_with_the_next(tmp_path: Path) -> None:
    work = store(tmp_path) / packing.WORK
    work.mkdir()
    (work / "ctibridge.db").write_bytes(b"half of everybody")
    lock = os.open(work, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(Problem, match="another backup is being made"):
        backup_of(tmp_path)
    assert (work / "ctibridge.db").exists(), "it is the other one's"
    os.close(lock)
    backup_of(tmp_path)
    assert not work.exists()


def test_a_disk_that_it_would_fill_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "SPARE", 1 << 60)
    with pytest.raises(Problem, match=r"on the disk of state_dir for a moment, .* are free; make room"):
        backup_of(store(tmp_path))


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(Problem, match=r"^a: No space left on device; there is no backup$"):
        packing.pack(store(tmp_path), "desk-1", Full(), BY, "a", nobody)


def test_a_damaged_store_does_not_become_a_backup(tmp_path: Path) -> None:
    path = store(tmp_path) / FILE
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 4)
    with pytest.raises(Problem, match=r"ctibridge\.db is damaged: .*; there is no backup, earlier ones stay"):
        backup_of(tmp_path)


@pytest.mark.parametrize(("file", "room"), [(FILE, "directory"), (FILE, "imports"), (DESKS, "desks")])
def test_a_newer_one_is_left_to_the_newer_program(tmp_path: Path, file: str, room: str) -> None:
    set_version(store(tmp_path) / file, room, 99)
    with pytest.raises(Problem, match=rf"{file}: its tables \({room}\) are of version 99"):
        backup_of(tmp_path)


def test_the_act_is_in_the_backup_itself(tmp_path: Path) -> None:
    with (
        archive.opened(io.BytesIO(backup_of(store(tmp_path / "state")))) as opened,
        (tmp_path / "db").open("wb") as out,
    ):
        opened.extract(opened.manifest.members[0], out, nobody)
    with closing(sqlite3.connect(tmp_path / "db")) as db:
        assert db.execute("SELECT actor, act, detail FROM directory_audit").fetchall() == [
            ("root", "backup", "to a.tar.gz")
        ]


def test_a_store_that_takes_nothing_is_a_reason_for_a_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "WAIT_MS", 1)
    with closing(sqlite3.connect(store(tmp_path) / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert backup_of(tmp_path)
    assert capsys.readouterr().err == "the audit does not have this backup: database is locked\n"


@pytest.mark.parametrize("kind", ["link", "pipe", "long"])
def test_a_name_that_is_none_of_ours_gets_into_no_backup(kind: str, tmp_path: Path) -> None:
    """Root reads with rights that the store's owner has not; and what is too long could never be restored."""
    name = store(tmp_path / "state") / "instance"
    name.unlink()
    (tmp_path / "secret").write_text("root:x:1", encoding="ascii")
    if kind == "link":
        name.symlink_to(tmp_path / "secret")
    elif kind == "pipe":
        os.mkfifo(name)
    else:
        name.write_bytes(bytes(archive.MOST_NAME + 1))
    with pytest.raises(Problem, match="instance is nothing that ctibridge made"):
        backup_of(tmp_path / "state")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads what is somebody else's")
def test_a_link_to_the_database_of_another_user_is_not_copied(tmp_path: Path) -> None:
    state, other = store(tmp_path / "state"), tmp_path / "other.db"
    (state / DESKS).rename(other)
    (state / DESKS).symlink_to(other)
    backup_of(state)  # the owner's own, on another disk
    os.chown(other, 65534, 65534)
    with pytest.raises(Problem, match=r"desks\.db leads to a file of another user"):
        backup_of(state)
