from tests.watch.adapters.drawn import board, drawn
from tests.watch.examples import ended, event, ringing


def panel(*events: object, width: int = 80, height: int = 40) -> str:
    return "\n".join(drawn(board(*events), width, height))  # type: ignore[arg-type]


def test_whom_it_may_be_is_listed_with_the_evidence() -> None:
    said = panel(ringing(file="call.ringing.claimed"))
    assert "Number and switchboard name different people" in said or "belongs to one of" in said
    assert "1. " in said
    assert "Ask for the name before you say one." in said


def test_a_withheld_caller() -> None:
    said = panel(ringing(file="call.ringing.withheld"))
    assert "Number withheld" in said
    assert "Calls from" not in said


def test_a_language_that_the_agent_does_not_speak() -> None:
    assert "You do not speak French" in panel(ringing(file="call.updated"))


def test_what_is_known_besides_stands_beside_where_there_is_room() -> None:
    narrow, wide = panel(event("call.updated.whole")), panel(event("call.updated.whole"), width=140)
    assert any("Regula Frei" in line and "Mail is slow" not in line for line in narrow.splitlines())
    assert any("Number belongs to" in line and "Zürich: Druck" in line for line in wide.splitlines()), wide


def test_an_end_whose_beginning_nobody_heard_claims_nothing() -> None:
    said = panel(ended(outcome="answered_here", after=4.0))
    assert "Line 6001" in said
    assert "not known here any more" in said


def test_a_person_who_has_left_is_struck_out_and_marked() -> None:
    assert "disabled" in panel(ringing(file="call.updated"))
