"""The webhook of one customer: it never hears of another's person, company, greeting or note, nor of how many."""

from typing import Any

import pytest

from ctibridge.delivery.webhooks.showing import Unreadable
from ctibridge.sip.events import Hearing, LineChanged, RingEnd
from tests.flow.house import settle
from tests.flow.tenants import BOTH, HERS, NOBODYS, Tenants, Tool, betrays, types
from tests.leaks import canary
from tests.lookup.examples import DESK, FLEURON_DESK, MOBILE

NOTE = canary("Elodie of the other one has a flat battery")


def people(event: dict[str, Any]) -> list[str]:
    return [one["person"]["id"] for one in event["data"]["resolution"]["candidates"]]


async def test_its_own_calls_come_whole() -> None:
    one = await Tenants.open()
    await one.call("a", MOBILE, DESK)
    one.end("a")
    ring, end = await Tool("acme").hears(one)
    assert types([ring, end]) == ["call.ringing call1", "call.ended call1"]
    assert (people(ring), ring["data"]["called"]["account"]["id"]) == (["p17"], "acme")
    assert ring["data"]["language"]["greeting"] == "Grüezi, ACME AG, mein Name ist Ana Ruiz."
    assert ring["data"]["resolution"]["revision"] == 1


@pytest.mark.parametrize("number", [MOBILE, HERS, BOTH, NOBODYS])
async def test_of_a_call_to_another_customer_nothing_comes_whoever_calls(number: str) -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await one.call("a", number, FLEURON_DESK)
    one.write("ana", "call1", NOTE)
    one.end("a")
    await settle()
    assert await tool.bodies(one) == []
    heard = types(await Tool("fleuron").hears(one))
    noted = ["call.worked call1"] if number in (HERS, NOBODYS) else []
    assert heard == ["call.ringing call1", *noted, "call.ended call1"]


async def test_no_number_of_an_event_counts_those_of_the_others() -> None:
    quiet, busy = await Tenants.open(), await Tenants.open()
    for turn in range(5):
        await busy.call(f"x{turn}", HERS, FLEURON_DESK)
        busy.end(f"x{turn}")
        busy.later(90)
    for one, tool in ((quiet, Tool("acme")), (busy, Tool("acme"))):
        await one.call("a", MOBILE, DESK)
        one.end("a")
        events = await tool.hears(one)
        assert [event["sequence"] for event in events] == ["1", "2"]
        assert not any(event["id"].startswith("e") and "." in event["id"] for event in events)


async def test_another_customers_person_calls_this_one() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await one.call("a", HERS, DESK)
    bodies = await tool.bodies(one)
    assert (len(bodies), betrays(bodies)) == (1, [])


async def test_a_caller_of_both_customers_is_this_ones_alone() -> None:
    """For the desk he is ambiguous or decided by who was called; for the tool there is one of him."""
    one, tool = await Tenants.open(), Tool("acme")
    await one.call("a", BOTH, DESK)
    desk = one.frames[-1]
    assert sorted(people(desk)) == ["e1", "p17"], "the desk sees both"
    (ring,) = bodies = await tool.hears(one)
    assert (people(ring), ring["data"]["resolution"]["status"]) == (["p17"], "identified")
    assert betrays(await Tool("acme").bodies(one)) == []
    assert len(bodies) == 1


async def test_a_call_to_nobodys_number_comes_only_where_it_is_known_as_this_ones() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    for leg, number in enumerate((NOBODYS, HERS, BOTH, MOBILE), 1):
        await one.call(f"leg{leg}", number, "6001")
    events = await tool.hears(one)
    assert types(events) == ["call.ringing call4"], "neither strangers, nor another's, nor one who may be another's"
    assert people(events[0]) == ["p17"]


async def test_a_call_to_nobodys_number_is_nobodys_once_the_agent_may_not_see_the_caller() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await one.call("a", MOBILE, "6001")
    await one.grant_ends("ana", "acme")
    assert await tool.bodies(one) == []


async def test_what_an_agent_chooses_of_another_customer_is_not_even_a_revision() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await one.call("a", BOTH, DESK)
    assert len(await tool.bodies(one)) == 1
    told = len(one.frames)
    await one.choose("call1", "fleuron", "e1")
    assert len(one.frames) > told, "the desk hears of it"
    assert await tool.bodies(one) == []
    await one.choose("call1", "acme", "p17")
    (update,) = await tool.hears(one)
    assert update["data"]["resolution"]["revision"] == 2
    assert betrays(await Tool("acme").bodies(one)) == []


async def test_a_note_comes_where_nobody_else_was_in_play_and_stays_where_somebody_was() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await one.call("a", MOBILE, DESK)
    await one.call("b", BOTH, DESK)
    one.write("ana", "call1", NOTE)
    one.write("ana", "call2", NOTE)
    await settle()
    assert one.types.count("call.worked call2") == 1
    events = await tool.hears(one)
    assert types(events) == ["call.ringing call1", "call.ringing call2", "call.worked call1"]


async def test_a_colleague_who_saw_another_customer_wrote_of_whom_he_saw() -> None:
    """ana sees this customer alone by now; cleo, at whose desk it rings too, sees both."""
    one, tool = await Tenants.open(), Tool("acme")
    await one.grant_ends("ana", "fleuron")
    await one.call("a", BOTH, DESK, dialog="same")
    await one.call("c", BOTH, DESK, "6003", dialog="same")
    one.write("cleo", "call1", NOTE)
    await settle()
    assert "call.worked call1" in one.types
    assert types(await tool.hears(one)) == ["call.ringing call1"]
    assert types(await tool.hears(one, "cleo")) == ["call.ringing call1"]


async def test_of_a_note_that_nobody_knows_any_more_of_whom_it_was_written_nothing_comes() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await one.call("a", MOBILE, DESK)
    one.write("ana", "call1", NOTE)
    one.end("a")
    await settle()
    one.later(3 * 3600)
    await one.call("b", MOBILE, DESK)  # the desk forgets with the next ring
    assert types(await tool.hears(one)) == ["call.ringing call1", "call.ended call1", "call.ringing call2"]


async def hand_over(one: Tenants, number: str, called: str) -> None:
    """ana talks with the caller, writes a note and calls cleo."""
    await one.call("a", number, called)
    one.write("ana", "call1", NOTE)
    one.end("a", RingEnd.COMPLETED_ELSEWHERE)
    one.later(20)
    await one.call("b", "6001", "6003", "6003")


async def test_a_call_handed_over_from_another_customer_does_not_come() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await hand_over(one, HERS, FLEURON_DESK)
    assert one.frames[-1]["data"]["hand_over"]["call"] == "call1", "cleo's desk knows whose it was"
    assert await tool.bodies(one) + await tool.bodies(one, "cleo") == []


async def test_nor_where_both_customers_know_the_caller() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await hand_over(one, BOTH, FLEURON_DESK)
    assert await tool.bodies(one) + await tool.bodies(one, "cleo") == []


async def test_one_of_its_own_that_is_handed_over_comes_without_the_notes_of_before() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await hand_over(one, BOTH, DESK)
    (ring,) = await tool.hears(one, "cleo")
    assert ring["data"]["hand_over"]["call"] == "call1"
    assert ring["data"]["hand_over"]["notes"] == []
    assert people(ring) == ["p17"]
    assert betrays(await Tool("acme").bodies(one, "cleo")) == []
    assert NOTE not in str(await Tool("acme").hears(one)) + str(ring)


async def test_a_call_that_comes_back_is_the_same_call() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    for leg in ("a", "b"):
        await one.call(leg, BOTH, DESK)
        one.end(leg)
        one.later(5)
    events = await tool.hears(one)
    assert types(events) == ["call.ringing call1", "call.ended call1"] * 2
    assert events[2]["data"]["call"]["round"] == 2
    assert [event["data"]["resolution"]["revision"] for event in events[::2]] == [1, 1]
    assert betrays(await Tool("acme").bodies(one)) == []


async def test_after_the_grant_has_ended_its_calls_come_without_persons() -> None:
    one, tool = await Tenants.open(), Tool("acme")
    await one.call("a", MOBILE, DESK)
    one.write("ana", "call1", NOTE)
    await one.grant_ends("ana", "acme")
    events = await tool.hears(one)
    assert types(events)[0] == "call.ringing call1"
    assert not any("Regula" in str(event) or NOTE in str(event) for event in events)
    assert (people(events[0]), events[0]["data"]["called"]["granted"]) == ([], False)


async def test_what_was_stored_with_another_customer_in_it_is_narrow_after_a_restart() -> None:
    one = await Tenants.open()
    await one.call("a", BOTH, DESK)
    await one.call("b", HERS, FLEURON_DESK)
    await one.flow.stop()
    after = await Tenants.open(before=one)
    calls = after.desks.restarted(after.now.at)
    await after.flow.restore(calls)
    after.deliver()
    tool = Tool("acme")
    bodies = await tool.bodies(after)
    assert (types(await Tool("acme").hears(after)), betrays(bodies)) == (
        ["call.ringing call1", "call.ended call1"],
        [],
    )


async def test_a_receiver_of_all_is_told_what_the_desk_may_see_now() -> None:
    one, tool = await Tenants.open(), Tool()
    await one.call("a", HERS, FLEURON_DESK)
    one.end("a")
    await one.grant_ends("ana", "fleuron")
    events = await tool.hears(one)
    assert [event["sequence"] for event in events] == [str(number) for number in range(1, len(events) + 1)]
    assert "Élodie" not in str(events)


async def test_notices_are_for_receivers_of_all() -> None:
    one = await Tenants.open()
    one.flow.hear(line_deaf())
    assert await Tool("acme").bodies(one) == []
    assert types(await Tool().hears(one)) == ["notice None"]


async def test_a_directory_that_fails_is_waited_for_and_says_nothing() -> None:
    one = await Tenants.open()
    await one.call("a", BOTH, DESK)
    one.store.broken = True
    with pytest.raises(Unreadable):
        await Tool("acme").bodies(one)


async def test_to_ask_for_a_tool_leaves_no_trace_at_the_desks() -> None:
    one = await Tenants.open()
    await one.call("a", BOTH, DESK)
    frames, events = len(one.frames), len(one.outbox.events["ana"])
    await Tool("acme").bodies(one)
    await Tool("fleuron").bodies(one)
    one.deliver()
    assert (len(one.frames), len(one.outbox.events["ana"])) == (frames, events)


def line_deaf() -> LineChanged:
    return LineChanged("pbx", "6001", Hearing.DEAF, "no answer")
