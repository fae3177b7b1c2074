"""Another version of the package on a booted Debian while calls come: what is kept, what is missed, what is refused."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from ctibridge import __version__
from tests.e2e.daemon import PASSWORD
from tests.e2e.desk import Desk
from tests.e2e.house import ACME, REGULA
from tests.peers.baresip import Baresip
from tests.peers.kamailio import Kamailio, PbxSettings
from tests.peers.plugin import MakeBaresip, MakeSipp
from tests.peers.process import Process, until
from tests.peers.sipp import Invite, Sipp
from tests.systemd import package as packages
from tests.systemd.machine import Machine, MachineError
from tests.systemd.site import CONFIGURATION, Cable, Site

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.peer("ip", "debootstrap", "systemd-nspawn", "kamailio", "baresip", "sipp"),
]
NEXT = "99.1"
TIMERS = "ctibridge-backup.timer ctibridge-selftest.timer"
LATER = "UPDATE schema_version SET version = version + 1 WHERE room = 'directory'"
PID = "systemctl show --property MainPID --value ctibridge"
FILES = "find /opt/ctibridge /etc/ctibridge -printf '%p %i %T@\\n' | sort | md5sum"
GAP = 10.0
"""Seconds without the daemon that an upgrade may take on a machine that has more to do; what it took is printed."""


def test_a_package_older_than_the_store_is_refused_before_anything_is_changed(box: Machine, package: Path) -> None:
    box.run("systemctl start ctibridge")
    _an_older_one_is_refused(box, package, __version__)


@pytest.mark.skipif(packages.LONG not in os.environ, reason="a minute: make boot")
async def test_an_upgrade_keeps_what_is_there_and_a_downgrade_is_refused(
    box: Machine, package: Path, tmp_path: Path, baresip: MakeBaresip, sipp: MakeSipp, peer_processes: list[Process]
) -> None:
    later = packages.of_version(package, NEXT, tmp_path)
    lines = {"6001": PASSWORD, "6002": PASSWORD}
    async with Kamailio(tmp_path / "pbx", Cable(box.ours), PbxSettings(users=lines, numbers={ACME: "6001"})) as pbx:
        peer_processes.append(pbx.process)
        site = Site(box, pbx)
        phone = await baresip(pbx, "6001")
        site.configure()
        site.start()
        token, kept = site.token("ana"), box.read(CONFIGURATION)
        async with Desk(site.web, token) as ana:
            await ana.lines({"6001": "registered"})
            rung = await _calls_while_it_is_unpacked(box, later, ana, sipp(pbx))
            deaf = await _a_call_while_it_is_exchanged(site, ana, sipp(pbx), phone)
        assert box.run("ctibridge --version") == f"ctibridge {NEXT}\n"
        assert box.read(CONFIGURATION) == kept
        await _goes_on(site, ana, token, sipp(pbx))
        _says_what_it_took(site, rung, deaf)
        _an_older_one_is_refused(box, package, NEXT)
        _nothing_is_left_of_it(box)


async def _calls_while_it_is_unpacked(box: Machine, later: Path, ana: Desk, caller: Sipp) -> int:
    """How many popped; the last one when files of the next version lie there, and the old one goes on."""
    unpacking = asyncio.create_task(asyncio.to_thread(packages.install, box, later, step="unpack"))
    rung = 0
    while not unpacking.done():
        rung += await _a_call(ana, caller)
    await unpacking
    return rung + await _a_call(ana, caller)


async def _a_call_while_it_is_exchanged(site: Site, ana: Desk, caller: Sipp, phone: Baresip) -> float:
    """It rings when the old one ends, and its caller is not harmed. Seconds without our contact on the line."""
    known = ana.count("call.ringing")
    calls = caller.start(Invite(ACME, number=REGULA))
    await until(lambda: ana.count("call.ringing") > known, "the one that rings while it ends")
    upgrading = asyncio.create_task(asyncio.to_thread(packages.configure, site.box))
    deaf = await _deaf(site.pbx, upgrading)
    assert await ana.closed() == 1012, "come back"
    assert ana.events[-1]["data"]["call"]["outcome"] == "unknown", "what rang while it ended"
    await phone.answer()
    await calls.answered()
    calls.end()
    assert (await calls.done()).successful == 1
    return deaf


async def _goes_on(site: Site, before: Desk, token: str, caller: Sipp) -> None:
    """The desk resumes where it was, and the next call pops."""
    resume = {"epoch": before.welcome["epoch"], "sequence": max(int(event["sequence"]) for event in before.events)}
    async with Desk(site.web, token, resume) as again:
        assert again.welcome["resumed"] is True
        await again.lines({"6001": "registered"})
        calls = caller.start(Invite(ACME, number=REGULA), patience=1.0)
        await again.ringing()
        await calls.done()


def _says_what_it_took(site: Site, rung: int, deaf: float) -> None:
    gap = _seconds(site)
    sys.stdout.write(
        f"{rung} calls popped meanwhile; without the daemon {gap:.2f} s, the line without it {deaf:.2f} s\n"
    )
    assert gap < GAP


async def _a_call(desk: Desk, caller: Sipp) -> int:
    """It rings, pops and is given up: 1."""
    known = desk.count("call.ended")
    calls = caller.start(Invite(ACME, number=REGULA), patience=0.3)
    await until(lambda: desk.count("call.ended") > known, "a call that pops and ends")
    assert desk.events[-1]["data"]["call"]["outcome"] == "abandoned"
    await calls.done()
    return 1


async def _deaf(pbx: Kamailio, upgrading: "asyncio.Task[str]") -> float:
    """Seconds during which the PBX calls the line's phone alone."""
    await pbx.wait_contacts("6001", 1, timeout=120)
    began = asyncio.get_running_loop().time()
    await pbx.wait_contacts("6001", 2, timeout=60)
    found = asyncio.get_running_loop().time() - began
    await upgrading
    return found


def _seconds(site: Site) -> float:
    """Between the two moments in which systemd saw it go and be ready."""
    return (int(site.show("ActiveEnterTimestampMonotonic")) - int(site.show("ActiveExitTimestampMonotonic"))) / 1e6


def _an_older_one_is_refused(box: Machine, package: Path, version: str) -> None:
    """A next version has brought the store up, as it may at any start; the running one, `version`, goes on."""
    program = (
        f"import sqlite3; c = sqlite3.connect('/var/lib/ctibridge/ctibridge.db'); c.execute(\"{LATER}\"); c.commit()"
    )
    box.write("/opt/later.py", program)
    passing = "--inh-caps +dac_read_search --ambient-caps +dac_read_search"  # through /var/lib/private
    box.run(f"setpriv --reuid ctibridge --regid ctibridge --clear-groups {passing} python3 /opt/later.py")
    pid, files = (box.run(command) for command in (PID, FILES))
    with pytest.raises(MachineError) as refused:
        packages.install(box, package)
    assert "/var/lib/ctibridge/ctibridge.db is of a newer version (directory " in str(refused.value)
    assert "Nothing was changed" in str(refused.value)
    assert box.run(PID) == pid, "it was not even restarted"
    assert box.run("systemctl is-active ctibridge") == "active\n"
    assert box.run("ctibridge --version") == f"ctibridge {version}\n"
    assert box.run(FILES) == files
    assert box.run("dpkg --audit") == ""
    owners = box.run("find /var/lib/ctibridge/ -printf '%u\\n'").split()
    assert set(owners) == {"ctibridge"}, "the look at the store left no file of root"


def _nothing_is_left_of_it(box: Machine) -> None:
    """`remove` stops all that runs and keeps store and configuration, `purge` neither."""
    box.run(f"systemctl enable --now {TIMERS}")
    box.run("dpkg --remove ctibridge", timeout=120)
    assert box.attempt(f"systemctl is-active ctibridge {TIMERS}")[1] == "inactive\n" * 3
    assert box.run("ls /var/lib/ctibridge/ctibridge.db /etc/ctibridge/secrets/6001").count("\n") == 2
    assert box.attempt("ls /opt/ctibridge")[0] != 0
    box.run("dpkg --purge ctibridge", timeout=120)
    left = box.run("find / -xdev -name '*ctibridge*' -not -path '/proc/*' -not -path '/sys/*' -not -path '/var/log/*'")
    assert [path for path in left.split() if "ctibridge.service.d" not in path] == []
    assert box.run("systemctl --failed --no-legend") == ""
    assert box.run("systemctl is-system-running") == "running\n"
