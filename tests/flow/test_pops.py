"""A pop that is asked for once more is told to nobody, and knows the colleague who calls."""

from ctibridge.flow import remembered
from tests.flow.house import FakeLookup, House


async def test_asked_once_more_it_is_told_to_nobody_and_no_new_call() -> None:
    lookup = FakeLookup()
    house = House(lookup)
    house.ring("a")
    before = list(house.frames)
    answer = await house.flow.as_seen_now("ana", "call1")
    assert answer is not None
    assert house.frames == before
    assert (lookup.questions[-1].again, lookup.questions[-1].call_id) == (True, "call1")


async def test_a_colleague_who_calls_is_named_then_as_well() -> None:
    house = House(FakeLookup())
    house.ring("a", caller="6003")
    answer = await house.flow.as_seen_now("ana", "call1")
    assert answer is not None
    assert answer.internal is not None
    assert answer.internal.agent == "cleo"


async def test_what_was_asked_is_kept_behind_the_pop() -> None:
    house = House(FakeLookup())
    house.ring("a")
    fact = remembered.read(house.outbox.facts[remembered.KIND, "call1"])
    assert fact is not None
    assert fact.signalled.raw is not None
    assert fact.signalled.raw.value == "111"


async def test_a_call_of_a_trunk_that_is_no_longer_ours_is_not_asked_for() -> None:
    house = House(FakeLookup())
    house.ring("a")
    body = house.outbox.facts[remembered.KIND, "call1"].replace(b'"trunk":"pbx"', b'"trunk":"old"')
    house.outbox.keep_fact(remembered.KIND, "call9", body)
    assert await house.flow.as_seen_now("ana", "call9") is None
