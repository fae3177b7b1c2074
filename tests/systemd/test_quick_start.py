"""docs/quick-start.md, to the letter: its commands typed into an empty Debian, then a call, and the pop."""

import asyncio
import json
from pathlib import Path

import pytest

from tests import leaks
from tests.docs.fences import differs
from tests.docs.kinds import BY_ITSELF
from tests.docs.pages import FOLLOWED, of_place, shown
from tests.e2e.daemon import PASSWORD
from tests.e2e.house import ACME, REGULA
from tests.peers.baresip import Baresip
from tests.peers.kamailio import Kamailio, PbxSettings
from tests.peers.plugin import MakeBaresip, MakeSipp
from tests.peers.process import Process, until
from tests.peers.sipp import Invite
from tests.systemd.machine import Machine
from tests.systemd.site import Cable

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.peer("ip", "debootstrap", "systemd-nspawn", "kamailio", "baresip", "sipp"),
]
HOME = "/root/quick-start"
REGISTRAR = "pbx.example.net"
SIP_PORT = 5060
"""Which a registrar has that is named without one."""
WATCH = f"CTIBRIDGE_TOKEN=$(tail -n 1 {HOME}/said) ctibridge watch --json > {HOME}/events 2> {HOME}/complaints"


class PlainPort(Cable):
    """The first port that is asked for is SIP's own."""

    def __init__(self, ours: str) -> None:
        super().__init__(ours)
        self._first = True

    def port(self, *addresses: str, above: object = ()) -> int:
        if self._first:
            self._first = False
            return SIP_PORT
        return super().port(*addresses)


async def test_the_quick_start_leads_to_a_pop(
    machine: Machine, package: Path, tmp_path: Path, baresip: MakeBaresip, sipp: MakeSipp, peer_processes: list[Process]
) -> None:
    machine.copy(package, f"{HOME}/{package.name}")
    # The disk of a machine that ends with the test need not be waited for.
    machine.write("/etc/dpkg/dpkg.cfg.d/test", "force-unsafe-io\n")
    machine.write("/etc/hosts", f"127.0.0.1 localhost\n{machine.ours} {REGISTRAR}\n")
    asked = PbxSettings(users={"6001": PASSWORD}, numbers={ACME: ("6001",)}, names=(REGISTRAR,))
    async with Kamailio(tmp_path / "pbx", PlainPort(machine.ours), asked) as pbx:
        peer_processes.append(pbx.process)
        phone = await baresip(pbx, "6001")
        await follow(machine)
        assert "<html" in fetched(machine, "")
        await pbx.wait_contacts("6001", 2)
        await pops(machine, phone, sipp(pbx))
    for command in of_place("machine"):  # what other pages have typed on such a machine
        if command not in BY_ITSELF:
            machine.run(command)


async def follow(machine: Machine) -> None:
    """Each command as it is typed, in one folder; what is pasted is the extension's password."""
    for command in shown(FOLLOWED):
        typed = f"cd {HOME}; exec 2>&1\n{command.text}"
        code, said = await asyncio.to_thread(machine.attempt, typed, entered=f"{PASSWORD}\n".encode(), timeout=120)
        assert code == command.code, f"line {command.line}: {command.text}\n{said}"
        other = differs(said, command.shown)
        assert other is None, f"line {command.line}: {command.text}\n{other}"
        if "token issue" in command.text:
            machine.write(f"{HOME}/said", said)


def fetched(machine: Machine, path: str) -> str:
    """By a browser on that machine, to whom alone the page shows itself."""
    open_it = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:8137/{path}').read().decode())"
    return machine.run(f'python3 -c "{open_it}"')


async def pops(machine: Machine, phone: Baresip, caller: object) -> None:
    """At the desk that the token opens which was issued."""
    machine.write(f"{HOME}/watch", WATCH)
    machine.run(f"systemd-run --quiet --unit watch sh {HOME}/watch")

    def events() -> list[dict[str, object]]:
        return [json.loads(line) for line in machine.run(f"cat {HOME}/events 2> /dev/null || true").splitlines()]

    signed_in = 'ctibridge_desk_connections{state="signed_in"} 1'
    await until(lambda: signed_in in fetched(machine, "metrics"), "the desk is open", 20)
    calls = caller.start(Invite(ACME, number=REGULA, display="R. Frei"), patience=2.0)  # type: ignore[attr-defined]
    await phone.incoming()
    await until(lambda: any(event["type"] == "call.ringing" for event in events()), "the pop", 20)
    await calls.done()
    assert '"p17"' in json.dumps(events())
    leaks.scan(machine.run("journalctl --unit ctibridge --output cat --no-pager"), "the journal")
