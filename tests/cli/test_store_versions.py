"""An older program on a newer store: one line, whichever command, and nothing is touched."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctibridge.cli import main, store_versions
from ctibridge.cli.problem import Problem
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.lookup.adapters.schema import FILE
from tests.cli.backups.stores import set_version, store
from tests.cli.commands import run

ROOMS = [(file, room) for file, rooms in store_versions.FILES.items() for room in rooms]
COMMANDS = (
    "run", "import a", "share acme", "grant ana acme", "revoke ana acme", "grants", "announce acme hello",
    "lookup +49301", "account check acme", "token issue --agent ana", "token list", "token revoke x",
    "backup ../b.tar.gz", "audit", "export --account acme --person p1", "erase --account acme --person p1 --yes",
)  # fmt: skip
"""All that open the store; `restore --replace` is the mend, and `check` has a row of its own."""


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.db")}


@pytest.mark.parametrize(("file", "room"), ROOMS)
def test_each_command_refuses_each_newer_table(
    file: str, room: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "accounts.csv").write_text("id,name\nacme,ACME\n", encoding="utf-8")
    set_version(store(tmp_path / "state") / file, room, 99)
    before = sums(tmp_path / "state")
    known = store_versions.FILES[file][room].written
    for command in COMMANDS:
        assert run(tmp_path, *command.split()) == 1, command
        said = capsys.readouterr()
        assert said.out == "", command
        assert said.err == (
            f"ctibridge: {tmp_path}/state/{file}: its tables ({room}) are of version 99, this ctibridge knows {known}; "
            "run the newer ctibridge, or restore the backup made before the upgrade: ctibridge restore FILE --replace\n"
        ), command
    assert sums(tmp_path / "state") == before


def test_every_command_is_either_tried_above_or_opens_no_store() -> None:
    from ctibridge.cli import MODULES  # noqa: PLC0415

    tried = {command.split()[0] for command in COMMANDS}
    others = {"restore", "check", "watch", "schema", "demo", "selftest", "cluster"}
    assert {name for names in MODULES.values() for name in names} == tried | others


@pytest.mark.parametrize(("file", "room"), ROOMS)
def test_check_has_a_row_of_it(file: str, room: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_version(store(tmp_path / "state") / file, room, 99)
    assert run(tmp_path, "check", "--json") == 1
    rows = [row for row in json.loads(capsys.readouterr().out) if "are of version 99" in row["text"]]
    assert [row["subject"] for row in rows] == ["store"]
    assert "restore the backup made before the upgrade" in json.dumps(rows)


def test_rooms_of_a_later_program_are_its_own(tmp_path: Path) -> None:
    set_version(store(tmp_path) / FILE, "somebody", 1)
    store_versions.refuse_newer(tmp_path)


def test_what_is_not_there_or_cannot_be_read_is_others_to_say(tmp_path: Path) -> None:
    store_versions.refuse_newer(tmp_path)
    (tmp_path / FILE).write_bytes(b"no database")
    (tmp_path / DESKS).write_bytes(b"")
    store_versions.refuse_newer(tmp_path)


@pytest.mark.parametrize("file", store_versions.FILES)
def test_a_pipe_is_not_waited_for(file: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / file)
    with pytest.raises(Problem, match=f"{file} is no file"):
        store_versions.refuse_newer(tmp_path)


def test_older_ones_are_brought_up() -> None:
    for file, rooms in store_versions.FILES.items():
        for room, versions in rooms.items():
            for version in (versions.written, *versions.older):
                assert store_versions.unknown(file, {room: version}) is None
            assert store_versions.unknown(file, {room: versions.written + 1}) is not None


def test_who_packs_the_program_may_ask_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ctibridge.cli.store_versions"], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert said["desks.db"] == {"desks": store_versions.DESKS["desks"].written}
    assert set(said["ctibridge.db"]) == {"directory", "delivery", "imports"}


def test_the_mend_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the line tells people to do."""
    store(tmp_path / "state")
    assert run(tmp_path, "backup", str(tmp_path / "b.tar.gz")) == 0
    set_version(tmp_path / "state" / FILE, "directory", 99)
    assert run(tmp_path, "restore", str(tmp_path / "b.tar.gz")) == 1
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "b.tar.gz"), "--replace", "--config", str(tmp_path / "ctibridge.toml")]) == 0
    assert run(tmp_path, "grants") == 0
    (aside,) = (tmp_path / "state").glob("replaced-*")
    with pytest.raises(Problem, match="of version 99"):
        store_versions.refuse_newer(aside)
