"""The systemd unit starts a command that exists, speaks sd_notify, and writes nothing but the store."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from ctibridge.cli import parser

UNIT = Path(__file__).parents[1] / "systemd" / "ctibridge.service"


def value(key: str) -> str:
    found = re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == 1, key
    return str(found[0])


def test_the_command_is_one_of_ours() -> None:
    program, *words = shlex.split(value("ExecStart"))
    assert program.endswith("/ctibridge")
    assert parser().parse_args(words).config == Path("/etc/ctibridge/ctibridge.toml")


def test_it_waits_for_ready_and_is_watched() -> None:
    assert value("Type") == "notify"
    assert value("WatchdogSec") == "10s"
    assert value("Restart") == "always"


def test_it_writes_the_store_alone_and_has_no_rights() -> None:
    assert value("DynamicUser") == "yes"
    assert value("StateDirectory") == "ctibridge"
    assert value("ProtectSystem") == "strict"
    assert value("CapabilityBoundingSet") == ""
    assert value("NoNewPrivileges") == "yes"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """verify wants a program that is there: the copy starts `true`."""
    copy = tmp_path / "ctibridge.service"
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/bin/ctibridge", "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "ctibridge.service" not in done.stderr
