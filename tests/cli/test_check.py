"""`ctibridge check`: the store as it stands."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.cli import main
from ctibridge.lookup.adapters import state
from tests.cli.commands import run
from tests.cli.test_directory import ROOT, SAMPLE
from tests.peers.ports import Loopback

CHECKS = ROOT / "ctibridge" / "cli" / "checks"
DOCUMENT = ROOT / "docs" / "check.md"


def test_a_sound_store_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "import", str(SAMPLE))
    capsys.readouterr()
    assert run(tmp_path, "check", "--json") == 0
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert list(dict.fromkeys(row["subject"] for row in rows.values())) == [
        "configuration", "page", "store", "directory", "agents", "tokens", "clock", "redis",
    ]  # fmt: skip
    assert rows["store"]["text"].startswith("sound, 36 people")
    assert rows["freshness"]["text"] == "all of 3 accounts imported within a day"
    assert {row["kind"] for row in rows.values()} <= {"ok", "note"}


def test_a_redis_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "import", str(SAMPLE))
    path = tmp_path / "ctibridge.toml"
    with path.open("a", encoding="utf-8") as file:
        file.write('\n[redis]\nurl = "redis://127.0.0.1:1"\n')
    capsys.readouterr()
    assert main(["check", "--config", str(path)]) == 1
    assert "MEND  redis          redis             127.0.0.1:1: nobody listens there - see that Redis runs" in (
        capsys.readouterr().out
    )


def test_no_store_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(tmp_path.rglob("*"))
    assert run(tmp_path, "check") == 1
    assert "ctibridge import PATH" in capsys.readouterr().out
    made = {path.name for path in set(tmp_path.rglob("*")) - before}
    assert made <= {"ctibridge.toml"}, "nothing is made, least of all root's own state_dir"


def test_a_disk_that_is_mounted_read_only_is_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, "import", str(SAMPLE))
    capsys.readouterr()
    ask = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **also: not mode & os.W_OK and ask(path, mode, **also))
    assert run(tmp_path, "check", "--json") == 1
    (row,) = [row for row in json.loads(capsys.readouterr().out) if row["kind"] == "mend"]
    assert row["what"] == "state_dir"


def test_a_damaged_store_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "import", str(SAMPLE))
    store = next(tmp_path.rglob("ctibridge.db"))
    data = bytearray(store.read_bytes())
    data[4096 * 3 : 4096 * 20] = b"\xff" * (4096 * 17)
    store.write_bytes(data)
    capsys.readouterr()
    assert run(tmp_path, "check") == 1
    assert "restore it from a backup" in capsys.readouterr().out


@pytest.mark.parametrize(("room", "what"), [("directory", "store version"), ("delivery", "store version")])
def test_a_store_that_run_refuses_as_one_room_is_newer_is_not_ok_and_there_is_one_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], room: str, what: str
) -> None:
    run(tmp_path, "import", str(SAMPLE))
    run(tmp_path, "token", "list")
    change(tmp_path, "UPDATE schema_version SET version = 99 WHERE room = ?", room)
    capsys.readouterr()
    assert run(tmp_path, "check", "--json") == 1
    (row,) = [row for row in json.loads(capsys.readouterr().out) if row["kind"] == "mend"]
    assert row["what"] == what
    assert row["mend"].startswith("run the newer ctibridge")


def test_an_older_store_is_a_note_and_is_not_brought_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "import", str(SAMPLE))
    change(tmp_path, "UPDATE schema_version SET version = 2 WHERE room = ?", "directory")
    capsys.readouterr()
    assert run(tmp_path, "check", "--json") == 0
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["store version"]["kind"] == "note"
    assert "freshness" not in rows
    assert change(tmp_path, "UPDATE schema_version SET version = 3 WHERE room = ? AND version = 2", "directory") == 1


def test_the_last_line_says_how_much_is_to_be_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "import", str(SAMPLE))
    change(tmp_path, "DELETE FROM directory_account WHERE id = ?", "fleuron")
    capsys.readouterr()
    assert run(tmp_path, "check") == 1
    *rows, last = capsys.readouterr().out.splitlines()
    assert any(row.startswith("MEND  directory      service numbers") for row in rows)
    assert re.fullmatch(r"1 thing to mend, [2-4] worth knowing", last)


def test_a_full_disk_asks_for_room_and_not_for_a_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    run(tmp_path, "import", str(SAMPLE))
    capsys.readouterr()
    monkeypatch.setattr(state, "of_directory", full)
    assert run(tmp_path, "check") == 1
    out = capsys.readouterr().out
    assert "make room on its disk" in out
    assert "backup" not in out


TRUNK = """[node]
state_dir = "state"
[web]
listen = "127.0.0.1:0"
[[trunk]]
name = "pbx"
registrar = "sip:{}:{}"
listen = "{}"
line = [{{ user = "6001", password = {{ file = "password" }}, agents = ["ana"] }}]
"""


def test_who_is_ended_while_the_registrar_is_slow_leaves_the_line(tmp_path: Path, loopback: Loopback) -> None:
    host = loopback.address()
    (tmp_path / "password").write_text("invented", encoding="utf-8")
    (tmp_path / "password").chmod(0o600)
    file = tmp_path / "ctibridge.toml"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as registrar:
        registrar.bind((loopback.address(), 0))
        registrar.settimeout(30)
        file.write_text(TRUNK.format(*registrar.getsockname(), f"{host}:{loopback.port(host)}"), encoding="utf-8")
        checking = subprocess.Popen([sys.executable, "-m", "ctibridge", "check", "--config", str(file)])
        try:
            assert b";expires=120" in registrar.recv(4096)
            checking.terminate()
            while b";expires=0" not in registrar.recv(4096):
                assert checking.poll() is None
            assert checking.wait(30) == 128 + signal.SIGTERM
        finally:
            checking.kill()
            checking.wait()


def test_each_finding_stands_in_the_documentation() -> None:
    said = {
        word.replace("{word}", which)
        for file in (*CHECKS.glob("*.py"), CHECKS.with_name("check.py"))
        for word in re.findall(r'\b(?:Finding|note)\(\s*f?"([^"]+)"', file.read_text(encoding="utf-8"))
        for which in ("store", "desks")
    }
    findings = DOCUMENT.read_text(encoding="utf-8").partition("## The findings")[2].partition("\n## What it costs")[0]
    rows = [row.split("|") for row in findings.splitlines() if row.count("|") == 5]
    documented = {what.strip() for row in rows for what in row[2].split(",")}
    assert len(said) > 20
    assert said <= documented, said - documented
    by_variable = {"store", "desks", "secrets", "TCP", "TLS", "listen", "registration", "subscription"}
    assert documented - said <= {"what", "---", *by_variable}, documented - said


def change(folder: Path, statement: str, value: str) -> int:
    """Rows of the store that were changed: one at least."""
    with closing(sqlite3.connect(folder / "state" / "ctibridge.db", isolation_level=None)) as database:
        changed = database.execute(statement, (value,)).rowcount
        assert changed
        return changed
