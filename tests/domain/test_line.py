from ctibridge.domain.line import Line, LineState


def test_lines_of_one_user_at_two_trunks_are_two() -> None:
    assert Line("a", "6001", ("ana",)) != Line("b", "6001", ("ana",))


def test_states_are_the_words_of_the_contract() -> None:
    assert {state.value for state in LineState} == {"registering", "registered", "alone", "deaf"}
