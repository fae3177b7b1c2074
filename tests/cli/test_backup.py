"""`ctibridge backup` as a person or a timer types it."""

import io
import re
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.cli.backups import keeping
from tests.cli.backups.stores import store
from tests.cli.commands import run
from tests.cli.test_directory import config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store(tmp_path / "state")
    (tmp_path / "backups").mkdir()
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "backups").iterdir())


def test_into_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "backups" / "a.tar.gz"
    assert run(folder, "backup", str(path)) == 0
    said = capsys.readouterr()
    assert re.fullmatch(rf"{path}: \d+ KiB, as of \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n", said.out)
    assert said.err == ""
    with tarfile.open(path) as opened:
        assert opened.getnames() == ["manifest.json", "ctibridge.db", "desks.db", "instance"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_there_stays_unless_it_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "backups" / "a.tar.gz"
    path.write_bytes(b"before")
    assert run(folder, "backup", str(path)) == 2
    assert "--force" in capsys.readouterr().err
    assert path.read_bytes() == b"before"
    assert run(folder, "backup", str(path), "--force") == 0
    assert path.read_bytes()[:2] == b"\x1f\x8b"


def test_a_folder_gets_one_more_and_loses_those_that_had_their_time(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    old, young = (keeping.name_at(now - timedelta(days=days)) for days in (15, 13))
    for name in (old, young, "notes.txt"):
        (folder / "backups" / name).touch()
    assert run(folder, "backup", str(folder / "backups"), "--keep-days", "14") == 0
    assert capsys.readouterr().out.endswith("1 backup older than 14 days removed\n")
    (made,) = {*names(folder)} - {young, "notes.txt"}
    assert keeping.outdated([made, "ctibridge-99990101T000000Z.tar.gz"], now + timedelta(days=99), 1) == [made]


def test_where_it_fails_no_old_one_goes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = [keeping.name_at(datetime.now(UTC) - timedelta(days=days)) for days in (40, 50)]
    for name in old:
        (folder / "backups" / name).touch()
    (folder / "state" / "ctibridge.db").write_bytes(b"damaged" * 4096)
    assert run(folder, "backup", str(folder / "backups"), "--keep-days", "1") == 1
    assert "there is no backup" in capsys.readouterr().err
    assert names(folder) == sorted(old)


def test_to_standard_output(folder: Path) -> None:
    command = [sys.executable, "-m", "ctibridge", "backup", "-", "--config", config(folder)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as opened:
        assert len(opened.getnames()) == 4


def test_a_reader_that_has_gone_is_a_backup_that_failed(folder: Path) -> None:
    """Unlike a list that somebody looks at the beginning of."""
    with closing(sqlite3.connect(folder / "state" / "ctibridge.db", isolation_level=None)) as db:
        db.execute("CREATE TABLE much AS SELECT randomblob(1000000)")  # more than a pipe holds
    command = [sys.executable, "-m", "ctibridge", "backup", "-", "--config", config(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 1
    assert said == "ctibridge: who should have taken the backup has gone; there is no backup\n"


def test_nobody_wants_it_on_a_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(folder, "backup", "-") == 2
    assert "no text for a terminal" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["a.tar.gz", "--keep-days", "3"], 2, "has to be a folder of backups"),
        (["backups", "--keep-days", "0"], 2, "1 to 36500"),
        (["backups", "--keep-days", "99999999999"], 2, "1 to 36500"),
        (["-", "--keep-days", "3"], 2, "has to be a folder of backups"),
        (["state/a.tar.gz"], 2, "lies in state_dir"),
        (["state"], 2, "lies in state_dir"),
        (["none/a.tar.gz"], 2, "No such file or directory; name a file in a folder that you may write"),
    ],
)
def test_wrong_usage(
    folder: Path, words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    assert run(folder, "backup", *words) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_before_there_is_a_store_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "backup", str(tmp_path / "a.tar.gz")) == 1
    assert "there is nothing to back up yet" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_a_name_that_no_disk_takes_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "backup", str(folder / ("a" * 300))) == 1
    said = capsys.readouterr().err
    assert "File name too long" in said
    assert said.count("\n") == 1
