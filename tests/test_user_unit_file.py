"""The unit of `watch`: a command that exists, what systemd itself says of it, and no caller in the journal."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ctibridge.cli import parser, watch
from ctibridge.watch.adapters.token import CREDENTIAL
from ctibridge.watch.browser_command import OWN, commands, filled
from tests.test_unit_file import systemd

UNIT = Path(__file__).parents[1] / "systemd" / "user" / "ctibridge-watch.service"
PROGRAM = Path(sys.executable).with_name("ctibridge")


def values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


def environment() -> dict[str, str]:
    return dict(shlex.split(value)[0].split("=", 1) for value in values("Environment"))


def test_the_command_is_one_of_ours() -> None:
    (line,) = values("ExecStart")
    program, *words = shlex.split(line.replace("${CTIBRIDGE_URL}", environment()["CTIBRIDGE_URL"]))
    assert program.endswith("/ctibridge")
    args = parser().parse_args(words)
    assert (args.run, args.url) == (watch.run, "http://127.0.0.1:8137")
    assert (args.open, args.notify, args.json) == (True, True, True)


def test_the_token_is_found_where_systemd_puts_it() -> None:
    assert values("LoadCredential") == [f"{CREDENTIAL}:%E/ctibridge/token"]
    assert values("ConditionPathExists") == ["%E/ctibridge/token"]


def test_the_browser_starts_outside_of_the_sandbox() -> None:
    (command,) = commands({OWN: environment()[OWN], "BROWSER": "firefox"})
    words = filled(command, "https://tool.example/")
    assert words[:2] == ["systemd-run", "--user"]
    assert "--description=page" in words, "else the journal has the command line"
    assert "StandardOutput=null" in words, "and standard error, which follows it (systemd.exec)"
    assert words[-3:] == ["--", "xdg-open", "https://tool.example/"]


def test_what_watch_prints_is_not_kept_and_a_refusal_is_final() -> None:
    assert values("StandardOutput") == ["null"]
    assert values("Restart") == ["on-failure"]
    assert values("RestartPreventExitStatus") == ["1 2"]


@systemd
def test_systemd_understands_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/bin/ctibridge", str(PROGRAM)), encoding="utf-8")
    command = ["systemd-analyze", "verify", "--user", "--man=no", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
    assert UNIT.name not in done.stderr
