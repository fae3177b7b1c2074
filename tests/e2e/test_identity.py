"""Who is it? From a real INVITE to what an agent may do about it, and away again when he may not see it any more."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.daemon import SAMPLE
from tests.e2e.desk import Desk
from tests.e2e.house import ACME, KHALIJ, REGULA, House, MakeHouse
from tests.peers.process import until
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]
STRANGER = "+4930770000"


async def control(desk: Desk, kind: str) -> dict[str, Any]:
    """The newest control frame of that type."""
    await until(lambda: any(frame["type"] == kind for frame in desk.controls), kind, 10)
    newest: dict[str, Any] = [frame["data"] for frame in desk.controls if frame["type"] == kind][-1]
    return newest


def whole(house: House) -> None:
    """With what stands behind the callers."""
    house.daemon.fill(Path(SAMPLE))


async def test_context_comes_behind_the_pop_and_suggestions_when_asked_for(house: MakeHouse) -> None:
    service = await house("6001")
    whole(service)
    service.sipp.start(Invite(ACME, number=REGULA))
    first = await service.ana.ringing()
    assert first["context"]["complete"] is False
    later = await service.ana.event("call.updated", context__complete=True)
    assert later["resolution"]["revision"] > first["resolution"]["revision"]
    assert "R-10231" in [request["id"] for request in later["context"]["requests"]]
    assert {"vpn", "sap"} <= {one["id"] for one in later["context"]["services"]}
    await service.ana.send(type="select", call=first["call"]["id"], service="sap")
    told = await service.ana.event("suggestions")
    assert told["call"]["id"] == first["call"]["id"]


async def test_a_stranger_is_searched_chosen_and_known_when_he_calls_again(house: MakeHouse) -> None:
    service = await house("6001")
    service.sipp.start(Invite(ACME, number=STRANGER), patience=6)
    pop = await service.ana.ringing()
    assert pop["resolution"]["status"] == "unknown"
    call = pop["call"]["id"]
    await service.ana.send(type="search", call=call, account=None, text="frei reg")
    found = await control(service.ana, "people")
    person = found["people"][0]["person"]
    assert person["name"] == "Regula Frei"
    chosen = {"account": person["account"], "id": person["id"]}
    await service.ana.send(type="choose", call=call, person={"account": "fleuron", "id": "e101"})
    assert (await control(service.ana, "error"))["code"] == "unknown_person"
    await service.ana.send(type="choose", call=call, person=chosen)
    known = await service.ana.event("call.updated", resolution__status="identified")
    assert known["resolution"]["candidates"][0]["evidence"][0]["kind"] == "chosen"
    assert known["language"]["tag"] == "de-CH"
    await service.ana.ended(timeout=20)
    # For another customer's desk a choice says less: he is listed, and named by nobody.
    service.sipp.start(Invite(KHALIJ, number=STRANGER))
    again = await service.ana.ringing(called__account__id="khalij")
    assert again["call"]["id"] != call
    assert again["resolution"]["status"] == "ambiguous"
    (candidate,) = again["resolution"]["candidates"]
    assert (candidate["person"]["id"], candidate["evidence"][0]["kind"]) == ("p17", "chosen")


async def test_a_grant_that_is_revoked_takes_its_people_from_the_open_pop(house: MakeHouse) -> None:
    service = await house("6001")
    service.sipp.start(Invite(ACME, number=REGULA), patience=40)
    pop = await service.ana.ringing()
    assert pop["resolution"]["status"] == "identified"
    service.daemon.command("revoke", "ana", "acme")
    gone = await service.ana.event("call.updated", timeout=30, resolution__status="unknown")
    assert gone["resolution"]["candidates"] == []
    assert gone["called"]["granted"] is False
    assert gone["called"]["name"] == "ACME IT Service Desk"
    assert "Regula" not in str(gone)
