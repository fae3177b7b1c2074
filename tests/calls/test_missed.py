"""Who waits for a call back, who hears that somebody calls him, and when it is settled."""

import pytest

from ctibridge.calls import missed
from ctibridge.calls.missed import KEPT, TAKE_HOLDS, Refused, Why
from ctibridge.domain.call import Outcome
from ctibridge.domain.work import Work, WorkState
from tests.calls.legs import at
from tests.calls.missing import ACME, Desks, settled, told

MISSED = [Outcome.ABANDONED, Outcome.DECLINED, Outcome.TIMED_OUT, Outcome.FAILED, Outcome.UNKNOWN]
HOLDS = TAKE_HOLDS.total_seconds()


def taken(by: str, clock: float) -> Work:
    return Work(by, WorkState.TAKEN, at(clock).at)


# -- who takes it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", MISSED)
def test_who_takes_a_missed_call_is_seen_at_all_desks_that_missed_it(outcome: Outcome) -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    assert desks.end("c1", 10, "ana", "ben", outcome=outcome) == []
    facts = desks.missed.take("c1", "ana", at(20))
    assert told(facts) == {"ana": taken("ana", 20), "ben": taken("ana", 20)}
    assert isinstance(facts, list)
    assert [(fact.call, fact.account) for fact in facts] == [
        (desks.calls["c1", "ana"], ACME),
        (desks.calls["c1", "ben"], ACME),
    ]


def test_a_desk_at_which_it_never_rang_has_no_such_call() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    assert desks.missed.take("c1", "cem", at(20)) is None
    assert desks.missed.done("c1", "cem", at(20)) is None
    assert desks.missed.take("c2", "ana", at(20)) is None


def test_the_first_take_wins() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.missed.take("c1", "ana", at(20))
    assert desks.missed.take("c1", "ben", at(21)) == Refused(Why.TAKEN, "ana", at(20).at)


def test_to_take_it_again_is_no_news() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.missed.take("c1", "ana", at(20))
    assert desks.missed.take("c1", "ana", at(30)) == []
    assert desks.missed.take("c1", "ben", at(31)) == Refused(Why.TAKEN, "ana", at(20).at)


def test_a_take_that_came_to_nothing_may_be_taken_over() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.missed.take("c1", "ana", at(20))
    assert desks.missed.take("c1", "ben", at(20 + HOLDS)) == Refused(Why.TAKEN, "ana", at(20).at)
    late = 20 + HOLDS + 1
    assert told(desks.missed.take("c1", "ben", at(late))) == {"ana": taken("ben", late), "ben": taken("ben", late)}
    assert desks.missed.take("c1", "ana", at(late + 1)) == Refused(Why.TAKEN, "ben", at(late).at)


def test_who_tries_once_more_after_a_quarter_of_an_hour_takes_it_anew_and_nobody_takes_it_from_him() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.missed.take("c1", "ana", at(20))
    late = 20 + HOLDS + 1
    assert told(desks.missed.take("c1", "ana", at(late))) == {"ana": taken("ana", late), "ben": taken("ana", late)}
    assert desks.missed.take("c1", "ben", at(late + 1)) == Refused(Why.TAKEN, "ana", at(late).at)


# -- who settles it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taker", [None, "ana", "ben"])
def test_whoever_settles_it_settles_it_for_good(taker: str | None) -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    if taker is not None:
        desks.missed.take("c1", taker, at(20))
    assert told(desks.missed.done("c1", "ben", at(30))) == {"ana": settled("ben", 30), "ben": settled("ben", 30)}
    refused = Refused(Why.SETTLED, "ben", at(30).at)
    assert desks.missed.done("c1", "ben", at(31)) == refused
    assert desks.missed.take("c1", "ana", at(31 + HOLDS)) == refused


def test_whose_role_one_needs_is_known_before_anything_is_done() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.miss("c2", 0, "ana", account=None)
    assert [desks.missed.account(call) for call in ("c1", "c2", "c3")] == [ACME, None, None]


def test_what_became_of_a_call_can_be_asked_for() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.miss("c2", 0, "ana", caller=None)
    desks.missed.take("c1", "ana", at(20))
    assert [desks.missed.became(call) for call in ("c1", "c2", "c3")] == [taken("ana", 20), None, None]
    assert [call in desks.missed for call in ("c1", "c2", "c3")] == [True, True, False]


# -- what is not missed ------------------------------------------------------------------------------------------------


def test_what_rings_is_not_missed() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    desks.end("c1", 5, "ana", outcome=Outcome.DECLINED)
    assert desks.missed.take("c1", "ana", at(6)) == Refused(Why.RINGS)
    assert desks.missed.done("c1", "ana", at(6)) == Refused(Why.RINGS)


def test_what_was_answered_is_not_missed_and_nobody_hears_of_it() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    desks.answer("c1", 3, "ben")
    desks.end("c1", 4, "ana", outcome=Outcome.ANSWERED_ELSEWHERE, by="ben")
    desks.end("c1", 60, "ben", outcome=Outcome.ANSWERED_HERE)
    assert desks.facts == []
    assert desks.missed.take("c1", "ana", at(70)) == Refused(Why.ANSWERED, "ben", at(3).at)
    assert desks.missed.done("c1", "ben", at(70)) == Refused(Why.ANSWERED, "ben", at(3).at)


def test_answered_elsewhere_is_not_missed_also_where_nobody_knows_by_whom() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana")
    desks.end("c1", 4, "ana", outcome=Outcome.ANSWERED_ELSEWHERE)
    assert desks.missed.take("c1", "ana", at(5)) == Refused(Why.ANSWERED, None, at(4).at)


def test_who_declined_what_a_colleague_answered_then_hears_that_nobody_waits() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben", "cem")
    desks.end("c1", 2, "ana", outcome=Outcome.DECLINED)
    assert told(desks.answer("c1", 3, "ben")) == {"ana": settled("ben", 3, "c1")}
    assert desks.end("c1", 4, "cem", outcome=Outcome.ANSWERED_ELSEWHERE, by="ben") == []


def test_a_talk_that_nobody_sees_the_end_of_was_answered_all_the_same() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana")
    desks.answer("c1", 3, "ana")
    desks.end("c1", 9, "ana", outcome=Outcome.UNKNOWN)
    assert desks.missed.take("c1", "ana", at(10)) == Refused(Why.ANSWERED, "ana", at(3).at)
    assert desks.facts == []


# -- the same call once more -------------------------------------------------------------------------------------------


def test_a_queue_that_comes_round_again_is_not_missed_meanwhile() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.ring("c1", 30, "ben", round_=2)
    assert desks.missed.take("c1", "ana", at(31)) == Refused(Why.RINGS)
    desks.end("c1", 40, "ben")
    assert told(desks.missed.take("c1", "ana", at(41))) == {"ana": taken("ana", 41), "ben": taken("ana", 41)}


def test_answered_in_a_later_round_it_is_settled_where_the_earlier_one_was_missed() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.ring("c1", 30, "ben", "cem", round_=2)
    assert told(desks.answer("c1", 33, "cem")) == {"ana": settled("cem", 33, "c1")}
    assert told(desks.end("c1", 34, "ben", outcome=Outcome.ANSWERED_ELSEWHERE, by="cem")) == {
        "ben": settled("cem", 33, "c1")
    }
    assert desks.end("c1", 90, "cem", outcome=Outcome.ANSWERED_HERE) == []
    assert desks.missed.take("c1", "ana", at(91)) == Refused(Why.ANSWERED, "cem", at(33).at)


def test_who_answers_what_he_missed_before_hears_at_the_end_that_it_is_settled() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.ring("c1", 30, "ana", round_=2)
    assert desks.answer("c1", 33, "ana") == []
    assert told(desks.end("c1", 90, "ana", outcome=Outcome.ANSWERED_HERE)) == {"ana": settled("ana", 33, "c1")}


def test_a_desk_that_only_the_second_round_reaches_hears_who_had_taken_it() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.missed.take("c1", "ana", at(12))
    desks.ring("c1", 30, "ana", "ben", round_=2)
    assert told(desks.end("c1", 40, "ana", "ben")) == {"ben": taken("ana", 12)}


def test_what_is_settled_stays_so_when_it_rings_again() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.missed.done("c1", "ana", at(12))
    desks.ring("c1", 30, "ana", round_=2)
    assert desks.end("c1", 40, "ana") == []
    assert desks.missed.take("c1", "ana", at(41)) == Refused(Why.SETTLED, "ana", at(12).at)


def test_a_word_of_an_earlier_round_changes_nothing_in_a_later_one() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    ended = desks.calls["c1", "ana"]
    desks.ring("c1", 30, "ana", round_=2)
    assert desks.missed.moved_on(ended, "ana", at(31)) == []
    assert desks.missed.take("c1", "ana", at(32)) == Refused(Why.RINGS)


def test_what_was_answered_and_then_handed_on_in_vain_is_settled_where_it_rang_last() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana")
    desks.answer("c1", 3, "ana")
    desks.ring("c1", 60, "ben", round_=2)
    desks.end("c1", 61, "ana", outcome=Outcome.ANSWERED_HERE)
    assert told(desks.end("c1", 80, "ben")) == {"ben": settled("ana", 3, "c1")}


# -- the bounds --------------------------------------------------------------------------------------------------------


def test_it_is_forgotten_a_day_after_its_end() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    day = KEPT.total_seconds()
    due = [desks.missed.deadline]
    desks.missed.wake(at(9 + day))
    assert len(desks.missed) == 1
    desks.missed.changed()
    desks.missed.wake(at(10 + day))
    assert len(desks.missed) == 0
    assert [*due, desks.missed.deadline] == [10 + day, None]
    assert [(call, desks.missed.waiting(call)) for call in desks.missed.changed()] == [("c1", None)]
    assert desks.missed.take("c1", "ana", at(11 + day)) is None


def test_who_rings_a_day_later_finds_nothing_of_the_day_before() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.ring("c2", 10 + KEPT.total_seconds(), "ana")
    assert len(desks.missed) == 1


def test_what_rings_again_is_forgotten_a_day_after_its_last_end() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.ring("c1", 30, "ana", round_=2)
    assert desks.missed.deadline is None
    desks.end("c1", 40, "ana")
    assert desks.missed.deadline == 40 + KEPT.total_seconds()


def test_one_call_too_many_and_the_oldest_settled_one_is_forgotten_then_the_oldest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(missed, "MOST_CALLS", 3)
    desks = Desks()
    for n in range(3):
        desks.miss(f"c{n}", n * 60, "ana", caller=None)
    desks.missed.done("c2", "ana", at(200))
    desks.missed.done("c1", "ana", at(201))
    gone = []
    for n in range(3, 6):
        known = [call for call in (f"c{m}" for m in range(n)) if desks.missed.waiting(call)]
        desks.miss(f"c{n}", n * 100, "ana", caller=None)
        gone += [call for call in known if desks.missed.waiting(call) is None]
    assert gone == ["c2", "c1", "c0"]
    assert len(desks.missed) == 3
