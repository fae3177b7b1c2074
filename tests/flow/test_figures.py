"""What is counted: pure, then through the flow."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ctibridge.calls.register import ROUND_WINDOW
from ctibridge.domain.account import AccountRef
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Answer
from ctibridge.flow.figures import MOST_ACCOUNTS, MOST_CALLS, NO_ACCOUNT, OTHER, Figures
from ctibridge.sip.events import Identity, RingEnd, RingStarted, Withheld
from tests.flow.house import FakeLookup, House, answer, settle

AT = datetime(2026, 11, 21, 18, tzinfo=UTC)


def told(status: Status = Status.UNKNOWN, account: str | None = None) -> Answer:
    some = answer()
    called = replace(some.called, account=None if account is None else AccountRef(account, account.upper()))
    return replace(some, called=called, resolution=Resolution(status, None, ()))


def over(call: str, outcome: Outcome) -> Call:
    return Call(call, "pbx", "6001", CallState.ENDED, AT, ended_at=AT, outcome=outcome)


def count(figures: Figures, call: str, outcome: Outcome, *, account: str | None = "acme", at: float = 1.0) -> None:
    """One whole call at ana's desk."""
    figures.came(at)
    figures.rang(call, ["ana"])
    figures.told(call, {"ana": told(account=account)}, at)
    figures.ended(over(call, outcome), "ana", at)


def test_a_call_is_counted_once_however_many_desks_it_rang_at() -> None:
    figures = Figures()
    figures.rang("c1", ["ana", "ben"])
    figures.told("c1", {"ana": told(Status.UNKNOWN, "acme")}, 1.0)
    figures.told("c1", {"ben": told(Status.IDENTIFIED, "acme")}, 1.0)
    figures.ended(over("c1", Outcome.ANSWERED_ELSEWHERE), "ana", 2.0)
    assert (figures.calls.total(), figures.open) == (0, 1), "ben still talks"
    figures.ended(over("c1", Outcome.ANSWERED_HERE), "ben", 300.0)
    assert figures.calls == {("acme", Outcome.ANSWERED_HERE): 1}
    assert figures.statuses == {Status.IDENTIFIED: 1}
    assert figures.open == 0


def test_an_answered_call_counts_at_once_and_never_twice() -> None:
    figures = Figures()
    count(figures, "c1", Outcome.ANSWERED_ELSEWHERE)
    assert figures.calls == {("acme", Outcome.ANSWERED_ELSEWHERE): 1}
    count(figures, "c1", Outcome.ANSWERED_HERE)  # picked up from there: the same call at another desk
    figures.wake(1000.0)
    figures.stop()
    assert figures.calls.total() == figures.statuses.total() == 1


def test_a_queue_that_comes_round_is_one_call_with_its_last_outcome() -> None:
    figures = Figures()
    count(figures, "c1", Outcome.ABANDONED, at=0.0)
    figures.wake(ROUND_WINDOW - 1)
    assert figures.calls.total() == 0, "it may come round again"
    count(figures, "c1", Outcome.ANSWERED_HERE, at=ROUND_WINDOW - 1)
    figures.wake(1000.0)
    assert figures.calls == {("acme", Outcome.ANSWERED_HERE): 1}


def test_what_comes_round_no_more_counts_as_it_ended() -> None:
    figures = Figures()
    count(figures, "c1", Outcome.ABANDONED, at=0.0)
    count(figures, "c2", Outcome.TIMED_OUT, at=5.0)
    assert figures.deadline == ROUND_WINDOW
    figures.wake(ROUND_WINDOW)
    assert figures.calls == {("acme", Outcome.ABANDONED): 1}
    assert figures.deadline == ROUND_WINDOW + 5.0
    figures.stop()
    assert figures.calls == {("acme", Outcome.ABANDONED): 1, ("acme", Outcome.TIMED_OUT): 1}
    assert figures.deadline is None


def test_each_desk_and_round_has_its_own_time_from_what_made_it_ring() -> None:
    figures = Figures()
    figures.came(10.0)
    figures.rang("c1", ["ana"])
    figures.came(10.5)
    figures.rang("c1", ["ben"])  # another line of the group
    figures.told("c1", {"ana": told()}, 10.75)
    figures.told("c1", {"ben": told(), "ana": told()}, 10.75)  # ana's is a later revision
    assert figures.pops.sum == pytest.approx(0.75 + 0.25)
    assert figures.pops.cumulative[-1] == 2
    figures.came(20.0)
    figures.rang("c1", ["ana"])
    figures.told("c1", {"ana": told()}, 20.5)
    assert figures.pops.cumulative[-1] == 3


def test_a_later_revision_may_still_identify() -> None:
    figures = Figures()
    figures.rang("c1", ["ana"])
    figures.told("c1", {"ana": told(Status.UNKNOWN)}, 1.0)
    figures.told("c1", {"ana": told(Status.IDENTIFIED, "acme")}, 1.2)
    figures.ended(over("c1", Outcome.ANSWERED_HERE), "ana", 2.0)
    assert figures.statuses == {Status.IDENTIFIED: 1}
    assert figures.calls == {("acme", Outcome.ANSWERED_HERE): 1}


def test_of_five_thousand_companies_two_hundred_have_their_own_name() -> None:
    figures = Figures()
    for number in range(5_000):
        count(figures, f"c{number}", Outcome.ANSWERED_HERE, account=f"account{number}")
    count(figures, "again", Outcome.ANSWERED_HERE, account="account0")
    count(figures, "nobody's", Outcome.ANSWERED_HERE, account=None)
    names = {account for account, _ in figures.calls}
    assert len(names) == MOST_ACCOUNTS + 2
    assert figures.calls[OTHER, Outcome.ANSWERED_HERE] == 5_000 - MOST_ACCOUNTS
    assert figures.calls["account0", Outcome.ANSWERED_HERE] == 2
    assert figures.calls[NO_ACCOUNT, Outcome.ANSWERED_HERE] == 1


def test_calls_without_an_end_are_not_kept_for_ever() -> None:
    figures = Figures()
    for number in range(MOST_CALLS + 10):
        figures.rang(f"c{number}", ["ana"])
    assert figures.open == MOST_CALLS
    assert figures.calls == {(NO_ACCOUNT, Outcome.UNKNOWN): 10}


def test_what_was_never_heard_of_is_not_counted() -> None:
    figures = Figures()
    figures.ended(over("c1", Outcome.ABANDONED), "ana", 1.0)
    figures.told("c1", {"ana": told()}, 1.0)
    assert (figures.calls.total(), figures.pops.cumulative[-1], figures.deadline) == (0, 0, None)


# -- through the flow --------------------------------------------------------------------------------------------------


def rings(house: House, leg: str, *, at: float, line: str = "6001") -> None:
    """By an INVITE that was read then."""
    identity = Identity("111", None, Withheld.NO, "From")
    house.flow.hear(RingStarted("pbx", line, leg, (leg, "tag"), None, identity, ("+4930",), at=at))


async def test_the_time_counts_from_the_invite_to_the_frame() -> None:
    house = House(FakeLookup())
    delivered: list[float] = []
    take = house.deliver

    def deliver() -> None:
        house.later(0.002)  # what the transports take
        take()
        delivered.append(house.now.clock)

    house.flow._pops._deliver = deliver
    came = house.now.clock - 0.003
    rings(house, "l1", at=came)
    await settle()
    pops = house.flow.figures.pops
    assert house.types[0].startswith("call.ringing")
    assert pops.cumulative[-1] == 1
    assert pops.sum == pytest.approx(delivered[0] - came), "not before the frame is in the transport"


async def test_where_the_store_is_asked_its_time_counts_too() -> None:
    house = House(FakeLookup(gate=asyncio.Event()))
    rings(house, "l1", at=house.now.clock)
    await settle()
    assert house.flow.figures.pops.cumulative[-1] == 0
    house.later(0.03)
    assert house.lookup.gate is not None
    house.lookup.gate.set()
    await settle()
    assert house.flow.figures.pops.sum == pytest.approx(0.03)


async def test_a_call_through_the_flow_and_a_ring_without_a_desk() -> None:
    house = House(FakeLookup())
    rings(house, "l1", at=house.now.clock)
    house.end("l1", RingEnd.COMPLETED_ELSEWHERE)
    rings(house, "l2", at=house.now.clock, line="6002")  # two agents, and nobody said that he sits there
    await settle()
    figures = house.flow.figures
    assert figures.calls == {(NO_ACCOUNT, Outcome.ANSWERED_ELSEWHERE): 1}
    assert figures.without_desk == {"pbx": 1}
    assert figures.open == 0


async def test_an_abandoned_call_is_counted_by_the_flows_own_timer() -> None:
    house = House(FakeLookup())
    rings(house, "l1", at=house.now.clock)
    house.end("l1")
    await settle()
    assert house.flow.figures.calls.total() == 0
    house.later(ROUND_WINDOW + 1)
    house.flow._wake()
    assert house.flow.figures.calls == {(NO_ACCOUNT, Outcome.ABANDONED): 1}
