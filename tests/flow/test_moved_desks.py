"""A desk that comes from another node is told what it was not told. The rest is in `test_crossing.py`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.calls.facts import Answered, Ended, Fact, Learned, Rang
from ctibridge.delivery.kept import KeptCall, KeptDesk
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.domain.screen_pop import ScreenPop
from ctibridge.flow.homes import Homes
from ctibridge.flow.moved_desks import MovedDesks
from ctibridge.flow.open_pops import OpenPops
from ctibridge.flow.remembered import NOBODY
from tests.flow.house import AT, NOW, FakeLookup, House, answer

RINGS = Call("c1", "pbx", "6001", CallState.RINGING, AT)
TALKS = Call("c1", "pbx", "6001", CallState.ANSWERED, AT, AT)
OVER = Call("c1", "pbx", "6001", CallState.ENDED, AT, None, AT, Outcome.ABANDONED)
AGAIN = Call("c1", "pbx", "6001", CallState.RINGING, AT, round=2)
OVER_AGAIN = Call("c1", "pbx", "6001", CallState.ENDED, AT, None, AT, Outcome.ABANDONED, round=2)
ANA = frozenset({"ana"})
HOURS = timedelta(hours=6)


@pytest.mark.parametrize(
    ("known", "now", "told"),
    [
        (None, RINGS, [Rang]),
        (None, TALKS, [Rang, Answered]),
        (None, OVER, [Rang, Ended]),
        (RINGS, RINGS, [Learned]),
        (RINGS, TALKS, [Answered]),
        (RINGS, OVER, [Ended]),
        (OVER, AGAIN, [Rang]),
        (OVER, RINGS, []),
        (OVER, OVER_AGAIN, []),
    ],
)
async def test_what_it_is_told(known: Call | None, now: Call, told: list[type[Fact]]) -> None:
    house, pops, homes, said = House(FakeLookup()), OpenPops(), Homes(lambda _: False), list[Fact]()
    pops.told(Learned(RINGS, frozenset(), NOBODY), lambda _: frozenset())
    if known is not None:
        house.desks.ringing("ana", ScreenPop(known, answer()), AT)
    homes.remember(now, ANA)
    MovedDesks(homes, house.desks, pops, said.append).gained(ANA)
    assert [type(fact) for fact in said] == told
    assert [fact.call.state for fact in said if isinstance(fact, Rang)] == [CallState.RINGING] * told.count(Rang)


async def test_a_call_that_ended_hours_ago_by_the_other_nodes_calendar_is_not_told_twice() -> None:
    """Two nodes six hours apart, and the one behind stood still: all that it had just told popped again."""
    house, pops, homes, said = House(FakeLookup()), OpenPops(), Homes(lambda _: False), list[Fact]()
    pops.told(Learned(RINGS, frozenset(), NOBODY), lambda _: frozenset())
    theirs = replace(OVER, rang_at=AT - HOURS, ended_at=AT - HOURS)
    kept = KeptDesk("ana", "e2", 2, 1, 2, (KeptCall("ana", theirs, AT - HOURS, 1),))
    house.desks.residents.adopt(kept)
    house.desks.residents.gained(ANA, AT)
    homes.remember(OVER, ANA)
    MovedDesks(homes, house.desks, pops, said.append).gained(ANA)
    assert said == []


async def test_one_call_that_fails_costs_itself_alone() -> None:
    house, pops, homes, said = House(FakeLookup()), OpenPops(), Homes(lambda _: False), list[Fact]()
    homes.remember(OVER, ANA)
    homes.remember(Call("c2", "pbx", "6001", CallState.ENDED, AT, None, AT, Outcome.ABANDONED), ANA)

    def tell(fact: Fact) -> None:
        said.append(fact)
        if fact.call.id == "c1":
            raise RuntimeError("boom")

    MovedDesks(homes, house.desks, pops, tell).gained(ANA)
    assert [fact.call.id for fact in said] == ["c1", "c2"]


async def test_what_a_desk_has_that_leaves_is_remembered() -> None:
    house = House(FakeLookup())
    house.ring("a")
    homes = Homes(lambda _: False)
    pops = OpenPops()
    pops.told(Learned(RINGS, frozenset(), NOBODY), lambda _: frozenset())
    call = next(iter(house.flow._open.calls()))
    moved = MovedDesks(homes, house.desks, house.flow._open, lambda _: None)
    moved.lost(ANA, AT)
    assert list(homes.having(call)) == ["ana"]


@pytest.mark.parametrize(("screen", "told"), [("here", [Ended]), ("elsewhere", [Rang, Ended]), (None, [Rang, Ended])])
async def test_what_a_screen_heard_before_its_desk_left_is_not_told_again_and_what_none_heard_is(
    screen: str | None, told: list[type[Fact]]
) -> None:
    """The next node did not know of it: the call was at a parted node alone, whose words reached no other node."""
    house, pops, homes, said = House(FakeLookup()), OpenPops(), Homes(lambda _: False), list[Fact]()
    house.desks.gone(1)
    if screen is not None:
        house.desks.connected(3, NOW, relayed=screen == "elsewhere")
        house.desks.receive(3, '{"type": "auth", "token": "t"}', NOW)
        house.desks.admit(3, Token("id", Kind.DESK, "ana", AT, None, None), "ana", NOW)
    pops.told(Learned(RINGS, ANA, NOBODY), lambda _: frozenset())
    house.desks.ringing("ana", ScreenPop(RINGS, answer()), AT)
    moved = MovedDesks(homes, house.desks, pops, said.append)
    moved.lost(ANA, AT)
    homes.remember(OVER, ANA)
    house.desks.residents.adopt(KeptDesk("ana", "e2", 0, 1, 0))  # as the next node gives it back
    house.desks.residents.gained(ANA, AT)
    moved.gained(ANA)
    assert [type(fact) for fact in said] == told
