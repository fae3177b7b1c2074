"""The package on a booted Debian: installed, configured, started, called through a real PBX, stopped by force."""

from pathlib import Path

import pytest

from tests.e2e.daemon import PASSWORD
from tests.e2e.desk import Desk
from tests.e2e.house import ACME, REGULA
from tests.peers.kamailio import Kamailio, PbxSettings
from tests.peers.plugin import MakeBaresip, MakeSipp
from tests.peers.process import Process, until
from tests.peers.sipp import Invite
from tests.systemd.machine import Machine
from tests.systemd.site import Cable, Site

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.peer("ip", "debootstrap", "systemd-nspawn", "kamailio", "baresip", "sipp"),
]
SECRET = "calls-itself-and-no-more"
SELFTEST = f"""
[trunk.selftest]
user = "{REGULA}"
username = "tester"
password = {{ file = "secrets/tester" }}
dial = "{ACME}"
agent = "ana"
patience = "5s"
"""
WATCHED = 2
"""Seconds, in place of the unit's ten."""


async def test_it_serves_a_call_and_comes_back_from_whatever_ends_it(
    box: Machine, tmp_path: Path, baresip: MakeBaresip, sipp: MakeSipp, peer_processes: list[Process]
) -> None:
    lines = {"6001": PASSWORD, "6002": PASSWORD}
    asked = PbxSettings(users=lines | {"tester": SECRET}, numbers={ACME: ("6001", "6002")})
    async with Kamailio(tmp_path / "pbx", Cable(box.ours), asked) as pbx:
        peer_processes.append(pbx.process)
        site = Site(box, pbx)
        phones = [await baresip(pbx, line) for line in lines]
        assert box.attempt("systemctl is-enabled ctibridge") == (1, "disabled\n"), (
            "without a PBX there is nothing to hear"
        )
        # The sample has tester's secret where the test call's user reads it.
        box.write("/etc/ctibridge/secrets/tester", SECRET, 0o640)
        box.run("chgrp ctibridge /etc/ctibridge/secrets/tester")
        site.configure(SELFTEST)
        site.drop_in(f"WatchdogSec={WATCHED}", name="watchdog")
        site.start()
        assert site.show("ActiveState") == "active"
        await until(lambda: site.show("StatusText") == "ready", "both lines are heard")
        async with Desk(site.web, site.token("ana")) as ana:
            await _a_call_pops(ana, sipp(pbx))
            await _it_reloads(site, ana)
            _its_files_are_its_own(site)
            _the_test_call_goes_well(site)
            _a_backup_is_made_meanwhile(site)
        await _it_is_started_again(site, "STOP", "watchdog")
        await _it_is_started_again(site, "KILL", "signal")
        async with Desk(site.web, site.token("ana")) as ana:
            await ana.lines({"6001": "registered"})
            await _a_call_pops(ana, sipp(pbx))
        assert len(phones) == len(lines)
        site.journal()  # nothing personal in it
        box.run("systemctl stop ctibridge")
        assert site.show("Result") == "success"


async def _a_call_pops(desk: Desk, caller: object) -> None:
    calls = caller.start(Invite(ACME, number=REGULA, display="R. Frei"), patience=1.0)  # type: ignore[attr-defined]
    pop = await desk.ringing()
    assert [found["person"]["id"] for found in pop["resolution"]["candidates"]] == ["p17"]
    assert (await desk.ended())["call"]["outcome"] == "abandoned"
    await calls.done()


async def _it_reloads(site: Site, desk: Desk) -> None:
    """A line is gone, with no other start."""
    pid = site.show("MainPID")
    text = site.box.read("/etc/ctibridge/ctibridge.toml").decode()
    kept, gone, _ = text.partition('[[trunk.line]]\nuser = "6002"')
    assert gone
    site.box.run("cat > /etc/ctibridge/ctibridge.toml", entered=f"{kept}{SELFTEST}".encode())
    site.box.run("systemctl reload ctibridge")
    await site.pbx.wait_contacts("6002", 1)  # its phone alone
    assert site.show("MainPID") == pid
    assert "reloaded" in site.events()
    assert desk.closed_with is None


def _its_files_are_its_own(site: Site) -> None:
    """No command of root left a file that the service cannot open, and nobody else can read any."""
    listed = site.box.run("find /var/lib/ctibridge/ -printf '%u %m %P\\n'").splitlines()
    assert {line.split()[0] for line in listed} == {"ctibridge"}
    assert [line for line in listed if not line.split()[1].endswith("00")] == []


def _the_test_call_goes_well(site: Site) -> None:
    code, said = site.box.attempt("systemctl start ctibridge-selftest")
    assert code == 0, said + site.journal("ctibridge-selftest")


def _a_backup_is_made_meanwhile(site: Site) -> None:
    """By its unit, whose second folder is not the daemon's; the store stays whose it was."""
    pid = site.show("MainPID")
    code, said = site.box.attempt("systemctl start ctibridge-backup")
    assert code == 0, said + site.journal("ctibridge-backup")
    made = site.box.run("find /var/lib/ctibridge-backup/ -type f -printf '%u %m %f\\n'").split()
    assert made[:2] == ["ctibridge", "600"]
    assert len(made) == 3
    _its_files_are_its_own(site)
    assert site.show("MainPID") == pid


async def _it_is_started_again(site: Site, signal: str, result: str) -> None:
    """By systemd alone, and every line is heard again."""
    pid, before = site.show("MainPID"), int(site.show("NRestarts"))
    site.box.run(f"kill -{signal} {pid}")
    await until(lambda: int(site.show("NRestarts")) > before, f"systemd starts it again after {signal}", 30)
    await until(lambda: site.show("ActiveState") == "active", "it is ready", 30)
    assert site.show("MainPID") != pid
    assert f"Failed with result '{result}'" in site.journal()
