"""The systemd unit: a command that exists, what systemd itself says of it, and no relaxation without a word."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ctibridge.cli import parser

UNIT = Path(__file__).parents[1] / "systemd" / "ctibridge.service"
EXAMPLE = UNIT.parent / "ctibridge.service.d" / "addresses.conf.example"
PROGRAM = Path(sys.executable).with_name("ctibridge")
EXPOSURE = 11
"""Tenths, as --threshold= counts. Below lie RootDirectory= and IPAddressDeny=, which no unit for every PBX can have."""
SETTING = re.compile(r"[A-Z]\w+=|AF_\w+")

systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")


def value(key: str) -> str:
    found = re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == 1, key
    return str(found[0])


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_is_one_of_ours() -> None:
    program, *words = shlex.split(value("ExecStart"))
    assert program.endswith("/ctibridge")
    assert parser().parse_args(words).config == Path("/etc/ctibridge/ctibridge.toml")


def test_it_waits_for_ready_and_is_watched() -> None:
    assert value("Type") == "notify"
    assert value("WatchdogSec") == "10s"
    assert value("Restart") == "always"
    assert value("ExecReload") == '/bin/sh -c "kill -HUP $MAINPID"'


def test_it_writes_the_store_alone_and_has_no_rights() -> None:
    assert value("DynamicUser") == "yes"
    assert value("User") == "ctibridge"
    assert value("StateDirectory") == "ctibridge"
    assert value("ProtectSystem") == "strict"
    assert value("CapabilityBoundingSet") == ""
    assert value("NoNewPrivileges") == "yes"


def test_what_it_starts_is_set_back_to_the_usual_priority() -> None:
    """systemd calls sched_setscheduler(2) only where a policy stands: by itself the reset did nothing."""
    assert value("CPUSchedulingPolicy") == "other"
    assert value("CPUSchedulingResetOnFork") == "yes"


@systemd
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """verify wants a program that is there: the copy starts this environment's."""
    copy = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8").replace("#LoadCredential=", "LoadCredential=")
    copy.write_text(text.replace("/usr/bin/ctibridge", str(PROGRAM)), encoding="utf-8")
    assert str(PROGRAM) in copy.read_text(encoding="utf-8")
    done = analyze("verify", "--man=no", copy)
    assert (done.returncode, done.stdout) == (0, "")
    assert UNIT.name not in done.stderr


@systemd
def test_its_exposure_is_small_on_every_network() -> None:
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", UNIT)
    assert done.returncode == 0, done.stdout
    assert "IPAddressDeny=" in marked(done.stdout)


@systemd
def test_every_relaxation_has_its_reason() -> None:
    """What systemd marks is named in a comment of the unit."""
    comments = "\n".join(re.findall(r"^#.*$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
    said = set(SETTING.findall(comments.partition("Relaxations")[2]))
    assert marked(analyze("security", "--offline=true", UNIT).stdout) <= said


def marked(table: str) -> set[str]:
    """The settings that systemd finds too wide; of address families the families themselves."""
    rows = [line.split()[1] for line in table.splitlines() if line.startswith("✗")]
    assert rows, table
    families = {f"AF_{name}" for row in rows for name in re.findall(r"UNIX|INET6?\b", row)}
    return families | {SETTING.findall(row)[0] for row in rows if "AF_" not in row}


@systemd
def test_the_drop_in_makes_it_narrower_still(tmp_path: Path) -> None:
    copy, drop_in = tmp_path / UNIT.name, tmp_path / EXAMPLE.parent.name / "addresses.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/bin/ctibridge", str(PROGRAM)), encoding="utf-8")
    done = analyze("verify", "--man=no", copy)
    assert (done.returncode, UNIT.name in done.stderr, str(drop_in) in done.stderr) == (0, False, False), done.stderr
    merged = tmp_path / "merged.service"
    merged.write_text(f"{UNIT.read_text(encoding='utf-8')}\n{EXAMPLE.read_text(encoding='utf-8')}", encoding="utf-8")
    assert analyze("security", "--offline=true", f"--threshold={EXPOSURE - 1}", merged).returncode == 0
