"""`ctibridge check`: the store as it stands."""

import json
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.cli.test_directory import SAMPLE


def test_a_sound_store_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "import", str(SAMPLE))
    capsys.readouterr()
    assert run(tmp_path, "check", "--json") == 0
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert list(rows) == ["configuration", "store", "ended shares"]
    assert rows["store"]["text"].startswith("sound, 36 people")


def test_no_store_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "check") == 1
    assert "ctibridge import PATH" in capsys.readouterr().out


def test_a_damaged_store_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "import", str(SAMPLE))
    store = next(tmp_path.rglob("ctibridge.db"))
    data = bytearray(store.read_bytes())
    data[4096 * 3 : 4096 * 20] = b"\xff" * (4096 * 17)
    store.write_bytes(data)
    capsys.readouterr()
    assert run(tmp_path, "check") == 1
    assert "restore it from a backup" in capsys.readouterr().out
