"""What was acknowledged is there after any end of the process, and who comes back sees what he may see then."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.daemon import Daemon
from tests.e2e.desk import Desk, Frame
from tests.e2e.house import ACME, REGULA, MakeHouse
from tests.peers.process import until
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]


def place(desk: Desk, sequence: int | None = None) -> Frame:
    """From where it resumes: behind its newest event, or behind that one."""
    newest = int(desk.events[-1]["sequence"]) if desk.events else desk.welcome["sequence"]
    return {"epoch": desk.welcome["epoch"], "sequence": newest if sequence is None else sequence}


async def back(daemon: Daemon, resume: Frame, agent: str = "ana") -> Desk:
    """Greeted, and everything replayed."""
    desk = Desk(daemon.web, daemon.token(agent), resume)
    await desk.__aenter__()
    if desk.welcome["resumed"]:
        missed = desk.welcome["sequence"] - resume["sequence"]
        await until(lambda: len(desk.events) >= missed, f"{missed} events", 10)
    return desk


async def test_a_stop_keeps_the_epoch_and_every_event_is_sent_again(house: MakeHouse) -> None:
    service = await house("6001")
    service.sipp.start(Invite(ACME, number=REGULA), patience=0.5)
    await service.ana.ringing()
    await service.ana.ended()
    await service.daemon.stop()
    await service.ana.closed()
    await service.daemon.restart()
    again = await back(service.daemon, place(service.ana, 0))
    assert again.welcome["resumed"]
    assert again.events[: len(service.ana.events)] == service.ana.events
    await again.__aexit__()


async def test_killed_in_a_quiet_moment_it_goes_on_where_it_was(house: MakeHouse) -> None:
    service = await house("6001")
    service.sipp.start(Invite(ACME, number=REGULA), patience=0.5)
    await service.ana.ended()
    await service.ana.send(type="ack", sequence=place(service.ana)["sequence"])
    await service.ana.stored()
    service.daemon.process.kill()
    await service.daemon.restart()
    again = await back(service.daemon, place(service.ana, 0))
    assert again.welcome["resumed"]
    assert again.events == service.ana.events
    await again.__aexit__()
    fresh = await back(service.daemon, {"epoch": "another", "sequence": 0})
    assert not fresh.welcome["resumed"]
    assert [call["call"]["state"] for call in fresh.welcome["calls"]] == ["ended"]
    (detail,) = fresh.welcome["details"]
    assert detail["pop"]["resolution"]["candidates"][0]["person"]["name"] == "Regula Frei"
    await fresh.__aexit__()


async def test_who_lost_the_customer_meanwhile_is_sent_every_event_and_nobody_of_them(house: MakeHouse) -> None:
    service = await house("6001")
    service.sipp.start(Invite(ACME, number=REGULA), patience=0.5)
    await service.ana.ended()
    before = list(service.ana.events)
    await service.ana.__aexit__()
    service.daemon.command("revoke", "ana", "acme")
    again = await back(service.daemon, place(service.ana, 0))
    assert again.welcome["resumed"]
    shown = [(event["id"], event["type"], event["subject"]) for event in again.events]
    assert shown[: len(before)] == [(event["id"], event["type"], event["subject"]) for event in before]
    said = json.dumps([again.events, again.welcome])
    assert "Regula" not in said
    first: dict[str, Any] = again.events[0]["data"]
    assert first["resolution"] == {"status": "unknown", "revision": 1, "account": None, "candidates": []}
    assert first["called"]["granted"] is False
    assert first["called"]["name"] == before[0]["data"]["called"]["name"]
    await again.__aexit__()


async def test_a_missed_caller_is_taken_by_one_settled_by_the_other_and_known_after_a_restart(
    house: MakeHouse,
) -> None:
    service = await house("6001", "6002")
    service.sipp.start(Invite(ACME, number=REGULA), patience=0.5)
    call = (await service.ana.ended())["call"]["id"]
    await service.ben.ended()
    await service.ana.send(type="take", call=call)
    for desk in (service.ana, service.ben):
        assert (await desk.event("call.worked", state="taken"))["by"] == "ana"
    await service.ben.send(type="take", call=call)
    await until(lambda: any(one["type"] == "error" for one in service.ben.controls), "the refusal", 5)
    await service.ben.stored()
    service.daemon.process.kill()
    await service.daemon.restart()
    again = await back(service.daemon, place(service.ben), "ben")
    await again.send(type="today", since=this_morning())
    await until(lambda: any(one["type"] == "today" for one in again.controls), "today", 5)
    (listed,) = next(one for one in again.controls if one["type"] == "today")["data"]["calls"]
    assert (listed["work"]["by"], listed["work"]["state"], listed["who"]) == ("ana", "taken", "Regula Frei")
    await again.send(type="done", call=call)
    assert (await again.event("call.worked", state="settled"))["by"] == "ben"
    await again.__aexit__()


async def test_of_two_screens_one_rings_and_when_it_goes_the_other_does(house: MakeHouse) -> None:
    service = await house("6001")
    token = service.daemon.token("ana")
    first, second = Desk(service.daemon.web, token, rings=True), Desk(service.daemon.web, token, rings=True)
    await first.__aenter__()
    await second.__aenter__()
    assert (first.welcome["rings"], second.welcome["rings"], service.ana.welcome["rings"]) == (True, False, False)
    service.sipp.start(Invite(ACME, number=REGULA))
    heard = [(await one.ringing())["call"]["id"] for one in (first, second, service.ana)]
    assert len(set(heard)) == 1
    await first.__aexit__()
    await until(lambda: any(one["type"] == "leader" for one in second.controls), "the lead", 5)
    await second.__aexit__()


def this_morning() -> str:
    return (datetime.now(UTC) - timedelta(hours=12)).isoformat()
