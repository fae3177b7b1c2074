"""`ctibridge selftest` as an administrator runs it, through Kamailio, with baresip as the other phone; with pyVoIP:
`test_selftest_softphone`."""

import asyncio
import json
import re
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import pytest

from ctibridge import logs
from ctibridge.cli import main
from tests.e2e.daemon import PASSWORD, ROOT, Daemon
from tests.e2e.house import ACME, REGULA, House, MakeHouse, trunk_of
from tests.peers.authority import Authority
from tests.peers.kamailio import Kamailio
from tests.peers.process import until

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]

SECRET = "calls-itself-and-no-more"
REFUSED = {"7403": 403, "7486": 486, "7000": 0}
ASKS = {"trunks": (), "refused": REFUSED, "users": {"6001": PASSWORD, "tester": SECRET}}
"""A PBX that wants to know who calls (407), and has numbers of all kinds."""


@pytest.fixture(autouse=True)
def _the_tests_own_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command silences the whole process, and this one goes on."""
    monkeypatch.setattr(logs, "configure", lambda **_: None)


def selftest(
    daemon: Daemon, pbx: Kamailio, password: str | None = SECRET, over: dict[str, Any] | None = None, **keys: Any
) -> None:
    """Writes it into the configuration, which the daemon that runs does not have to take. over: keys of the trunk."""
    asked = {"user": REGULA, "username": "tester", "dial": ACME, "agent": "ana", "patience": "3s"} | keys
    lines = [f"{key} = {json.dumps(value)}" for key, value in asked.items() if value is not None]
    if password is not None:
        file = daemon.folder / "secret-selftest"
        file.write_text(password, encoding="utf-8")
        file.chmod(0o600)
        lines.append(f'password = {{ file = "{file.name}" }}')
    daemon.configure(trunk_of(pbx, ("6001",), **(over or {})), more="\n".join(["[trunk.selftest]", *lines, ""]))


async def ran(daemon: Daemon, *words: str) -> tuple[int, str]:
    """Exit code, and what was printed: no whole number of anybody, as it goes to the journal where a timer runs it."""
    said = StringIO()

    def command() -> int:
        with redirect_stdout(said), redirect_stderr(said):
            return main([*words, "--config", str(daemon.config)])

    code = await asyncio.to_thread(command)
    for secret in (REGULA, ACME, SECRET, PASSWORD):
        assert secret not in said.getvalue()
    return code, said.getvalue()


async def test_it_pops_and_is_answered_elsewhere_or_taken_back(house: MakeHouse, authority: Authority) -> None:
    one = await house("6001", pbx=ASKS | {"tcp": True, "tls": True})
    tls = {"registrar": one.pbx.registrar_tls, "ca_file": str(authority.ca_file)}
    for number, over in enumerate(({}, {"registrar": one.pbx.registrar_tcp}, tls), 1):
        selftest(one.daemon, one.pbx, over=over)
        running = asyncio.create_task(ran(one.daemon, "selftest"))
        await one.phones["6001"].incoming()
        await until(lambda: one.ana.count("call.ringing") == number, "the pop", 10)  # noqa: B023 - waited for here
        await one.phones["6001"].answer()
        code, said = await running
        assert code == 0, said
        assert re.search(r"^ok +pop +at ana's desk \d+ ms after the INVITE, on line 6001$", said, re.MULTILINE), said
        assert re.search(r"^ok +person +identified \(acme/p17\), as the directory says$", said, re.MULTILINE)
        assert re.search(r"^ok +end +answered_elsewhere at the desk", said, re.MULTILINE)
        assert "phone   of the line, baresip" in said
        assert "PBX     kamailio" in said
        await one.phones["6001"].closed()
    selftest(one.daemon, one.pbx, answer=False)
    code, said = await ran(one.daemon, "selftest", "--json")
    (result,) = json.loads(said)
    assert (code, result["good"], result["word"], result["trunk"]) == (0, True, "good", "pbx")
    assert 0 < result["pop_ms"] < 2000
    assert [event["what"] for event in result["events"] if event["who"] == "PBX"][:2] == [
        "407 Proxy Authentication Required", "100 Trying",
    ]  # fmt: skip
    assert result["rows"][-1]["text"].startswith("abandoned at the desk")
    worked = await one.ana.event("call.worked")
    assert worked["state"] == "settled", "nobody is asked to call the test back"
    await one.phones["6001"].closed()
    await one.phones["6001"].incoming()
    assert await interrupted(one) == 128 + signal.SIGTERM
    _, listed = await ran(one.daemon, "token", "list", "--json")
    assert [token["state"] for token in json.loads(listed)].count("revoked") == 5
    assert len(await one.pbx.contacts("6001")) == 2, "the line is as it was: its phone and the daemon"


async def interrupted(house: House) -> int:
    """Monitoring ends what takes too long, while the phone rings. The exit code."""
    selftest(house.daemon, house.pbx)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ctibridge", "selftest", "--config", str(house.daemon.config), cwd=ROOT
    )
    await house.phones["6001"].incoming()
    process.terminate()
    await house.phones["6001"].closed()
    return await asyncio.wait_for(process.wait(), 10)


REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    ({"dial": "7403"}, "call", "forbids the call (403) of …017, whose password it had asked for"),
    ({"dial": "7404"}, "call", "does not know the number (404)"),
    ({"dial": "7486"}, "call", "says busy (486)"),
    ({"dial": "7000", "patience": "200ms"}, "call", "nothing came back from 127."),
    ({"password": "wrong"}, "call", 'refuses the password (realm "pbx.test") of …017 (407)'),
    ({"password": None}, "call", "asks for a password (407)"),
    ({"account": "fleuron"}, "company", "expected fleuron (selftest.account), the directory and the desk say acme"),
    ({"person": "p18"}, "person", "the directory and the desk say identified (acme/p17)"),
    ({"language": "fr"}, "language", "expected fr (selftest.language), the directory and the desk say de-CH"),
    ({"number": "+41790000018"}, "caller", "expected …018, the desk saw …017"),
    ({"agent": "ben", "patience": "200ms"}, "pop", "none at ben's desk within 0.2 s; the daemon shows ben no line"),
    ({"agent": "zoe"}, "directory", "agent zoe is not in the directory"),
]


async def test_what_is_wrong_is_said_with_what_to_do(house: MakeHouse) -> None:
    one = await house("6001", pbx=ASKS)
    for keys, word, text in REFUSALS:
        selftest(one.daemon, one.pbx, **{"answer": False} | keys)
        code, said = await ran(one.daemon, "selftest")
        assert code == 1
        assert re.search(rf"^MEND +{word} +.*{re.escape(text)}.* - ", said, re.MULTILINE), said
        assert said.splitlines()[-1] == f"the test call failed: {word}"
    await one.daemon.stop()
    selftest(one.daemon, one.pbx)
    code, said = await ran(one.daemon, "selftest")
    assert code == 1
    assert "the daemon is not running - systemctl start ctibridge" in said
