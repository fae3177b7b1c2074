from ctibridge.lookup.adapters.answers import Answers, Patience


def test_an_answer_alone_says_all() -> None:
    answers = Answers({})
    assert answers.rest is None
    assert dict(answers.notices) == {}


def test_the_first_pop_waits_as_long_as_the_contract_says() -> None:
    """50 ms for the record, and never longer for it than for the status it belongs to."""
    patience = Patience()
    assert patience.record == 0.05
    assert patience.record < patience.index < patience.rest
