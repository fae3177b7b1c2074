"""`ctibridge check`: the store as it stands."""

import json
import sqlite3
from pathlib import Path

import pytest

from ctibridge.lookup.adapters import state
from ctibridge.lookup.adapters.schema import StoreFault
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


@pytest.mark.parametrize(
    ("room", "mend"), [("directory", "run the newer ctibridge"), ("delivery", "use the newer ctibridge")]
)
def test_a_store_that_run_refuses_as_one_room_is_newer_is_not_ok_and_there_is_one_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], room: str, mend: str
) -> None:
    run(tmp_path, "import", str(SAMPLE))
    run(tmp_path, "token", "list")
    store = next(tmp_path.rglob("ctibridge.db"))
    with sqlite3.connect(store) as database:
        changed = database.execute("UPDATE schema_version SET version = 99 WHERE room = ?", (room,))
        assert changed.rowcount == 1
    database.close()
    capsys.readouterr()
    assert run(tmp_path, "check", "--json") == 1
    row = {row["what"]: row for row in json.loads(capsys.readouterr().out)}["store"]
    assert row["mend"].startswith(mend)
    assert "backup" not in row["mend"]
    assert "newer" not in row["text"]


def test_a_full_disk_asks_for_room_and_not_for_a_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreFault("state/ctibridge.db: disk I/O error; restore it from a backup")

    run(tmp_path, "import", str(SAMPLE))
    capsys.readouterr()
    monkeypatch.setattr(state, "of_store", full)
    assert run(tmp_path, "check") == 1
    out = capsys.readouterr().out
    assert "make room on its disk" in out
    assert "backup" not in out
