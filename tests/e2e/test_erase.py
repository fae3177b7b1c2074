"""Somebody leaves for good while his calls lie in the store and one of them rings: every byte is looked at."""

import asyncio
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from ctibridge.lookup import number_key
from tests.e2e.daemon import ROOT, SAMPLE, Daemon
from tests.e2e.desk import Desk
from tests.e2e.house import ACME, REGULA, House, MakeHouse
from tests.peers.process import until
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]

NOTE = "Frau Frei, zurückrufen unter 0041 79/000 00 17"
FORMS = (b"41790000017", b"790000017", b"79 000 00 17", b"79/000 00 17", b"regula", b"frei", b'p17"')
STRANGER, STRANGERS_NAME, HIS_NOTE = "+4915207788990", "Zyzzyva Quetzalcoatl", "0152/07 78 89 90 nochmals"
STRANGERS = (b"15207788990", b"1520 7788990", b"07 78 89 90", b"zyzzyva", b"quetzalcoatl")
STRANGERS_PACKED = number_key.pack(STRANGER).to_bytes(6, "big"), number_key.pack(STRANGER).to_bytes(8, "little")
PACKED = number_key.pack(REGULA).to_bytes(6, "big"), number_key.pack(REGULA).to_bytes(8, "little")


async def run(daemon: Daemon, *words: str, typed: str = "") -> tuple[int, str, str]:
    """Another command, while this loop goes on. typed: on its standard input."""
    command = [sys.executable, "-m", "ctibridge", *words, "--config", str(daemon.config)]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=60, input=typed
    )
    return done.returncode, done.stdout, done.stderr


def found_in(content: bytes) -> list[bytes]:
    low = content.lower()
    hers = [trace for trace in FORMS if trace in low] + [trace for trace in PACKED if trace in content]
    his = [trace for trace in STRANGERS if trace in low] + [trace for trace in STRANGERS_PACKED if trace in content]
    return hers + his


def traces(folder: Path) -> dict[str, list[bytes]]:
    """What is left of her, by file; configuration and secrets are nobody's."""
    return {path.name: found for path in folder.iterdir() if (found := found_in(path.read_bytes()))}


async def test_nothing_is_left_of_her_anywhere(house: MakeHouse) -> None:
    desk_service: House = await house("6001")
    daemon, ana = desk_service.daemon, desk_service.ana
    state = daemon.folder / "state"
    daemon.command("import", str(SAMPLE))  # also what stands behind a caller

    # One call that she gave up, with a note; one from her number in national form; one rings while she is erased.
    first = await a_call_with_a_note(desk_service)
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA.replace("+", "00")), patience=20)
    second = await chosen_as_her(ana)
    assert traces(state).keys() >= {"ctibridge.db", "desks.db-wal"}, "there is something to be erased"
    resume = {"epoch": ana.welcome["epoch"], "sequence": 0}

    code, exported, complained = await run(daemon, "export", "--account", "acme", "--person", "p17")
    assert (code, complained) == (0, "")
    assert_is_hers(json.loads(exported), first, second)
    await she_leaves(daemon)
    assert_the_call_lost_her(ana, second)
    await ana.stored()
    assert traces(state) == {}, "while it rings"

    calls.end()
    await ana.ended(call__id=second)
    await ana.stored()
    await a_replay_is_without_her(daemon, ana, resume)
    assert found_in(await asyncio.to_thread(metrics_of, daemon)) == []
    await a_number_leaves(desk_service, state)
    an_import_does_not_bring_her_back(daemon)
    assert found_in(daemon.process.output().encode()) == []
    await daemon.stop()
    assert traces(state) == {}, "after a stop"


async def a_call_with_a_note(house: House) -> str:
    """She gives it up; its id."""
    ana = house.ana
    house.sipp.start(Invite(ACME, number=REGULA, display="R. Frei"), patience=0.7)
    call = str((await ana.ringing())["call"]["id"])
    await ana.send(type="note", call=call, text=NOTE)
    await ana.event("call.worked", call__id=call)
    await ana.ended(call__id=call)
    return call


async def chosen_as_her(ana: Desk) -> str:
    """The second call, which rings: the agent says that it is she; its id."""
    call = str((await ana.ringing(call__state="ringing", call__id=await newest(ana, 2)))["call"]["id"])
    await ana.send(type="choose", call=call, person={"account": "acme", "id": "p17"})
    await ana.stored()
    return call


async def she_leaves(daemon: Daemon) -> None:
    code, said, complained = await run(daemon, "erase", "--account", "acme", "--person", "p17", "--yes")
    assert (code, complained) == (0, "")
    assert "1 people" in said
    assert "gone, also from calls" in said


def assert_the_call_lost_her(ana: Desk, call: str) -> None:
    updated = [e["data"] for e in ana.events if e["type"] == "call.updated" and e["data"]["call"]["id"] == call]
    assert updated[-1]["resolution"]["candidates"] == []
    assert updated[-1]["caller"]["number"] is None
    assert updated[-1]["called"]["account"]["id"] == "acme", "the company is known as before"


async def a_replay_is_without_her(daemon: Daemon, ana: Desk, resume: dict[str, Any]) -> None:
    async with Desk(daemon.web, daemon.token("ana"), resume) as again:
        assert again.welcome["resumed"] is True
        await until(lambda: len(again.events) == len(ana.events), "the whole replay", 10)
        assert found_in(json.dumps([again.welcome, again.events, again.controls]).encode()) == []


def an_import_does_not_bring_her_back(daemon: Daemon) -> None:
    imported = daemon.command("import", str(SAMPLE))
    assert re.search(r"people.csv: .* 1 of erased people left out", imported), imported
    assert json.loads(daemon.command("lookup", REGULA, "--json"))["resolution"]["candidates"] == []


async def a_number_leaves(house: House, state: Path) -> None:
    """Of somebody whom no directory knows; one of his calls rings."""
    daemon, ana = house.daemon, house.ana
    calls = house.sipp.start(Invite(ACME, number=STRANGER, display=STRANGERS_NAME), patience=20)
    call = await newest(ana, 3)
    await ana.send(type="note", call=call, text=HIS_NOTE)
    await ana.event("call.worked", call__id=call)
    await ana.stored()
    assert traces(state), "there is something to be erased"
    code, said, complained = await run(daemon, "erase", "--number", "-", "--yes", typed="0049 1520 7788990\n")
    assert (code, complained) == (0, ""), said
    await ana.stored()
    assert traces(state) == {}, "while he rings"
    calls.end()
    await ana.ended(call__id=call)
    await ana.stored()
    assert traces(state) == {}, "when he has hung up"


def assert_is_hers(document: dict[str, Any], *calls: str) -> None:
    assert document["directory"]["record"]["name"] == "Regula Frei"
    assert {one["number"] for one in document["directory"]["numbers"]} >= {REGULA, "+41440000217"}
    assert [one["id"] for one in document["directory"]["requests"]] == ["R-10219", "R-10231", "R-9022"]
    assert [one["by"] for one in document["learned"]["chosen_as_caller"]] == ["ana"]
    assert {one["call"] for one in document["calls"]["calls"]} == set(calls)
    assert NOTE in [note["text"] for one in document["calls"]["calls"] for note in one["notes"]]
    assert {one["call"] for one in document["sights"]["seen_by"]} == set(calls)
    assert all(document[part]["retention"] for part in ("directory", "learned", "calls", "sights"))


def metrics_of(daemon: Daemon) -> bytes:
    with urllib.request.urlopen(f"http://{daemon.web}/metrics") as answer:
        return bytes(answer.read())


async def newest(desk: Desk, calls: int) -> str:
    """The id of that call, when it rings."""
    await until(lambda: desk.count("call.ringing") == calls, f"call {calls}", 10)
    rang = [event for event in desk.events if event["type"] == "call.ringing"]
    return str(rang[-1]["data"]["call"]["id"])
