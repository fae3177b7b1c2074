"""The test call's unit and its timer: the daemon's user, store and sandbox, its own secrets, once a day."""

import re
import shlex
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from ctibridge.cli import parser
from ctibridge.domain.last_call import DAILY
from tests.test_unit_file import EXAMPLE, EXPOSURE, PROGRAM, SETTING, analyze, marked, systemd
from tests.test_unit_file import UNIT as DAEMON

UNIT = DAEMON.with_name("ctibridge-selftest.service")
TIMER = UNIT.with_suffix(".timer")
RUNNING = {
    "Type", "ExecStart", "ExecReload", "WatchdogSec", "Restart", "RestartSec", "TimeoutStartSec", "TimeoutStopSec",
    "KillMode", "Nice", "CPUSchedulingPolicy", "CPUSchedulingResetOnFork", "LimitNOFILE",
}  # fmt: skip
"""How a daemon is run; what it may do is everything else."""


def service(unit: Path) -> list[tuple[str, str]]:
    """Each setting of [Service] with its value, in order."""
    section = unit.read_text(encoding="utf-8").partition("[Service]")[2].partition("\n[")[0]
    return re.findall(r"^(\w+)=(.*)$", section, re.MULTILINE)


def test_the_command_is_one_of_ours() -> None:
    program, *words = shlex.split(dict(service(UNIT))["ExecStart"])
    assert program.endswith("/ctibridge")
    assert parser("selftest").parse_args(words).config == Path("/etc/ctibridge/ctibridge.toml")


def test_it_is_the_daemons_user_with_the_daemons_store() -> None:
    """Two dynamic users of one StateDirectory: whoever starts later takes it from the other (systemd issue 7090)."""
    for unit in (DAEMON, UNIT):
        of = dict(service(unit))
        assert (of["DynamicUser"], of["User"], of["StateDirectory"]) == ("yes", "ctibridge", "ctibridge")


def test_it_may_do_what_the_daemon_may_and_no_more() -> None:
    mine, its = ([one for one in service(unit) if one[0] not in RUNNING] for unit in (UNIT, DAEMON))
    assert mine == its


def test_ended_early_it_has_time_for_the_other_phone() -> None:
    """SIGTERM for all of it would leave pyVoIP's contact on the line."""
    assert dict(service(UNIT))["KillMode"] == "mixed"


def test_its_secrets_are_its_own() -> None:
    """Credentials of the daemon are not here: each unit names what it needs."""
    assert UNIT.read_text(encoding="utf-8").count("\n#LoadCredential=") == 2


@systemd
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    for unit in (UNIT, TIMER):
        text = unit.read_text(encoding="utf-8").replace("#LoadCredential=", "LoadCredential=")
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/ctibridge", str(PROGRAM)), encoding="utf-8")
    drop_in = tmp_path / f"{UNIT.name}.d" / "addresses.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    done = analyze("verify", "--man=no", tmp_path / UNIT.name, tmp_path / TIMER.name)
    assert (done.returncode, done.stdout) == (0, "")
    assert "ctibridge" not in done.stderr


@systemd
def test_its_exposure_is_the_daemons() -> None:
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", UNIT)
    assert done.returncode == 0, done.stdout
    comments = "\n".join(re.findall(r"^#.*$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
    assert marked(done.stdout) <= set(SETTING.findall(comments.partition("Relaxations")[2]))


@systemd
def test_it_calls_often_enough_for_the_alert() -> None:
    """The longest time between two calls: of two that follow each other, and what chance adds."""
    text = TIMER.read_text(encoding="utf-8")
    (when,) = re.findall(r"^OnCalendar=(.+)$", text, re.MULTILINE)
    (chance,) = re.findall(r"^RandomizedDelaySec=(\d+)min$", text, re.MULTILINE)
    said = analyze("calendar", "--iterations=8", "--base-time=2026-11-22 12:00:00 UTC", when).stdout
    at = [datetime.fromisoformat(found) for found in re.findall(r"(?:elapse|#\d+): \w+ (\S+ \S+)", said)]
    assert len(at) == 8, said
    gaps = [later - before for before, later in pairwise(at)]
    assert max(gaps) + timedelta(minutes=int(chance)) < DAILY
