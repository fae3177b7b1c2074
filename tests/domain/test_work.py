from datetime import UTC, datetime

from ctibridge.domain.work import Work, WorkState

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def test_words_of_the_contract() -> None:
    assert [state.value for state in WorkState] == ["taken", "settled"]


def test_what_a_later_call_settled_names_it_and_perhaps_nobody() -> None:
    assert Work("ana", WorkState.TAKEN, AT).answered_in is None
    later = Work(None, WorkState.SETTLED, AT, "01JDX002")
    assert (later.by, later.answered_in) == (None, "01JDX002")
