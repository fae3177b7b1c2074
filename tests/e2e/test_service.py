"""The daemon as its administrator meets it: starts, refuses, reloads data, stops."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import MakeDaemon, MakeDesk
from tests.e2e.daemon import ROOT, Daemon, TrunkOf
from tests.e2e.desk import Desk
from tests.e2e.house import ACME, REGULA, MakeHouse
from tests.peers.ports import Loopback
from tests.peers.sipp import Invite

pytestmark = pytest.mark.e2e

NOWHERE = TrunkOf("sip:127.0.0.9:5099", {"6001": ["ana"], "6002": ["ana", "ben"]})

SILENT = os.environ.get("CTIBRIDGE_SILENT", "tcp")
"""Over TCP nobody is there at once; over UDP, in `make soak`, after 32 s (RFC 3261 17.1.2.2, Timer F)."""


def refused(daemon: Daemon, code: int) -> str:
    """What `run` says when it does not start: one line."""
    done = subprocess.run(
        [sys.executable, "-m", "ctibridge", "run", "--config", str(daemon.config)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, done.stderr
    return lines[0]


async def test_it_starts_without_the_pbx_and_says_that_the_line_is_deaf(daemon: MakeDaemon, desk: MakeDesk) -> None:
    ana = await desk(await daemon(replace(NOWHERE, registrar=f"{NOWHERE.registrar};transport={SILENT}")), "ana")
    assert {line["line"] for line in ana.welcome["lines"]} == {"6001", "6002"}
    await ana.lines({"6001": "deaf"}, timeout=60)


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_sigterm_un_registers_ends_calls_and_says_1012(house: MakeHouse) -> None:
    desk_service = await house("6001")
    desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.ana.ringing()
    await desk_service.daemon.stop()
    assert await desk_service.ana.closed() == 1012
    assert (await desk_service.ana.ended())["call"]["outcome"] == "unknown"
    await desk_service.pbx.wait_contacts("6001", 1)
    await desk_service.phones["6001"].answer()


@pytest.mark.peer("kamailio", "baresip", "sipp")
async def test_what_import_has_written_the_next_call_knows(house: MakeHouse, tmp_path: Path) -> None:
    desk_service = await house("6001")
    first = desk_service.sipp.start(Invite(ACME, number="+493023125177"), patience=0.5)
    assert (await desk_service.ana.ringing())["resolution"]["status"] == "unknown"
    await first.done()
    news = tmp_path / "people.csv"
    news.write_text("account,id,name,phones\nacme,p77,New Colleague,work:+49 30 23125 177\n", encoding="utf-8")
    desk_service.daemon.fill(news)
    desk_service.sipp.start(Invite(ACME, number="+493023125177"))
    pop = await desk_service.ana.ringing(resolution__status="identified")
    assert pop["resolution"]["candidates"][0]["person"]["id"] == "p77"


async def test_a_revoked_token_cuts_a_live_desk(daemon: MakeDaemon) -> None:
    running = await daemon(NOWHERE)
    token = json.loads(running.token("ana", "--json"))
    async with Desk(running.web, token["token"]) as ana:
        running.command("token", "revoke", token["id"])
        assert await ana.closed(timeout=5) == 4401


def test_a_second_instance_on_one_store_is_refused(tmp_path: Path, loopback: Loopback) -> None:
    first, second = (Daemon(tmp_path / name, loopback, NOWHERE) for name in ("one", "two"))
    second.config.write_text(
        second.config.read_text(encoding="utf-8").replace('state_dir = "state"', 'state_dir = "../one/state"'),
        encoding="utf-8",
    )
    first.fill()
    first.process.start()
    try:
        while all(line["event"] != "started" for line in first.log):
            assert first.process.running
        assert "in use by another ctibridge" in refused(second, 1)
    finally:
        first.close()


def test_a_port_in_use_is_refused_and_nothing_is_left_open(tmp_path: Path, loopback: Loopback) -> None:
    daemon = Daemon(tmp_path, loopback, NOWHERE)
    (tmp_path / "state").mkdir()
    with socket.socket() as taken:
        taken.bind((daemon.host, daemon.port))
        taken.listen()
        assert f"[web] listen: {daemon.web} is in use" in refused(daemon, 1)


def test_a_sip_port_in_use_names_the_trunk(tmp_path: Path, loopback: Loopback) -> None:
    daemon = Daemon(tmp_path, loopback, NOWHERE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((daemon.sip_host, daemon.sip_port))
        assert "trunk pbx listen" in refused(daemon, 1)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "pbx"', 'nmae = "pbx"', "unknown key"),
        ('country = "DE"', 'country = "Germany"', "two capital letters"),
        ("secret-pbx-6001", "secret-gone", "No such file"),
        ('listen = "127', 'listen = "no address 127', "is no address"),
        ("[web]", "[cluster]\n[web]", "unknown key"),
        ("[web]", "[redis]\n[web]", "url"),
        ("[node]", "[node", "ctibridge.toml"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_exit_code_2(
    tmp_path: Path, loopback: Loopback, old: str, new: str, says: str
) -> None:
    daemon = Daemon(tmp_path, loopback, NOWHERE)
    text = daemon.config.read_text(encoding="utf-8")
    assert old in text
    daemon.config.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert says in refused(daemon, 2)
    assert not (tmp_path / "state").exists(), "nothing half done"


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, loopback: Loopback) -> None:
    daemon = Daemon(tmp_path, loopback, NOWHERE)
    (tmp_path / "secret-pbx-6001").chmod(0o644)
    assert "chmod o-rwx" in refused(daemon, 2)


def test_a_broken_row_is_named_and_the_rest_is_taken(tmp_path: Path, loopback: Loopback) -> None:
    daemon = Daemon(tmp_path, loopback, NOWHERE)
    broken = tmp_path / "accounts.csv"
    broken.write_text("id,name,country\nok,Fine Ltd,GB\nbad,Bad Ltd,Atlantis\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ctibridge", "import", "--config", str(daemon.config), str(broken)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "accounts.csv:3" in done.stderr
    assert "Traceback" not in done.stderr
