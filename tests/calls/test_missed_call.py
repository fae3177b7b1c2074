"""One call, desk by desk: what it is after each word of it."""

from datetime import timedelta

from ctibridge.calls.missed_call import SAME_MOMENT, MissedCall, Spoken
from ctibridge.domain.call import Outcome
from ctibridge.domain.work import Work, WorkState
from tests.calls.legs import START, at
from tests.calls.missing import CALLER, over, ringing, talking
from tests.leaks import canary

TAKEN = Work("ana", WorkState.TAKEN, START)


def at_two_desks() -> MissedCall:
    one = MissedCall("c1", CALLER)
    one.rang(ringing(), "ana")
    one.rang(ringing(), "ben")
    return one


def test_it_is_over_with_its_last_desk() -> None:
    one = at_two_desks()
    seen = [(one.is_over, one.was_missed)]
    for agent, clock in (("ana", 5.0), ("ben", 6.0)):
        one.moved_on(over(ringing(), clock), agent, START)
        seen.append((one.is_over, one.was_missed))
    assert seen == [(False, False), (False, True), (True, True)]
    assert one.moved_at == at(6).at


def test_a_desk_at_which_it_did_not_ring_says_nothing_of_it() -> None:
    one = at_two_desks()
    assert not one.moved_on(over(ringing(), 5), "cem", START)
    assert "cem" not in one.desks


def test_the_same_word_twice_is_no_news() -> None:
    one = at_two_desks()
    assert one.moved_on(talking(ringing(), 3), "ana", START)
    assert not one.moved_on(talking(ringing(), 3), "ana", START)


def test_an_end_may_turn_out_to_have_been_another_one() -> None:
    one = at_two_desks()
    one.moved_on(over(ringing(), 5, Outcome.UNKNOWN), "ana", START)
    assert one.moved_on(over(ringing(), 4, Outcome.ANSWERED_ELSEWHERE, by="ben"), "ana", START)
    assert one.spoken == Spoken("c1", "ben", at(4).at)


def test_who_answered_first_counts() -> None:
    one = at_two_desks()
    one.moved_on(talking(ringing(), 3), "ben", START)
    one.moved_on(over(ringing(), 4, Outcome.ANSWERED_ELSEWHERE), "ana", START)
    assert one.spoken == Spoken("c1", "ben", at(3).at)


def test_only_desks_that_missed_it_are_told_and_each_once() -> None:
    one = at_two_desks()
    one.moved_on(over(ringing(), 5), "ana", START)
    assert one.to_tell(one.desks) == []
    one.becomes(TAKEN)
    assert one.to_tell(one.desks) == ["ana"]
    one.moved_on(over(ringing(), 6), "ben", START)
    assert one.to_tell(["ana"]) == []
    assert one.to_tell(one.desks) == ["ben"]
    assert one.to_tell(one.desks) == []


def test_another_answer_settles_it_only_once_it_is_over() -> None:
    one = at_two_desks()
    other = Spoken("c2", "cem", at(20).at)
    assert not one.is_settled_by(other)
    for agent in ("ana", "ben"):
        one.moved_on(over(ringing(), 5), agent, START)
    assert one.is_settled_by(other)
    assert one.is_settled_by(Spoken("c2", "cem", at(5).at - SAME_MOMENT))
    assert not one.is_settled_by(Spoken("c2", "cem", at(5).at - SAME_MOMENT - timedelta(milliseconds=1)))


def test_it_does_not_print_who_called() -> None:
    assert canary(CALLER) not in repr(at_two_desks())
