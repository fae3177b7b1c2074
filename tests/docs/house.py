"""The house in which the commands of the pages run: an administrator's machine, configured, filled and running.

It is made in namespaces of its own (unshare(1)), so that `/etc/ctibridge`, `/var/lib/ctibridge`, port 8137 and
`pbx.example.net` are what the pages say, and nothing of this machine is touched: what is written lies in a tmpfs above
it, and goes with the last process. Agents `ana`, `ben`, `chloe` and the sample directory; a Kamailio that knows the
lines 6001, and 6098 and 6099 of the test call; the bus of a desktop's session.
"""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.peers.desktop import SessionBus
from tests.peers.kamailio import Kamailio, PbxSettings
from tests.peers.ports import Loopback, host_port
from tests.peers.process import Process

ROOT = Path(__file__).parents[2]
ETC = Path("/etc/ctibridge")
PASSWORD = "long-and-invented"
NAMES = ("desk.example.net", "tool.example.net")
"""Who answers to these is nobody: the connection is refused at once."""
LINES = ("6001", "6098", "6099")
SERVICE, TESTED = "+493023125100", "+493023125199"


def apart(kept: Path) -> None:
    """Every folder that a page writes to is what it is, and takes what is written into `kept`, which exists."""
    run("ip", "link", "set", "lo", "up")
    run("mount", "-t", "tmpfs", "house", str(kept))
    for number, folder in enumerate((Path("/etc"), Path("/var/lib"), ROOT)):
        upper, work = kept / f"upper{number}", kept / f"work{number}"
        upper.mkdir()
        work.mkdir()
        run("mount", "-t", "overlay", "house", "-o", f"lowerdir={folder},upperdir={upper},workdir={work}", str(folder))
    for name in ("home", "said"):
        (kept / name).mkdir()


@asynccontextmanager
async def opened(kept: Path) -> AsyncIterator[None]:
    """Call `apart` before."""
    with Loopback() as loopback:
        settings = PbxSettings(
            users=dict.fromkeys(LINES, PASSWORD), numbers={SERVICE: ("6001",), TESTED: ("6098",)}, trunks=()
        )
        async with Kamailio(kept / "pbx", loopback, settings) as pbx:
            configure(pbx, loopback.address())
            run(sys.executable, "-m", "ctibridge", "import", str(ETC / "directory"))
            (kept / "pasted").write_text(
                run(sys.executable, "-m", "ctibridge", "token", "issue", "--agent", "ana"), encoding="utf-8"
            )
            bus = SessionBus(kept)
            await bus.start()
            os.environ.update(bus.environment)
            daemon = Process([sys.executable, "-m", "ctibridge", "run"], log=kept / "daemon.log", cwd=ROOT)
            daemon.start()
            try:
                await daemon.ready(ready, "/readyz says 200")
                yield
            finally:
                daemon.kill()
                bus.process.kill()


def configure(pbx: Kamailio, address: str) -> None:
    """As an administrator leaves it, with the addresses of this house."""
    shutil.copytree(ROOT / "config" / "sample", ETC / "directory")
    add("agents.csv", "selftest,Test call,,en,")
    add("service_numbers.csv", f"{TESTED},acme,Test call,,de" + "," * 13)
    add("grants.csv", "selftest,acme,,,")
    add("people.csv", "acme,p99,Test Call,,,,,,,,,de-CH,,,,,,,,work:6099")
    (ETC / "secrets").mkdir(mode=0o700)
    for line in LINES:
        (ETC / "secrets" / line).touch(mode=0o600)
        (ETC / "secrets" / line).write_text(PASSWORD, encoding="utf-8")
    test = {"user": "6099", "dial": TESTED, "phone": "6098", "agent": "selftest", "account": "acme", "person": "p99"}
    parts = [
        f'[node]\nname = "desk-1"\n[provider]\nname = "DeskCo"\n{trunk("pbx", pbx, address, 5066)}',
        f'[[trunk.line]]\nuser = "6001"\nagents = ["ana"]\n{secret("6001")}',
        f"{trunk('test', pbx, address, 5067)}[trunk.selftest]\n{secret('6099')}",
        *(f"{key} = {json.dumps(value)}" for key, value in test.items()),
        f'[[trunk.line]]\nuser = "6098"\nagents = ["selftest"]\n{secret("6098")}',
    ]
    (ETC / "ctibridge.toml").write_text("\n".join(parts) + "\n", encoding="utf-8")
    with Path("/etc/hosts").open("a", encoding="utf-8") as hosts:
        hosts.write(f"\n{pbx.address} pbx.example.net\n127.0.0.1 {' '.join(NAMES)}\n")


def trunk(name: str, pbx: Kamailio, address: str, port: int) -> str:
    """Its lines have no other phone: the pages are about commands."""
    keys = {
        "name": name,
        "registrar": f"sip:{host_port('pbx.example.net', pbx.port)}",
        "domain": pbx.host,
        "listen": host_port(address, port),
        "country": "DE",
        "alone": "stay",
    }
    return "[[trunk]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())


def secret(line: str) -> str:
    return f'password = {{ file = "secrets/{line}" }}'


def add(file: str, row: str) -> None:
    with (ETC / "directory" / file).open("a", encoding="utf-8") as rows:
        rows.write(row + "\n")


def run(*words: str) -> str:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def ready() -> bool:
    try:
        with urllib.request.urlopen("http://127.0.0.1:8137/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
