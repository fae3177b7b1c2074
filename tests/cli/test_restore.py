"""`ctibridge restore` as a person types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctibridge import installation
from tests.cli.backups.stores import store, whose
from tests.cli.commands import run
from tests.cli.test_directory import config


@pytest.fixture
def backup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Ana's store, as one file. There is no store any more."""
    store(tmp_path / "state")
    assert run(tmp_path, "backup", str(tmp_path / "b.tar.gz")) == 0
    for path in (tmp_path / "state").iterdir():
        path.unlink()
    (tmp_path / "state").rmdir()
    capsys.readouterr()
    return tmp_path / "b.tar.gz"


def test_into_an_empty_machine(backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "restore", str(backup)) == 0
    assert whose(tmp_path / "state") == ("ana",) * 3
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    out, err = capsys.readouterr()
    assert out.startswith(f"{tmp_path}/state is as it was at 2")
    assert " UTC, on node desk-1 (ctibridge " in out
    assert "tokens that were taken back hold again" in out
    assert "of before" not in out
    assert err == ""


def test_where_there_is_a_store_it_has_to_be_said(
    backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store(tmp_path / "state", "ben")
    assert run(tmp_path, "restore", str(backup)) == 1
    assert "has a store already (ctibridge.db); to set it aside in a folder: --replace" in capsys.readouterr().err
    assert whose(tmp_path / "state") == ("ben",) * 3
    assert run(tmp_path, "restore", str(backup), "--replace") == 0
    (aside,) = (tmp_path / "state").glob("replaced-*")
    assert f"The store of before is in {aside}, with all its people" in capsys.readouterr().out
    assert (whose(tmp_path / "state"), whose(aside)) == (("ana",) * 3, ("ben",) * 3)


def test_a_daemon_that_runs_keeps_its_store(backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = installation.take(store(tmp_path / "state", "ben"))
    assert run(tmp_path, "restore", str(backup), "--replace") == 1
    assert "is in use by another ctibridge; stop it" in capsys.readouterr().err
    os.close(lock)
    assert whose(tmp_path / "state") == ("ben",) * 3


def test_a_damaged_backup_changes_nothing(backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store(tmp_path / "state", "ben")
    content = backup.read_bytes()
    backup.write_bytes(content[: len(content) // 2])
    assert run(tmp_path, "restore", str(backup), "--replace") == 1
    assert capsys.readouterr().err == f"ctibridge: {backup} is damaged: it is not whole; nothing was restored\n"
    assert whose(tmp_path / "state") == ("ben",) * 3
    assert not [path.name for path in (tmp_path / "state").iterdir() if path.name.startswith("re")]


def test_from_standard_input(backup: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ctibridge", "restore", "-", "--config", config(tmp_path)]
    with backup.open("rb") as given:
        subprocess.run(command, stdin=given, capture_output=True, check=True)
    assert whose(tmp_path / "state") == ("ana",) * 3


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "restore", str(tmp_path / "none")) == 2
    assert capsys.readouterr().err == (
        f"ctibridge: {tmp_path}/none: No such file or directory; name a file of `ctibridge backup`\n"
    )
    assert run(tmp_path, "restore", str(tmp_path)) == 2
    assert "Is a directory; name a file" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_a_full_disk_leaves_nothing_half(
    backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run(tmp_path, "restore", str(backup)) == 1
    assert "No space left on device; nothing was restored" in capsys.readouterr().err
    assert {path.name for path in (tmp_path / "state").iterdir()} == {"ctibridge.lock"}
