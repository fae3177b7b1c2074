"""What of missed calls outlives the process, and what a restart makes of the calls of before."""

import pytest

from ctibridge.calls import missed
from ctibridge.calls.missed import KEPT, MissedCallers, Refused, Why
from ctibridge.calls.missed_call import MissedCall
from ctibridge.domain.call import Outcome
from ctibridge.domain.moment import Moment
from ctibridge.domain.work import Work, WorkState
from tests.calls.legs import at
from tests.calls.missing import ACME, CALLER, Desks, kept, over, ringing, settled, told


def later(clock: float) -> Moment:
    """In the next process, whose clock began anew."""
    return Moment(at(clock).at, clock - 5_000)


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_a_call_is_kept_from_its_first_ring_until_all_desks_know_that_it_was_answered() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    assert list(kept(desks)) == ["c1"]
    assert desks.missed.changed() == ()
    desks.answer("c1", 3, "ana")
    desks.end("c1", 4, "ben", outcome=Outcome.ANSWERED_ELSEWHERE, by="ana")
    assert list(kept(desks)) == ["c1"]
    desks.end("c1", 60, "ana", outcome=Outcome.ANSWERED_HERE)
    assert [(call, desks.missed.waiting(call)) for call in desks.missed.changed()] == [("c1", None)]


def test_who_still_rang_when_a_colleague_had_answered_and_the_process_was_killed_has_missed_nobody() -> None:
    """With the answer it was kept no longer, so the desk had a call that ended as unknown among its missed ones."""
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    desks.answer("c1", 3, "ana")
    one = restarted(kept(desks), 100)
    assert told(one.restarted(later(100))) == {"ben": settled("ana", 3, "c1")}


def test_each_change_of_a_missed_call_is_kept() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    before = kept(desks)
    desks.missed.take("c1", "ana", at(20))
    taken = kept(desks)
    desks.missed.take("c1", "ana", at(21))
    assert kept(desks) == {}
    desks.ring("c2", 60, "ben")
    kept(desks)
    desks.answer("c2", 61, "ben")
    after = kept(desks)
    assert [sorted(calls) for calls in (before, taken, after)] == [["c1"], ["c1"], ["c1", "c2"]]
    assert [calls["c1"].work for calls in (before, taken, after)] == [
        None,
        Work("ana", WorkState.TAKEN, at(20).at),
        settled("ben", 61, "c2"),
    ]


# -- after a restart ---------------------------------------------------------------------------------------------------


def restarted(calls: dict[str, MissedCall], clock: float) -> MissedCallers:
    one = MissedCallers()
    one.restore(calls.values(), later(clock))
    return one


def test_who_was_missed_before_waits_on_and_who_calls_him_back_is_known() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.missed.take("c1", "ana", at(20))
    one = restarted(kept(desks), 100)
    assert one.restarted(later(100)) == []
    assert one.account("c1") == ACME
    assert one.take("c1", "ben", later(101)) == Refused(Why.TAKEN, "ana", at(20).at)
    facts = one.done("c1", "ben", later(102))
    assert told(facts) == {"ana": settled("ben", 102), "ben": settled("ben", 102)}


def test_a_call_after_the_restart_settles_one_of_before() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    calls = kept(desks)
    desks.missed = restarted(calls, 100)
    desks.ring("c2", 110, "ben")
    assert told(desks.answer("c2", 112, "ben")) == {"ana": settled("ben", 112, "c2")}


def test_what_rang_when_the_process_was_killed_is_missed() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    one = restarted(kept(desks), 100)
    one.restarted(later(100))
    facts = one.take("c1", "ana", later(101))
    assert isinstance(facts, list)
    ended = over(ringing(), 100, Outcome.UNKNOWN)
    assert [(fact.agent, fact.call) for fact in facts] == [("ana", ended), ("ben", ended)]


def test_a_desk_that_stored_the_end_of_a_call_knows_it_better_than_what_was_not_kept() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana")
    one = restarted(kept(desks), 100)
    one.moved_on(over(ringing(), 5, Outcome.ANSWERED_ELSEWHERE), "ana", later(100))
    assert one.restarted(later(100)) == []
    assert one.take("c1", "ana", later(101)) == Refused(Why.ANSWERED, None, at(5).at)


def test_who_missed_an_earlier_round_hears_behind_the_restart_that_it_was_answered() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.ring("c1", 30, "ana", "ben", round_=2)
    desks.answer("c1", 33, "ben")
    one = restarted(kept(desks), 100)
    assert told(one.restarted(later(100))) == {"ana": settled("ben", 33, "c1")}
    assert one.take("c1", "ben", later(101)) == Refused(Why.ANSWERED, "ben", at(33).at)


def test_what_was_kept_is_forgotten_a_day_after_its_end_and_at_once_if_that_is_past() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.miss("c2", 600, "ana", caller=None)
    calls, day = kept(desks), KEPT.total_seconds()
    one = restarted(calls, day + 20)
    assert (one.waiting("c1"), one.changed()) == (None, ("c1",))
    assert one.deadline == later(610 + day).clock
    one.wake(later(610 + day))
    assert len(one) == 0


def test_more_calls_than_may_wait_and_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    desks = Desks()
    for n in (3, 1, 2):
        desks.miss(f"c{n}", n * 60, "ana", caller=f"{CALLER}{n}")
    calls = kept(desks)
    monkeypatch.setattr(missed, "MOST_CALLS", 2)
    one = restarted(calls, 600)
    assert [call for call in ("c1", "c2", "c3") if one.waiting(call)] == ["c2", "c3"]


def test_what_was_settled_before_the_restart_is_forgotten_first_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    desks = Desks()
    for n in (1, 2):
        desks.miss(f"c{n}", n * 60, "ana", caller=f"{CALLER}{n}")
    desks.missed.done("c2", "ana", at(200))
    monkeypatch.setattr(missed, "MOST_CALLS", 2)
    desks.missed = restarted(kept(desks), 600)
    desks.ring("c3", 610, "ana")
    assert [call for call in ("c1", "c2", "c3") if desks.missed.waiting(call)] == ["c1", "c3"]
