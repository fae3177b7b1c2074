"""Somebody has taken over the daemon: what he tries from inside the unit's own sandbox, on a booted Debian.

The unit is the packaged one, line for line, but that it starts the attempts and not the daemon. The same attempts by
root outside show that they would succeed where nothing forbids them.
"""

import json
import re
from pathlib import Path

import pytest

from tests.e2e.daemon import PASSWORD
from tests.systemd import attempts as tried
from tests.systemd.machine import Machine

pytestmark = [pytest.mark.e2e, pytest.mark.peer("ip", "debootstrap", "systemd-nspawn")]
SCRIPT = "/opt/attempts.py"
UNITS = ("ctibridge", "ctibridge-selftest")
OF_THE_CONTAINER = {
    "write a control group", "set a kernel variable", "set the clock", "read the kernel's log", "load a module",
    "load another kernel", "make a device", "read the memory", "take real time", "rename the machine",
}  # fmt: skip
"""What even root may not do here, or need not: that the sandbox refuses it, too, is no proof on this machine."""
EXPOSURE = 1.5
"""What `systemd-analyze security` may say at most; docs/service.md has the figure."""


def prisoner(unit: str, other: str) -> str:
    """The unit file with another program in it, which is over when it is over."""
    run = f"ExecStart=/usr/bin/python3 {SCRIPT} {other}"
    text = re.sub(r"^ExecStart=.*$", run, unit, flags=re.MULTILINE)
    text = re.sub(
        r"^(ExecReload|Restart|RestartSec|WatchdogSec|Type|LoadCredential)=.*\n", "", text, flags=re.MULTILINE
    )
    more = ["Type=oneshot", f"StandardOutput=file:{OUTPUT}", "LoadCredential=pbx-6002:/etc/ctibridge/secrets/6002"]
    return text.replace(run, "\n".join([run, *more]))


OUTPUT = "/run/attempts.json"


def test_who_takes_over_the_daemon_stays_in_its_sandbox(box: Machine) -> None:
    box.copy(Path(tried.__file__), SCRIPT)
    for path in ("/root/private", "/home/ana/private", "/tmp/of-somebody"):  # noqa: S108 - of the machine
        box.write(path, "nobody's business", 0o600)
    box.write("/etc/ctibridge/secrets/6001", PASSWORD, 0o640)
    box.run("chgrp ctibridge /etc/ctibridge/secrets/6001")
    box.write("/etc/ctibridge/secrets/6002", PASSWORD, 0o600)
    other = box.run("systemctl show --property MainPID --value dbus").strip()
    for name in UNITS:
        unit = box.read(f"/lib/systemd/system/{name}.service").decode()
        box.write(f"/etc/systemd/system/prisoner-{name}.service", prisoner(unit, other))
        box.run(f"systemctl daemon-reload; rm -f {OUTPUT}; systemctl start prisoner-{name}")
        said = json.loads(box.read(OUTPUT))
        assert {what: said[what] for what in tried.MAY} == dict.fromkeys(tried.MAY, "done"), name
        assert {what: said[what] for what in tried.ATTEMPTS if said[what] == "done"} == {}, name
        shown = box.run(f"systemd-analyze security --no-pager {name} | tail -n 1")
        exposure = re.search(r"exposure level for \S+: ([\d.]+)", shown)
        assert exposure is not None
        assert float(exposure[1]) <= EXPOSURE, shown
    box.run("mkdir -p /var/lib/ctibridge")
    free = json.loads(box.run(f"python3 {SCRIPT} {other}"))
    refused = {what for what in tried.ATTEMPTS if free[what] != "done"}
    assert refused - OF_THE_CONTAINER == set(), sorted((what, free[what]) for what in refused)
