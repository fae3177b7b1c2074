"""Lines whose dialog state is subscribed to: Kamailio tells it, SIPp calls, baresip answers, the desks hear it all.

Kamailio says `confirmed` of every line of a ring group unless each line has a dialog of its own (`line_dialogs`), and
never says why a dialog is over.
"""

import asyncio
from typing import Any, Literal

import pytest

from tests.e2e.conftest import MakeDaemon, MakeDesk
from tests.e2e.daemon import PASSWORD, TrunkOf
from tests.e2e.house import ACME, ELODIE, KHALIJ, OBSERVER, REGULA, WATCH, House, MakeHouse, kinds
from tests.peers.authority import Authority
from tests.peers.plugin import MakeBaresip, MakeKamailio, MakeSipp, MakeWire
from tests.peers.process import until
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "kamailio/presence.so", "baresip", "sipp")]

PRESENCE = {"presence": True, "observers": dict([OBSERVER])}


def said_of(of: House, line: str) -> list[str]:
    """Why the line is as it is, in the daemon's log, the oldest first."""
    return [row["why"] for row in of.daemon.log if row["event"] == "line" and row["line"] == line]


# -- dialog-info alone -------------------------------------------------------------------------------------------------


async def test_a_line_is_heard_without_a_contact_of_ours(house: MakeHouse, desk: MakeDesk) -> None:
    desk_service = await house("6001", observe=WATCH)
    again = await desk(desk_service.daemon, "ana")
    assert [(line["line"], line["state"]) for line in again.welcome["lines"]] == [("6001", "registered")]
    phone = desk_service.phones["6001"]
    (only,) = await desk_service.pbx.contacts("6001")
    assert f"@{phone.address}:{phone.port}" in only.uri


async def test_a_call_rings_is_answered_and_hung_up(house: MakeHouse) -> None:
    desk_service = await house("6001", observe=WATCH)
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA, display="R. Frei"))
    pop = await desk_service.ana.ringing()
    assert pop["call"]["line"] == "6001"
    assert pop["caller"]["number"] == REGULA
    assert pop["caller"]["source"] == "dialog-info"
    assert pop["called"]["name"] == "ACME IT Service Desk"
    assert pop["resolution"]["status"] == "identified"
    assert pop["language"]["greeting"].startswith("Grüezi")
    await desk_service.phones["6001"].answer()
    answered = await desk_service.ana.event("call.answered")
    assert answered["call"]["id"] == pop["call"]["id"]
    assert answered["call"]["answered_at"] > pop["call"]["rang_at"]
    calls.end()
    ended = (await desk_service.ana.ended())["call"]
    assert (ended["id"], ended["outcome"]) == (pop["call"]["id"], "answered_here")
    assert ended["answered_at"] == answered["call"]["answered_at"] < ended["ended_at"]
    assert kinds(desk_service.ana) == ["call.ringing", "call.answered", "call.ended"]
    assert (await calls.done()).successful == 1


async def test_the_caller_gives_up(house: MakeHouse) -> None:
    desk_service = await house("6001", observe=WATCH)
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.ana.ringing()
    calls.end()
    ended = (await desk_service.ana.ended())["call"]
    assert ended["outcome"] == "abandoned"
    assert "answered_at" not in ended
    assert kinds(desk_service.ana) == ["call.ringing", "call.ended"]


async def test_two_calls_at_once_on_one_line_are_two(house: MakeHouse) -> None:
    desk_service = await house("6001", observe=WATCH)
    ana, phone = desk_service.ana, desk_service.phones["6001"]
    first = desk_service.sipp.start(Invite(ACME, number=REGULA))
    one = await ana.ringing(called__number=ACME)
    await phone.incoming()
    await phone.answer()
    await ana.event("call.answered")
    second = desk_service.sipp.start(Invite(KHALIJ, number="+971500000001"))
    other = await ana.ringing(called__number=KHALIJ)
    assert other["call"]["id"] != one["call"]["id"]
    assert other["resolution"]["candidates"][0]["person"]["id"] == "k1"
    second.end()
    assert (await ana.ended(call__id=other["call"]["id"]))["call"]["outcome"] == "abandoned"
    assert ana.count("call.ended") == 1, "the first goes on"
    first.end()
    assert (await ana.ended(call__id=one["call"]["id"]))["call"]["outcome"] == "answered_here"


async def test_the_same_caller_twice_in_a_row_is_two_calls_where_the_first_was_answered(house: MakeHouse) -> None:
    """Kamailio tells the first one as `terminated` for ten seconds more."""
    desk_service = await house("6001", observe=WATCH)
    ids = []
    for count in (1, 2):
        calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
        await until(lambda count=count: desk_service.ana.count("call.ringing") == count, "it rings")  # type: ignore[misc]
        await desk_service.phones["6001"].incoming()
        await desk_service.phones["6001"].answer()
        calls.end()
        await until(lambda count=count: desk_service.ana.count("call.ended") == count, "it is over")  # type: ignore[misc]
        ids.append(desk_service.ana.events[-1]["subject"])
    assert len(set(ids)) == 2


async def test_a_ring_group_of_two_desks_where_each_line_has_its_dialog(house: MakeHouse) -> None:
    desk_service = await house("6001", "6002", observe=WATCH, pbx={"line_dialogs": True})
    ana, ben = desk_service.ana, desk_service.ben
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    pops = [await ana.ringing(), await ben.ringing()]
    assert len({pop["call"]["id"] for pop in pops}) == 1, "one call, one id"
    assert [pop["call"]["line"] for pop in pops] == ["6001", "6002"]
    await desk_service.phones["6002"].incoming()
    await desk_service.phones["6002"].answer()
    await ben.event("call.answered")
    lost = (await ana.ended())["call"]
    assert lost["outcome"] == "answered_elsewhere"
    assert lost["answered_by"] == {"line": "6002", "agent": "ben"}
    calls.end()
    assert (await ben.ended())["call"]["outcome"] == "answered_here"
    assert kinds(ana) == ["call.ringing", "call.ended"]


async def test_a_ring_group_that_is_given_up_is_abandoned_at_both_desks(house: MakeHouse) -> None:
    desk_service = await house("6001", "6002", observe=WATCH, pbx={"line_dialogs": True})
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    for each in desk_service.desks.values():
        await each.ringing()
    calls.end()
    for each in desk_service.desks.values():
        assert (await each.ended())["call"]["outcome"] == "abandoned"


async def test_an_odd_caller_spoils_nothing(house: MakeHouse) -> None:
    """Kamailio writes him into the XML as he came."""
    desk_service = await house("6001", "6002", observe=WATCH, numbers={ACME: "6001", KHALIJ: "6002"})
    odd = desk_service.sipp.start(Invite(ACME, from_header="<sip:r&d;x=1@10.1.1.1>"))
    pop = await desk_service.ana.ringing()
    assert pop["caller"]["number"] is None
    assert pop["caller"]["raw"] == "r&d", "what follows the semicolon are parameters"
    desk_service.sipp.start(Invite(KHALIJ, number="+971500000001"))
    await desk_service.ben.ringing(resolution__status="identified")
    odd.end()
    assert (await desk_service.ana.ended())["call"]["outcome"] == "abandoned"
    desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.ana.ringing(resolution__status="identified")


async def test_what_can_be_no_xml_costs_no_other_call(house: MakeHouse) -> None:
    """A reference to a character that there is not."""
    desk_service = await house("6001", "6002", observe=WATCH, numbers={ACME: "6001", KHALIJ: "6002"})
    odd = desk_service.sipp.start(Invite(ACME, from_header="<sip:r&#0;d@10.1.1.1>"))
    await desk_service.phones["6001"].incoming()
    await desk_service.ana.ringing()
    desk_service.sipp.start(Invite(KHALIJ, number="+971500000001"))
    await desk_service.ben.ringing(resolution__status="identified")
    odd.end()
    assert (await desk_service.ana.ended())["call"]["outcome"] == "abandoned"


# -- who may watch -----------------------------------------------------------------------------------------------------


async def watched_by(
    observer: tuple[str, str], registrar: str, domain: str, lines: list[str], daemon: MakeDaemon
) -> Any:
    """All lines are Ana's."""
    keys = {"domain": domain, "observe": WATCH}
    return await daemon(TrunkOf(registrar, {line: ["ana"] for line in lines}, more=keys, observer=observer))


async def test_a_wrong_observer_password_is_tried_once_for_all_lines(
    kamailio: MakeKamailio, lossy_wire: MakeWire, daemon: MakeDaemon, desk: MakeDesk
) -> None:
    lines = [str(6001 + number) for number in range(5)]
    pbx = await kamailio(users=dict.fromkeys(lines, PASSWORD), **PRESENCE)
    wire = await lossy_wire(pbx)
    running = await watched_by((OBSERVER[0], "wrong"), f"sip:{wire.host}", pbx.host, lines, daemon)
    ana = await desk(running, "ana")
    await ana.lines({lines[0]: "deaf"})
    asked = len(wire.up.different)
    await asyncio.sleep(2)
    assert len(wire.up.different) == asked <= 3, "the question, the proof, and perhaps one more question"
    states = {line["line"]: line["state"] for line in ana.welcome["lines"]}
    assert set(states.values()) <= {"deaf", "registering"}


async def test_a_line_that_the_observer_may_not_watch_is_deaf_and_no_other(
    kamailio: MakeKamailio, sipp: MakeSipp, baresip: MakeBaresip, daemon: MakeDaemon, desk: MakeDesk
) -> None:
    """Here the account of the first line is one of the third line, too, and no observer."""
    lines = ["6001", "6002", "6003"]
    pbx = await kamailio(
        users=dict.fromkeys(lines, PASSWORD), usernames={"6003": "6001"}, numbers={ACME: "6003"}, presence=True
    )
    await baresip(pbx, "6003")
    running = await watched_by(("6001", PASSWORD), pbx.registrar, pbx.host, lines, daemon)
    ana = await desk(running, "ana")
    await ana.lines({"6001": "registered", "6002": "deaf", "6003": "registered"}, timeout=10)
    assert [row["why"] for row in running.log if row.get("line") == "6002"][-1] == "PBX says 403"
    sipp(pbx).start(Invite(ACME, number=REGULA))
    assert (await ana.ringing())["call"]["line"] == "6003"


async def test_a_pbx_without_the_package_says_so_in_the_log(
    kamailio: MakeKamailio, daemon: MakeDaemon, desk: MakeDesk
) -> None:
    pbx = await kamailio(users={"6001": PASSWORD})
    running = await watched_by(OBSERVER, pbx.registrar, pbx.host, ["6001"], daemon)
    ana = await desk(running, "ana")
    await ana.lines({"6001": "deaf"})
    (why,) = [row["why"] for row in running.log if row.get("line") == "6001" and row["state"] == "deaf"]
    assert why.startswith("PBX offers no dialog state: ")


# -- a PBX that forgets ------------------------------------------------------------------------------------------------


async def test_the_pbx_restarts_and_the_subscriptions_come_back(house: MakeHouse, baresip: MakeBaresip) -> None:
    """It has forgotten them: the next refresh gets 481, and the line is subscribed to anew."""
    desk_service = await house("6001", "6002", observe=WATCH, pbx={"max_watch": 4})
    await desk_service.pbx.restart()
    phone = await baresip(desk_service.pbx, "6001")
    for _ in range(10):
        call = desk_service.sipp.start(Invite(ACME, number=REGULA), patience=1.0)
        await phone.incoming()
        await call.done()
        if all(desk.count("call.ended") for desk in desk_service.desks.values()):
            break
    pops = [await desk.ringing(timeout=0.1) for desk in desk_service.desks.values()]
    assert {pop["resolution"]["status"] for pop in pops} == {"identified"}


async def test_a_subscription_is_refreshed_ahead_of_its_end(house: MakeHouse) -> None:
    desk_service = await house("6001", observe=WATCH, pbx={"max_watch": 4})
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.ana.ringing()
    await desk_service.phones["6001"].answer()
    await desk_service.ana.event("call.answered")
    await asyncio.sleep(6)  # two refreshes, each of which brings the whole state
    assert kinds(desk_service.ana) == ["call.ringing", "call.answered"]
    assert said_of(desk_service, "6001")[-1] == "its dialog state is told to us"
    calls.end()
    assert (await desk_service.ana.ended())["call"]["outcome"] == "answered_here"


# -- other ways to the PBX ---------------------------------------------------------------------------------------------


async def test_each_line_may_watch_itself(house: MakeHouse) -> None:
    desk_service = await house("6001", "6002", observe=WATCH, observer=None, pbx={"line_dialogs": True})
    desk_service.sipp.start(Invite(ACME, number=REGULA), patience=1.0)
    for each in desk_service.desks.values():
        assert (await each.ended())["call"]["outcome"] == "abandoned"


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_over_a_stream(
    house: MakeHouse, kamailio: MakeKamailio, authority: Authority, transport: Literal["tcp", "tls"]
) -> None:
    """The NOTIFYs come over the connection that is there."""
    served = {transport: True}
    pbx = await kamailio(users={"6001": PASSWORD}, numbers={ACME: "6001"}, **served, **PRESENCE)
    keys = {"registrar": pbx.registrar_tcp} if transport == "tcp" else {"registrar": pbx.registrar_tls}
    keys |= {"ca_file": str(authority.ca_file)} if transport == "tls" else {}
    desk_service = await house("6001", observe=WATCH, pbx_is=pbx, **keys)
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.ana.ringing()
    await desk_service.phones["6001"].incoming()
    await desk_service.phones["6001"].answer()
    await desk_service.ana.event("call.answered")
    calls.end()
    assert (await desk_service.ana.ended())["call"]["outcome"] == "answered_here"


async def test_a_bad_wire_loses_and_invents_no_call(
    house: MakeHouse, kamailio: MakeKamailio, lossy_wire: MakeWire
) -> None:
    numbers = {f"+4930231907{n:02d}": "6001" for n in range(12)}
    pbx = await kamailio(users={"6001": PASSWORD}, numbers=numbers, **PRESENCE)
    wire = await lossy_wire(pbx, loss=0.15, repeat=0.05, seed=7)
    desk_service = await house("6001", observe=WATCH, pbx_is=pbx, registrar=f"sip:{wire.host}")
    for four in [
        list(numbers)[first : first + 4] for first in range(0, 12, 4)
    ]:  # more at once the telephone does not take
        calls = [desk_service.sipp.start(Invite(number, number=REGULA), patience=2.0) for number in four]
        await asyncio.gather(*(each.done(timeout=60, check=False) for each in calls))
    await desk_service.ana.settled()
    rings = [event for event in desk_service.ana.events if event["type"] == "call.ringing"]
    assert {ring["data"]["called"]["number"] for ring in rings} == set(numbers)
    assert len(rings) == len({ring["subject"] for ring in rings}) == 12


async def test_a_wire_that_breaks_in_a_talk_makes_no_other_call_of_it(
    house: MakeHouse, kamailio: MakeKamailio, lossy_wire: MakeWire
) -> None:
    pbx = await kamailio(users={"6001": PASSWORD}, numbers={ACME: "6001"}, max_watch=4, **PRESENCE)
    wire = await lossy_wire(pbx)
    desk_service = await house("6001", observe=WATCH, pbx_is=pbx, registrar=f"sip:{wire.host}")
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.phones["6001"].incoming()
    await desk_service.phones["6001"].answer()
    await desk_service.ana.event("call.answered")
    wire.cut()
    await desk_service.ana.lines({"6001": "deaf"})
    wire.join()
    await desk_service.ana.lines({"6001": "registered"})
    calls.end()
    await calls.done()
    desk_service.sipp.start(Invite(ACME, number=ELODIE))
    await desk_service.ana.ringing(caller__number=ELODIE)
    assert kinds(desk_service.ana) == ["call.ringing", "call.answered", "call.ended", "call.ringing"]


# -- a daemon that forgets ---------------------------------------------------------------------------------------------


async def test_a_restarted_daemon_hears_at_once_what_rings(house: MakeHouse, desk: MakeDesk) -> None:
    desk_service = await house("6001", observe=WATCH)
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    before = await desk_service.ana.ringing()
    await desk_service.daemon.stop()
    assert (await desk_service.ana.ended())["call"]["outcome"] == "unknown"
    await desk_service.daemon.restart()
    ana = await desk(desk_service.daemon, "ana")
    calls.end()
    ended = await ana.ended()
    assert ended["call"]["outcome"] == "abandoned"
    assert ended["call"]["id"] != before["call"]["id"]
