"""`ctibridge selftest` as its timer runs it: in its unit's sandbox, with its credentials; pyVoIP is the other phone.

Nobody else is on the test line, so *answered elsewhere* is seen against an implementation that is not ours.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import sys

import pytest

from ctibridge.selftest.adapters import kept
from tests.e2e.conftest import MakeDaemon
from tests.e2e.daemon import PASSWORD, ROOT, Daemon
from tests.e2e.house import ACME, REGULA, trunk_of
from tests.peers.kamailio import Kamailio
from tests.peers.plugin import MakeKamailio
from tests.softphone.softphones import needs_softphone

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio"), needs_softphone]

UNIT = ROOT / "systemd" / "ctibridge-selftest.service"
SANDBOX = ["-m", "tests.e2e.sandbox", str(UNIT), sys.executable] if shutil.which("systemd-analyze") else []
SECRET = "calls-itself-and-no-more"
MUTE = "7000"
"""A number to which the PBX says nothing: that test call does not end before somebody ends it."""
TEST = {"user": REGULA, "username": "tester", "dial": ACME, "phone": "6001", "person": "p17"}


def configured(daemon: Daemon, pbx: Kamailio, **other: str) -> None:
    """Two secrets, both credentials of this unit; the daemon that runs has its own."""
    keys = [f"{key} = {json.dumps(value)}" for key, value in (TEST | other).items()]
    more = ["[trunk.selftest]", *keys, 'password = { credential = "pbx-tester" }', ""]
    daemon.configure(trunk_of(pbx, ("6001",), alone="stay"), more="\n".join(more))
    text = daemon.config.read_text(encoding="utf-8")
    daemon.config.write_text(text.replace('file = "secret-pbx-6001"', 'credential = "pbx-6001"'), encoding="utf-8")
    credentials = daemon.folder / "credentials"
    credentials.mkdir(mode=0o700, exist_ok=True)
    for name, secret in (("pbx-tester", SECRET), ("pbx-6001", PASSWORD)):
        (credentials / name).write_text(secret, encoding="utf-8")
        (credentials / name).chmod(0o600)


async def begun(daemon: Daemon) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *SANDBOX, "-m", "ctibridge", "selftest", "--config", str(daemon.config),
        cwd=ROOT, env=os.environ | {"CREDENTIALS_DIRECTORY": str(daemon.folder / "credentials")},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def said_by(process: asyncio.subprocess.Process, code: int) -> str:
    """All of it, once it has ended with that code."""
    said, _ = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == code, said.decode()
    return said.decode()


async def test_pyvoip_answers_and_the_desk_sees_answered_elsewhere(kamailio: MakeKamailio, daemon: MakeDaemon) -> None:
    users = {"6001": PASSWORD, "tester": SECRET}
    pbx = await kamailio(users=users, numbers={ACME: ("6001",)}, refused={MUTE: 0}, trunks=())
    running = await daemon(trunk_of(pbx, ("6001",), alone="stay"))
    await pbx.wait_contacts("6001", 1)
    configured(running, pbx, dial=MUTE, patience="60s")
    ended_early = await begun(running)
    await pbx.wait_contacts("6001", 2)
    ended_early.terminate()
    assert "Traceback" not in await said_by(ended_early, 128 + signal.SIGTERM)
    await pbx.wait_contacts("6001", 1)
    configured(running, pbx)
    said = await said_by(await begun(running), 0)
    assert re.search(r"^  phone +pyVoIP 1\.6\.8, on line 6001$", said, re.MULTILINE), said
    assert re.search(r"^ok +answer +pyVoIP 1\.6\.8, on line 6001 picked up after [\d,]+ ms$", said, re.MULTILINE), said
    assert re.search(r"^ok +end +answered_elsewhere at the desk", said, re.MULTILINE), said
    assert not [secret for secret in (SECRET, PASSWORD, REGULA, ACME) if secret in said]
    await pbx.wait_contacts("6001", 1)
    (call,) = kept.load(running.folder / "state")
    assert (call.trunk, call.account, call.failed) == ("pbx", "acme", None)
    assert call.pop_ms is not None
    assert call.pop_ms < 1000, "the pop was there before the phone picked up"
