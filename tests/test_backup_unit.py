"""The backup's unit and its timer: the daemon's user, store and sandbox, a folder of its own, no network."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from ctibridge.cli import parser
from ctibridge.delivery.settings import PrivacySettings
from tests.cli.backups.stores import store
from tests.cli.test_directory import config
from tests.e2e.daemon import ROOT
from tests.test_selftest_unit import RUNNING, service
from tests.test_unit_file import EXPOSURE, PROGRAM, SETTING, analyze, marked, systemd
from tests.test_unit_file import UNIT as DAEMON

UNIT = DAEMON.with_name("ctibridge-backup.service")
TIMER = UNIT.with_suffix(".timer")
NETWORK = {"RestrictAddressFamilies", "PrivateNetwork", "IPAddressDeny"}


def test_the_command_is_one_of_ours_and_keeps_nothing_for_longer_than_the_store() -> None:
    program, *words = shlex.split(dict(service(UNIT))["ExecStart"])
    assert program.endswith("/ctibridge")
    args = parser("backup").parse_args(words)
    assert args.config == Path("/etc/ctibridge/ctibridge.toml")
    assert 1 <= args.keep_days <= PrivacySettings().call_log_days
    assert args.file == f"/var/lib/{dict(service(UNIT))['StateDirectory'].split()[1]}"


def test_it_is_the_daemons_user_with_the_daemons_store_and_a_folder_that_the_daemon_has_not() -> None:
    mine, its = dict(service(UNIT)), dict(service(DAEMON))
    assert mine["User"] == its["User"] == "ctibridge"
    assert mine["StateDirectory"].split() == [its["StateDirectory"], "ctibridge-backup"]
    assert its["StateDirectory"] == "ctibridge"


def test_it_may_do_what_the_daemon_may_without_its_network() -> None:
    apart = {*RUNNING, *NETWORK, "StateDirectory", "IOSchedulingClass"}
    mine, its = ([one for one in service(unit) if one[0] not in apart] for unit in (UNIT, DAEMON))
    assert mine == its
    assert dict(service(UNIT))["PrivateNetwork"] == "yes"


@systemd
def test_within_the_units_own_filter_a_backup_is_made(tmp_path: Path) -> None:
    store(tmp_path / "state")
    (tmp_path / "backups").mkdir()
    program = [sys.executable, "-m", "tests.e2e.sandbox", str(UNIT), sys.executable, "-m", "ctibridge"]
    words = ["backup", str(tmp_path / "backups"), "--keep-days", "14", "--config", config(tmp_path)]
    done = subprocess.run([*program, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (made,) = (tmp_path / "backups").iterdir()
    assert made.name in done.stdout


@systemd
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    for unit in (UNIT, TIMER):
        text = unit.read_text(encoding="utf-8")
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/ctibridge", str(PROGRAM)), encoding="utf-8")
    done = analyze("verify", "--man=no", tmp_path / UNIT.name, tmp_path / TIMER.name)
    assert (done.returncode, done.stdout) == (0, "")
    assert "ctibridge" not in done.stderr


@systemd
def test_its_exposure_is_less_than_the_daemons() -> None:
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", UNIT)
    assert done.returncode == 0, done.stdout
    comments = "\n".join(re.findall(r"^#.*$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
    assert marked(done.stdout) <= set(SETTING.findall(comments.partition("Relaxations")[2]))
