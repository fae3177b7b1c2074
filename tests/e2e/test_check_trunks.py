"""`ctibridge check` at a real PBX: before the daemon's first start, and beside it."""

import asyncio
import json
from pathlib import Path

import pytest

from ctibridge.cli import main
from ctibridge.delivery.adapters import kept_evidence
from tests.e2e.daemon import PASSWORD, Daemon, TrunkOf
from tests.e2e.ear import PHONE
from tests.peers.plugin import MakeKamailio
from tests.peers.ports import Loopback
from tests.peers.process import Process, until

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio")]

LINES = {"6001": ["ana"], "6002": ["ben"]}


async def checked(daemon: Daemon, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    """Its rows on trunks, by what they look at."""
    capsys.readouterr()
    await asyncio.to_thread(main, ["check", "--json", "--config", str(daemon.config)])
    said = capsys.readouterr()
    assert said.err == "", "what a trunk logs stands in its rows"
    return {row["what"]: row for row in json.loads(said.out) if row["subject"] == "trunks"}


async def test_before_the_first_start_and_beside_the_daemon(
    kamailio: MakeKamailio, loopback: Loopback, tmp_path: Path, peer_processes: list[Process],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    pbx = await kamailio(users=dict.fromkeys(LINES, PASSWORD))
    await pbx.add_contact("6001", PHONE)
    daemon = Daemon(tmp_path / "ctibridge", loopback, TrunkOf(pbx.registrar, LINES))
    peer_processes.append(daemon.process)
    rows = await checked(daemon, capsys)
    assert list(rows) == ["route", "registration"]
    assert rows["registration"]["text"] == "trunk pbx: line 6001 registers, beside 1 other device"
    assert [contact.uri for contact in await pbx.contacts("6001")] == [PHONE]
    try:
        await daemon.start()
        state_dir = daemon.folder / "state"
        await until(
            lambda: [str(one.state) for one in kept_evidence.read(state_dir).lines] == ["registered", "alone"],
            "the daemon has written what became of its lines",
        )
        rows = await checked(daemon, capsys)
    finally:
        daemon.close()
    assert rows["lines heard"]["kind"] == "note"
    assert rows["lines heard"]["text"].startswith("trunk pbx: 6002 (1 of 2 lines) not heard since ")
    assert "no other device is on the line: its phone is signed off" in rows["lines heard"]["text"]
