"""Calls among the lines: a colleague calls, asks first, transfers, and the next desk knows the first call already.

Who sends a transfer's messages differs between PBXs. Here baresip transfers where it can (a REFER to the caller's own
telephone, which then calls without a word of whose doing that is), and SIPp says what better telephones say
(`Referred-By`, `Replaces`).
"""

import pytest

from tests.e2e.desk import Desk, Frame
from tests.e2e.house import ACME, ELODIE, FLEURON, REGULA, House, MakeHouse
from tests.leaks import canary
from tests.peers.process import until
from tests.peers.sipp import Calls, Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "kamailio/presence.so", "baresip", "sipp")]

VIEWS = pytest.mark.parametrize(
    "observe", [["contact"], ["dialog-info"], ["contact", "dialog-info"]], ids=["contact", "dialog-info", "both"]
)
WATCHED = pytest.mark.parametrize("observe", [["dialog-info"], ["contact", "dialog-info"]], ids=["dialog-info", "both"])
FIRST_AT_ANA = {ACME: "6001", FLEURON: "6003"}


async def answered_by(of: House, line: str, desk: Desk, invite: Invite) -> tuple[Calls, Frame]:
    """The call, and its pop: that line's phone has taken it, and the desk has heard so, one way or the other."""
    calls = of.sipp.start(invite)
    pop = await desk.ringing()
    await of.phones[line].incoming()
    await of.phones[line].answer()
    await hears_of_it(desk)
    return calls, pop


async def hears_of_it(desk: Desk) -> None:
    """Answered here, or by whomever: a contact alone does not know."""
    await until(lambda: desk.count("call.answered") + desk.count("call.ended") > 0, "word of the answer")


async def known_in_the_end(desk: Desk, caller: str) -> Frame:
    """The pop as soon as it is told whose call this was: where the INVITE does not say so, dialog-info is behind it."""

    def told() -> list[Frame]:
        pops = [event["data"] for event in desk.events if event["data"].get("hand_over")]
        return [pop for pop in pops if pop["caller"]["number"] == caller]

    await until(lambda: bool(told()), "a hand-over")
    return told()[0]


def notes_of(desk: Desk) -> list[list[str]]:
    """The notes in each pop that was handed over."""
    pops = [event["data"].get("hand_over") for event in desk.events]
    return [[note["text"] for note in pop["notes"]] for pop in pops if pop]


def is_of_regula(pop: Frame) -> bool:
    return [one["person"]["id"] for one in pop["resolution"]["candidates"]] == ["p17"]


@VIEWS
async def test_a_colleague_calls(house: MakeHouse, observe: list[str]) -> None:
    desk_service = await house("6001", "6002", observe=observe)
    await desk_service.phones["6001"].dial(f"sip:6002@{desk_service.pbx.host}")
    pop = await desk_service.ben.ringing()
    assert pop["caller"]["internal"] == {"line": "6001", "agent": "ana"}
    assert pop["hand_over"] is None
    assert desk_service.ana.count("call.ringing") == 0, "her own call is no pop"
    await desk_service.phones["6002"].incoming()
    await desk_service.phones["6002"].answer()
    await desk_service.phones["6001"].established()
    await desk_service.phones["6001"].hangup()
    await desk_service.ben.ended()
    assert desk_service.ana.count("call.ringing") == 0


@VIEWS
async def test_a_colleague_asks_first_and_the_next_desk_sees_whom_it_is_about(
    house: MakeHouse, observe: list[str]
) -> None:
    desk_service = await house("6001", "6002", observe=observe, numbers=FIRST_AT_ANA)
    _, first = await answered_by(desk_service, "6001", desk_service.ana, Invite(ACME, number=REGULA, display="R. Frei"))
    await desk_service.ana.send(type="note", call=first["call"]["id"], text=canary("Regula’s laptop is wet"))
    noted = await desk_service.ana.event("call.worked", by="ana", state=None)
    await desk_service.phones["6001"].dial(f"sip:6002@{desk_service.pbx.host}")
    pop = await desk_service.ben.ringing()
    handed = pop["hand_over"]
    assert [(one["by"], one["text"]) for one in handed["notes"]] == [("ana", noted["note"])]
    await desk_service.ana.send(type="note", call=first["call"]["id"], text="and cold")
    await until(lambda: notes_of(desk_service.ben)[-1] == [noted["note"], "and cold"], "the note behind the hand-over")
    assert (handed["kind"], handed["line"], handed["agent"]) == ("internal", "6001", "ana")
    assert handed["call"] == first["call"]["id"]
    assert handed["caller"]["number"] == REGULA
    assert is_of_regula(pop)
    assert pop["called"]["account"] == {"id": "acme", "name": "ACME AG"}
    assert pop["caller"]["internal"] == {"line": "6001", "agent": "ana"}
    assert pop["call"]["id"] != first["call"]["id"]


@VIEWS
async def test_who_may_not_see_the_customer_sees_nothing_of_the_first_call(
    house: MakeHouse, observe: list[str]
) -> None:
    """Chloé talks with a caller of Fleuron and calls Ben, who has no grant there."""
    desk_service = await house("6002", "6003", observe=observe, numbers=FIRST_AT_ANA)
    chloe = desk_service.desks["chloe"]
    _, first = await answered_by(desk_service, "6003", chloe, Invite(FLEURON, number=ELODIE))
    await desk_service.phones["6003"].dial(f"sip:6002@{desk_service.pbx.host}")
    pop = await desk_service.ben.ringing()
    assert pop["hand_over"] is None
    assert pop["caller"]["internal"] == {"line": "6003", "agent": "chloe"}
    for hidden in ("Fleuron", "Lefèvre", ELODIE, first["call"]["id"]):
        assert hidden not in str(desk_service.ben.events)


@VIEWS
async def test_an_attended_transfer_that_is_said(house: MakeHouse, observe: list[str]) -> None:
    """Ana asks Ben; then the caller's telephone calls him in her place (RFC 5589 7.1)."""
    desk_service = await house("6001", "6002", observe=observe, numbers=FIRST_AT_ANA)
    ben, phones, host = desk_service.ben, desk_service.phones, desk_service.pbx.host
    _, first = await answered_by(desk_service, "6001", desk_service.ana, Invite(ACME, number=REGULA))
    await phones["6001"].dial(f"sip:6002@{host}")
    asked = await ben.ringing()
    replaced = (await phones["6002"].incoming()).call_id
    await phones["6002"].answer()
    headers = (("Referred-By", f"<sip:6001@{host}>"), ("Replaces", f"{replaced};to-tag=b;from-tag=a"))
    desk_service.sipp.start(Invite("6002", number=REGULA, headers=headers))
    await ben.ringing(caller__number=REGULA)
    pop = await known_in_the_end(ben, REGULA)
    assert pop["call"]["id"] not in (asked["call"]["id"], first["call"]["id"])
    assert pop["hand_over"]["kind"] == ("attended" if "contact" in observe else "blind"), (
        "dialog-info has no word of it"
    )
    assert pop["hand_over"]["agent"] == "ana"
    assert pop["hand_over"]["call"] == first["call"]["id"]
    assert pop["called"]["account"] == {"id": "acme", "name": "ACME AG"}
    assert is_of_regula(pop)


@pytest.mark.parametrize("observe", [["contact"], ["contact", "dialog-info"]], ids=["contact", "both"])
async def test_a_blind_transfer_that_is_said(house: MakeHouse, observe: list[str]) -> None:
    """Dialog-info of Kamailio has no word of it."""
    desk_service = await house("6001", "6002", observe=observe, numbers=FIRST_AT_ANA)
    calls, first = await answered_by(desk_service, "6001", desk_service.ana, Invite(ACME, number=REGULA))
    referred = (("Referred-By", f"<sip:6001@{desk_service.pbx.host}>"),)
    desk_service.sipp.start(Invite("6002", from_header="<sip:trunk@10.1.1.1>", headers=referred))
    pop = await desk_service.ben.ringing()
    assert pop["hand_over"]["kind"] == "blind"
    assert (pop["hand_over"]["line"], pop["hand_over"]["agent"]) == ("6001", "ana")
    assert pop["hand_over"]["call"] == first["call"]["id"]
    assert pop["hand_over"]["caller"]["number"] == REGULA
    assert is_of_regula(pop)
    assert pop["language"]["tag"] == first["language"]["tag"] == "de-CH"
    assert pop["called"]["account"] == {"id": "acme", "name": "ACME AG"}
    calls.end()


async def transferred(of: House) -> None:
    """Regula's telephone is a real one: Ana sends it on to Ben, where it rings."""
    caller = of.phones[REGULA]
    await caller.dial(f"sip:{ACME}@{of.pbx.host}")
    await of.ana.ringing()
    await of.phones["6001"].incoming()
    await of.phones["6001"].answer()
    await hears_of_it(of.ana)
    await of.phones["6001"].command("transfer", f"sip:6002@{of.pbx.host}")
    await of.ben.ringing()


@WATCHED
async def test_a_blind_transfer_by_a_real_telephone(house: MakeHouse, observe: list[str]) -> None:
    desk_service = await house("6001", "6002", observe=observe, numbers=FIRST_AT_ANA, others=[REGULA])
    await transferred(desk_service)
    pop = await known_in_the_end(desk_service.ben, REGULA)
    assert pop["call"]["state"] == "ringing", "before he answers"
    first = desk_service.ana.events[0]["data"]
    assert is_of_regula(pop)
    assert pop["language"]["tag"] == "de-CH"
    assert pop["hand_over"]["kind"] == "blind"
    assert (pop["hand_over"]["line"], pop["hand_over"]["agent"]) == ("6001", "ana")
    assert pop["hand_over"]["call"] == first["call"]["id"]
    assert pop["called"]["account"] == {"id": "acme", "name": "ACME AG"}
    await desk_service.phones["6002"].incoming()
    await desk_service.phones["6002"].answer()
    assert (await desk_service.ana.ended())["call"]["outcome"] == "answered_here"
    await desk_service.phones["6002"].hangup()
    assert (await desk_service.ben.ended())["call"]["outcome"] == "answered_here"


@WATCHED
async def test_a_transferred_customer_is_nobody_where_he_may_not_be_seen(house: MakeHouse, observe: list[str]) -> None:
    """As before; but Chloé sends on a caller of Fleuron, where Ben has no grant."""
    desk_service = await house("6002", "6003", observe=observe, numbers=FIRST_AT_ANA, others=[ELODIE])
    chloe, phones, host = desk_service.desks["chloe"], desk_service.phones, desk_service.pbx.host
    await phones[ELODIE].dial(f"sip:{FLEURON}@{host}")
    await chloe.ringing(resolution__status="identified")
    await phones["6003"].incoming()
    await phones["6003"].answer()
    await hears_of_it(chloe)
    await phones["6003"].command("transfer", f"sip:6002@{host}")
    await desk_service.ben.ringing()
    await phones["6002"].incoming()
    await phones["6002"].answer()
    await desk_service.ben.event("call.answered")
    await phones["6002"].hangup()
    await desk_service.ben.ended()
    assert not [event for event in desk_service.ben.events if event["data"].get("hand_over")]
    for hidden in ("Fleuron", "Lefèvre", "fleuron", chloe.events[0]["subject"]):
        assert hidden not in str(desk_service.ben.events)
