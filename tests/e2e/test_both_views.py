"""Lines that are seen twice, by a contact of ours and by their dialog state: one call, one pop, and who answered."""

import pytest

from tests.e2e.house import ACME, BOTH, REGULA, WATCH, MakeHouse, kinds
from tests.peers.kamailio import Queue
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "kamailio/presence.so", "baresip", "sipp")]


async def test_both_views_make_one_pop_and_one_end(house: MakeHouse) -> None:
    desk_service = await house("6001", observe=BOTH)
    assert len(await desk_service.pbx.contacts("6001")) == 2
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA, display="R. Frei"))
    pop = await desk_service.ana.ringing()
    assert pop["caller"]["source"] == "From"
    assert pop["resolution"]["revision"] == 1
    await desk_service.phones["6001"].incoming()
    await desk_service.phones["6001"].answer()
    await desk_service.ana.event("call.answered")
    calls.end()
    ended = (await desk_service.ana.ended())["call"]
    assert ended["outcome"] == "answered_here"
    assert ended["answered_at"] < ended["ended_at"]
    assert kinds(desk_service.ana) == ["call.ringing", "call.answered", "call.ended"], "nothing twice, nothing raised"


async def test_both_views_of_a_call_that_is_given_up(house: MakeHouse) -> None:
    desk_service = await house("6001", observe=BOTH)
    desk_service.sipp.start(Invite(ACME, number=REGULA), patience=1.0)
    assert (await desk_service.ana.ended())["call"]["outcome"] == "abandoned"
    assert kinds(desk_service.ana) == ["call.ringing", "call.ended"]


async def test_both_views_know_whose_phone_was_quicker(house: MakeHouse) -> None:
    desk_service = await house("6001", "6002", observe=BOTH, pbx={"line_dialogs": True})
    ana, ben = desk_service.ana, desk_service.ben
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    pops = [await ana.ringing(), await ben.ringing()]
    assert len({pop["call"]["id"] for pop in pops}) == 1
    await desk_service.phones["6002"].incoming()
    await desk_service.phones["6002"].answer()
    await ben.event("call.answered")
    lost = (await ana.ended())["call"]
    assert lost["outcome"] == "answered_elsewhere"
    assert lost["answered_by"] == {"line": "6002", "agent": "ben"}
    calls.end()
    assert (await ben.ended())["call"]["outcome"] == "answered_here"
    assert kinds(ana) == ["call.ringing", "call.ended"]
    assert kinds(ben) == ["call.ringing", "call.answered", "call.ended"]


async def test_a_withheld_caller_stays_withheld_though_dialog_info_names_him(house: MakeHouse) -> None:
    desk_service = await house("6001", observe=BOTH)
    desk_service.sipp.start(Invite(ACME, number=REGULA, privacy="id"), patience=2.0)
    pop = await desk_service.ana.ringing()
    await desk_service.ana.ended()
    assert pop["resolution"]["status"] == "withheld"
    assert desk_service.ana.count("call.ringing") == 1
    assert REGULA not in str(desk_service.ana.events)


async def test_both_views_of_a_caller_whom_they_name_differently(house: MakeHouse) -> None:
    """Kamailio's documents have the From, the INVITE has an asserted identity: the INVITE's counts."""
    desk_service = await house("6001", observe=BOTH)
    invite = Invite(ACME, from_header="<sip:trunk-main@10.1.1.1>", asserted=[f"<sip:{REGULA}@10.1.1.1>"])
    calls = desk_service.sipp.start(invite)
    pop = await desk_service.ana.ringing()
    assert (pop["caller"]["number"], pop["caller"]["source"]) == (REGULA, "P-Asserted-Identity")
    await desk_service.phones["6001"].incoming()
    await desk_service.phones["6001"].answer()
    calls.end()
    assert (await desk_service.ana.ended())["call"]["outcome"] == "answered_here"
    assert kinds(desk_service.ana) == ["call.ringing", "call.answered", "call.ended"]


async def test_both_views_of_a_queue_that_rings_in_three_rounds(house: MakeHouse) -> None:
    """To Kamailio's dialog-info they are one long ringing."""
    queue = {"300": Queue(["6001"], ring=1.0, pause=1.0, rounds=3)}
    desk_service = await house("6001", observe=BOTH, numbers=queue)
    calls = desk_service.sipp.start(Invite("300", number=REGULA))
    await calls.done(timeout=30, check=False)
    await desk_service.ana.ended(call__round=3)
    rings = [event["data"]["call"] for event in desk_service.ana.events if event["type"] == "call.ringing"]
    assert [call.get("round", 1) for call in rings] == [1, 2, 3]
    assert len({call["id"] for call in rings}) == 1
    assert desk_service.ana.count("call.ended") == 3


@pytest.mark.parametrize("observe", [WATCH, BOTH], ids=["dialog-info", "both"])
async def test_a_ring_group_with_one_dialog_for_all(house: MakeHouse, observe: list[str]) -> None:
    desk_service = await house("6001", "6002", observe=observe)
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    for each in desk_service.desks.values():
        await each.ringing()
    await desk_service.phones["6002"].incoming()
    await desk_service.phones["6002"].answer()
    for each in desk_service.desks.values():
        ended = (await each.ended())["call"]
        assert ended["outcome"] == "answered_elsewhere"
        assert "answered_by" not in ended, "every line says that it has the call"
        assert kinds(each) == ["call.ringing", "call.ended"]
    calls.end()
    assert (await calls.done()).successful == 1


async def test_where_one_view_is_refused_the_other_goes_on_and_the_log_says_so(house: MakeHouse) -> None:
    desk_service = await house("6001", observe=BOTH, observer=("cti", "wrong"))
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.ana.ringing()
    await desk_service.phones["6001"].incoming()
    await desk_service.phones["6001"].answer()
    assert (await desk_service.ana.ended())["call"]["outcome"] == "answered_elsewhere"
    calls.end()
    reasons = [row["why"] for row in desk_service.daemon.log if row["event"] == "line"]
    assert [why for why in reasons if "password" in why], reasons
