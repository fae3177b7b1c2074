"""SIGHUP, as an administrator uses it in the middle of the day: what rings goes on."""

import asyncio
import json
import urllib.request
from typing import Any

import pytest

from tests.e2e.conftest import MakeDesk
from tests.e2e.daemon import Daemon
from tests.e2e.house import ACME, ELODIE, FLEURON, REGULA, House, MakeHouse, trunk_of
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]


async def test_a_line_comes_and_a_line_goes_while_a_call_rings(house: MakeHouse, desk: MakeDesk) -> None:
    here = await house("6001", others=("6002",), numbers={ACME: ("6001",), FLEURON: ("6002",)})
    ben = await desk(here.daemon, "ben")
    calls = here.sipp.start(Invite(ACME, number=REGULA), patience=30.0)
    await here.ana.ringing()
    await _nothing_to_remark(here.daemon)
    await _refused_files_cost_nothing(here)
    here.daemon.configure(trunk_of(here.pbx, ("6001", "6002")))
    reloaded = await here.daemon.reload()
    assert (reloaded["trunks"], reloaded["lines"]) == (1, 2)
    await ben.lines({"6002": "registered"})
    here.sipp.start(Invite(FLEURON, number=ELODIE))
    assert (await ben.ringing())["call"]["line"] == "6002"
    assert here.ana.count("call.ringing") == 1
    assert here.ana.count("call.ended") == 0

    here.daemon.configure(trunk_of(here.pbx, ("6002",)))
    await here.daemon.reload()
    await here.ana.lines({})
    await here.pbx.wait_contacts("6001", 1)
    assert here.ana.count("call.ended") == 0, "it still rings at the phone"
    await here.phones["6001"].answer()
    assert (await here.ana.ended())["call"]["outcome"] == "answered_elsewhere"
    await calls.answered()
    calls.end()
    assert (await calls.done()).successful == 1, "we did not harm the call"


async def _refused_files_cost_nothing(here: House) -> None:
    good = here.daemon.config.read_text(encoding="utf-8")
    here.daemon.config.write_text(good + "[trunks]\n", encoding="utf-8")
    failed = await here.daemon.reload("reload_failed")
    assert failed["why"].endswith("ctibridge.toml: unknown key `trunks`"), failed["why"]
    here.daemon.config.write_text(good.replace(here.daemon.web, f"{here.daemon.host}:1"), encoding="utf-8")
    assert (await here.daemon.reload("reload_needs_restart"))["keys"] == "web.listen"
    assert _ready(here.daemon)["remarks"] == ["a restart has to take web.listen"]
    here.daemon.config.write_text(good, encoding="utf-8")
    await here.daemon.reload()
    assert _ready(here.daemon) == {"ready": True, "reasons": [], "remarks": []}


async def _nothing_to_remark(daemon: Daemon) -> None:
    """How the lines are is asked every five seconds: until then the first word counts, that they ask the registrar."""
    async with asyncio.timeout(10):
        while _ready(daemon)["remarks"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


def _ready(daemon: Daemon) -> Any:
    with urllib.request.urlopen(f"http://{daemon.web}/readyz", timeout=5) as answer:
        return json.load(answer)


async def test_a_trunk_that_becomes_another_one_is_there_again_on_the_same_port(house: MakeHouse) -> None:
    here = await house("6001")
    here.daemon.configure(trunk_of(here.pbx, ("6001",), ring="decline"), more='[language]\ndefault = "nl"\n')
    await here.daemon.reload()
    await here.pbx.wait_contacts("6001", 2)
    calls = here.sipp.start(Invite(ACME, number=REGULA), patience=2.0)
    await here.ana.ringing()
    await calls.done()
    await here.daemon.stop()
    await here.pbx.wait_contacts("6001", 1)
