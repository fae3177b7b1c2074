from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from ctibridge.domain.call import ANSWERED, Call, CallState, Outcome


def test_a_new_call_is_its_first_round_and_has_no_end() -> None:
    call = Call("c1", "pbx", "6001", CallState.RINGING, datetime(2026, 11, 21, tzinfo=UTC))
    assert (call.round, call.answered_at, call.ended_at, call.outcome) == (1, None, None, None)


def test_outcomes_are_the_words_of_the_contract() -> None:
    words = "answered_here answered_elsewhere abandoned declined timed_out failed unknown"
    assert [outcome.value for outcome in Outcome] == words.split()


def test_of_one_call_a_later_round_is_newer_and_within_a_round_a_later_state() -> None:
    """The order was written down at the desks and at the missed calls, each for itself."""
    told = [
        Call("c1", "pbx", "6001", state, datetime(2026, 11, 21, tzinfo=UTC), round=round_)
        for round_ in (1, 2, 10)
        for state in (CallState.RINGING, CallState.ANSWERED, CallState.ENDED)
    ]
    assert [one.age < other.age for one, other in pairwise(told)] == [True] * 8
    assert [one.is_over for one in told] == [False, False, True] * 3


def test_every_state_has_its_place_in_the_order() -> None:
    call = Call("c1", "pbx", "6001", CallState.RINGING, datetime(2026, 11, 21, tzinfo=UTC))
    assert len({replace(call, state=state).age for state in CallState}) == len(CallState)


def test_what_nobody_saw_the_end_of_is_over_as_unknown_and_keeps_when_it_was_answered() -> None:
    rang = datetime(2026, 11, 21, tzinfo=UTC)
    talking = Call("c1", "pbx", "6001", CallState.ANSWERED, rang, rang + timedelta(seconds=4), round=2)
    lost = talking.lost(rang + timedelta(seconds=60))
    assert (lost.is_over, lost.outcome, lost.ended_at) == (True, Outcome.UNKNOWN, rang + timedelta(seconds=60))
    assert (lost.answered_at, lost.round, lost.id) == (talking.answered_at, 2, "c1")
    assert lost.outcome not in ANSWERED


def test_answered_is_answered_by_anybody() -> None:
    assert {outcome.value for outcome in ANSWERED} == {"answered_here", "answered_elsewhere"}
