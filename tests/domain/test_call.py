from datetime import UTC, datetime

from ctibridge.domain.call import Call, CallState, Outcome


def test_a_new_call_is_its_first_round_and_has_no_end() -> None:
    call = Call("c1", "pbx", "6001", CallState.RINGING, datetime(2026, 11, 21, tzinfo=UTC))
    assert (call.round, call.answered_at, call.ended_at, call.outcome) == (1, None, None, None)


def test_outcomes_are_the_words_of_the_contract() -> None:
    words = "answered_here answered_elsewhere abandoned declined timed_out failed unknown"
    assert [outcome.value for outcome in Outcome] == words.split()
