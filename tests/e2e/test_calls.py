"""Real calls: SIPp calls, Kamailio forks, baresip is the agent's phone, and the desks hear what they may hear."""

import asyncio

import pytest

from tests.e2e.conftest import MakeDaemon, MakeDesk
from tests.e2e.daemon import PASSWORD, TrunkOf, free_udp_port
from tests.e2e.house import ACME, ELODIE, FLEURON, KHALIJ, NIKOS, REGULA, MakeHouse
from tests.peers.kamailio import Queue
from tests.peers.loss import Quality
from tests.peers.plugin import MakeBaresip, MakeKamailio, MakeSipp, MakeWire
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]


async def test_the_right_person_in_the_right_language_while_it_rings(house: MakeHouse) -> None:
    desk_service = await house("6001")
    desk_service.sipp.start(Invite(ACME, number=REGULA, display="R. Frei"))
    pop = await desk_service.ana.ringing()
    await desk_service.phones["6001"].incoming()
    assert pop["call"]["state"] == "ringing"
    assert pop["call"]["line"] == "6001"
    assert pop["caller"]["number"] == REGULA
    by_the_clock = {"support_hours": None, "holiday": None, "out_of_hours": None}
    assert pop["called"] | by_the_clock == {
        "number": ACME, "account": {"id": "acme", "name": "ACME AG"}, "name": "ACME IT Service Desk",
        "granted": True, **by_the_clock,
    }  # fmt: skip
    assert pop["language"]["tag"] == "de-CH"
    assert pop["language"]["endonym"] == "Deutsch (Schweiz)"
    assert pop["language"]["greeting"].startswith("Grüezi")
    assert pop["resolution"]["status"] == "identified"
    assert [c["person"]["id"] for c in pop["resolution"]["candidates"]] == ["p17"]
    assert desk_service.ana.count("call.ended") == 0, "it still rings"


async def test_answered_elsewhere(house: MakeHouse) -> None:
    desk_service = await house("6001")
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    pop = await desk_service.ana.ringing()
    await desk_service.phones["6001"].answer()
    ended = await desk_service.ana.ended()
    assert ended["call"]["id"] == pop["call"]["id"]
    assert ended["call"]["outcome"] == "answered_elsewhere"
    await calls.answered()
    calls.end()
    assert (await calls.done()).successful == 1, "we did not harm the call"


async def test_the_caller_gives_up(house: MakeHouse) -> None:
    desk_service = await house("6001")
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA), patience=1.0)
    ended = await desk_service.ana.ended()
    assert ended["call"]["outcome"] == "abandoned"
    assert (await calls.done()).successful == 1


@pytest.mark.parametrize(
    "invite",
    [
        Invite(ACME, from_header='"Anonymous" <sip:anonymous@anonymous.invalid>', privacy="id"),
        Invite(
            ACME,
            from_header='"Anonymous" <sip:anonymous@anonymous.invalid>',
            asserted=[f'"Regula Frei" <sip:{REGULA}@127.0.0.1>'],
            privacy="id",
        ),
        Invite(ACME, from_header="<sip:anonymous@10.1.1.1>"),
    ],
)
async def test_withheld_stays_withheld_also_where_the_number_came_along(house: MakeHouse, invite: Invite) -> None:
    desk_service = await house("6001")
    desk_service.sipp.start(invite)
    pop = await desk_service.ana.ringing()
    assert pop["resolution"]["status"] == "withheld"
    assert pop["resolution"]["candidates"] == []
    assert pop["caller"]["presentation"] == "restricted"
    hidden = ("number", "raw", "display_name", "extension", "diverted_by")
    assert [pop["caller"][key] for key in hidden] == [None] * 5
    assert pop["called"]["name"] == "ACME IT Service Desk", "the company is known all the same"
    assert REGULA not in str(desk_service.ana.events)


async def test_the_asserted_identity_counts_and_a_display_name_never_does(house: MakeHouse) -> None:
    desk_service = await house("6001")
    desk_service.sipp.start(
        Invite(
            ACME,
            from_header=f'"<sip:{ELODIE}@evil.example>" <sip:trunk-main@10.1.1.1>',
            asserted=[f'"{ELODIE}" <sip:{REGULA}@10.1.1.1>', f"<tel:{REGULA}>"],
            diversion=['"Sales" <sip:+493023125107@10.1.1.1>;reason=unconditional'],
        )
    )
    pop = await desk_service.ana.ringing()
    assert pop["caller"]["number"] == REGULA
    assert pop["caller"]["source"] == "P-Asserted-Identity"
    assert pop["caller"]["diverted_by"] == "+493023125107"
    assert pop["called"]["number"] == ACME, "the service number was called, whoever diverted"


async def test_a_ring_group_shows_each_agent_only_what_he_may_see(house: MakeHouse) -> None:
    desk_service = await house("6001", "6002", "6003")
    desk_service.sipp.start(Invite(FLEURON, number=ELODIE))
    pops = {agent: await desk.ringing() for agent, desk in desk_service.desks.items()}
    assert len({pop["call"]["id"] for pop in pops.values()}) == 1, "one call, one id, at all desks"
    assert {agent: pop["call"]["line"] for agent, pop in pops.items()} == {
        "ana": "6001",
        "ben": "6002",
        "chloe": "6003",
    }
    assert pops["chloe"]["resolution"]["status"] == "identified"
    assert pops["chloe"]["called"]["granted"] is True
    for stranger in ("ana", "ben"):
        assert pops[stranger]["resolution"]["status"] == "unknown"
        assert pops[stranger]["resolution"]["candidates"] == []
        assert pops[stranger]["resolution"]["account"] is None
        assert pops[stranger]["called"]["granted"] is False
        assert pops[stranger]["called"]["name"] == "Assistance Fleuron"
        assert "Lefèvre" not in str(desk_service.desks[stranger].events)
    await desk_service.phones["6003"].answer()
    for desk in desk_service.desks.values():
        assert (await desk.ended())["call"]["outcome"] == "answered_elsewhere"
        assert desk.count("call.ringing") == 1


async def test_one_number_at_two_customers_the_called_one_decides(house: MakeHouse) -> None:
    desk_service = await house("6003")
    chloe = desk_service.desks["chloe"]
    first = desk_service.sipp.start(Invite(ACME, number=NIKOS), patience=1.0)
    pop = await chloe.ringing(called__number=ACME)
    assert pop["resolution"]["status"] == "identified"
    assert [c["account"]["id"] for c in pop["resolution"]["candidates"]] == ["acme", "fleuron"]
    await first.done()
    desk_service.sipp.start(Invite(KHALIJ, number=NIKOS))
    pop = await chloe.ringing(called__number=KHALIJ)
    assert pop["resolution"]["status"] == "ambiguous"
    assert len(pop["resolution"]["candidates"]) == 2


async def test_a_queue_that_rings_in_three_rounds_is_one_call(house: MakeHouse) -> None:
    desk_service = await house("6001", numbers={"300": Queue(["6001"], ring=1.0, pause=0.5, rounds=3)})
    calls = desk_service.sipp.start(Invite("300", number=REGULA))
    await calls.done(timeout=30, check=False)
    await desk_service.ana.ended(call__round=3)
    rings = [event["data"]["call"] for event in desk_service.ana.events if event["type"] == "call.ringing"]
    assert [call.get("round", 1) for call in rings] == [1, 2, 3]
    assert len({call["id"] for call in rings}) == 1
    assert desk_service.ana.count("call.ended") == 3, "each round ends at once"


async def test_decline_lets_the_phone_ring_on(house: MakeHouse) -> None:
    desk_service = await house("6001", ring="decline", ring_expiry="3s")
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.ana.ringing()
    await desk_service.phones["6001"].incoming()
    ended = await desk_service.ana.ended()
    assert ended["call"]["outcome"] == "unknown", "after a 480 nobody tells us any more"
    await desk_service.phones["6001"].answer()
    await calls.answered()


async def test_a_ringing_that_nobody_ends_ends_by_itself(house: MakeHouse) -> None:
    desk_service = await house("6001", ring_expiry="2s")
    calls = desk_service.sipp.start(Invite(ACME, number=REGULA))
    ended = await desk_service.ana.ended()
    assert ended["call"]["outcome"] == "timed_out"
    await desk_service.phones["6001"].answer()
    await calls.answered()


async def test_ipv6_all_the_way(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, daemon: MakeDaemon, desk: MakeDesk
) -> None:
    pbx = await kamailio(users={"6001": PASSWORD}, numbers={ACME: ["6001"]}, ipv6=True)
    await baresip(pbx, "6001")
    trunk = TrunkOf(
        pbx.registrar_v6, {"6001": ["ana"]}, listen=f"[::1]:{free_udp_port('::1')}", more={"domain": pbx.host}
    )
    running = await daemon(trunk)
    ana = await desk(running, "ana")
    await ana.lines({"6001": "registered"})
    sipp(pbx, ipv6=True).start(Invite(ACME, number=REGULA))
    assert (await ana.ringing())["resolution"]["status"] == "identified"


async def test_the_pbx_restarts_and_the_next_call_pops(
    house: MakeHouse, kamailio: MakeKamailio, baresip: MakeBaresip, lossy_wire: MakeWire
) -> None:
    """The wire to us stays cut until the phone is back: who comes back first finds himself alone and leaves."""
    pbx = await kamailio(users={"6001": PASSWORD}, numbers={ACME: ["6001"]}, max_expires=4)
    wire = await lossy_wire(pbx)
    desk_service = await house("6001", pbx_is=pbx, registrar=f"sip:{wire.host}")
    wire.quality = Quality(loss=1.0)
    pbx.kill()
    await desk_service.ana.lines({"6001": "deaf"})
    await pbx.restart()
    await baresip(pbx, "6001")
    wire.quality = Quality()
    await desk_service.ana.lines({"6001": "registered"}, timeout=60)
    desk_service.sipp.start(Invite(ACME, number=REGULA))
    await desk_service.ana.ringing()
    kinds = [event["data"]["kind"] for event in desk_service.ana.events if event["type"] == "notice"]
    assert kinds == ["line_deaf", "line_recovered"]


async def test_with_15_percent_loss_nothing_rings_for_ever(
    kamailio: MakeKamailio, sipp: MakeSipp, lossy_wire: MakeWire, daemon: MakeDaemon, desk: MakeDesk
) -> None:
    pbx = await kamailio(users={"6001": PASSWORD}, numbers={ACME: ["6001"]})
    wire = await lossy_wire(pbx, loss=0.15, repeat=0.05, seed=7)
    running = await daemon(
        TrunkOf(f"sip:{wire.host}", {"6001": ["ana"]}, more={"domain": pbx.host, "alone": "stay", "ring_expiry": "10s"})
    )
    ana = await desk(running, "ana")
    await ana.lines({"6001": "registered"})
    calls = [sipp(pbx).start(Invite(ACME, number=f"+493023190{n:03d}"), patience=2.0) for n in range(30)]
    await asyncio.gather(*(each.done(timeout=60, check=False) for each in calls))
    await ana.settled()
    rings = [event["subject"] for event in ana.events if event["type"] == "call.ringing"]
    assert len(rings) == len(set(rings)) >= 28, "INVITEs are repeated until they arrive, and each pops once"
    outcomes = {e["data"]["call"]["outcome"] for e in ana.events if e["type"] == "call.ended"}
    assert outcomes <= {"abandoned", "timed_out"}


async def test_a_shared_line_pops_where_somebody_sits(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, daemon: MakeDaemon, desk: MakeDesk
) -> None:
    pbx = await kamailio(users={"6009": PASSWORD}, numbers={ACME: ["6009"]})
    await baresip(pbx, "6009")
    running = await daemon(TrunkOf(pbx.registrar, {"6009": ["ana", "ben"]}, more={"domain": pbx.host}))
    ana, ben = await desk(running, "ana"), await desk(running, "ben")
    await ana.lines({"6009": "registered"})
    first = sipp(pbx).start(Invite(ACME, number=REGULA), patience=0.5)
    for both in (ana, ben):
        assert (await both.event("notice"))["kind"] == "nobody_sits"
    await first.done()
    await ben.send(type="sit", lines=["6009"])
    await ben.lines({"6009": "registered"})
    sipp(pbx).start(Invite(ACME, number=ELODIE))
    await ben.ringing()
    assert ana.count("call.ringing") == 0
