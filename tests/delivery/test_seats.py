from datetime import timedelta

from ctibridge.delivery.seats import Seats
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.line import Line, LineState
from tests.delivery.examples import AT

OWN = Line("pbx", "6001", ("ana",))
QUEUE = Line("pbx", "6004", ("ana", "ben"))
EMPTY = Line("pbx", "6009", ())


def seats(*lines: Line) -> Seats:
    made = Seats()
    made.set_lines(lines or (OWN, QUEUE, EMPTY))
    return made


def test_a_line_with_one_agent_is_his() -> None:
    assert seats().hearers("pbx", "6001") == {"ana"}


def test_a_line_with_several_rings_for_those_who_sit_there() -> None:
    room = seats()
    assert room.hearers("pbx", "6004") == frozenset()
    assert room.sit("ben", ["6004"]) is None
    assert room.sit("ana", ["6004"]) is None
    assert room.hearers("pbx", "6004") == {"ana", "ben"}
    assert room.sit("ana", []) is None
    assert room.hearers("pbx", "6004") == {"ben"}
    assert room.hearers("pbx", "6001") == {"ana"}


def test_lines_that_are_not_there() -> None:
    room = seats()
    assert room.hearers("pbx", "6009") == frozenset()
    assert room.hearers("pbx", "nowhere") == frozenset()
    assert room.hearers("other", "6001") == frozenset()


def test_a_line_of_somebody_else_is_refused_and_nothing_changes() -> None:
    room = seats()
    room.sit("ben", ["6004"])
    assert room.sit("ben", ["6001"]) == "6001"
    assert room.hearers("pbx", "6004") == {"ben"}


def test_a_reload_keeps_the_seats_that_still_are() -> None:
    room = seats()
    room.sit("ana", ["6004"])
    room.sit("ben", ["6004"])
    room.set_lines([OWN, Line("pbx", "6004", ("ana", "cleo"))])
    assert room.hearers("pbx", "6004") == {"ana"}
    room.set_lines([OWN])
    assert room.hearers("pbx", "6004") == frozenset()


def test_what_a_page_shows_of_its_lines() -> None:
    room = seats()
    room.state("pbx", "6001", LineState.REGISTERED)
    shown = [(line.line, line.state, line.shared, line.sitting) for line in room.lines("ana")]
    assert shown == [("6001", "registered", False, True), ("6004", "registering", True, False)]
    assert room.lines("nobody") == []


def test_only_a_line_that_is_lost_or_found_again_is_news() -> None:
    room = seats()
    states = [
        LineState.REGISTERING,
        LineState.REGISTERED,
        LineState.DEAF,
        LineState.DEAF,
        LineState.REGISTERING,
        LineState.REGISTERED,
        LineState.ALONE,
        LineState.REGISTERED,
        LineState.REGISTERED,
    ]
    told = [room.state("pbx", "6001", state) for state in states]
    assert [notice.kind for notice in told if notice] == ["line_deaf", "line_recovered", "line_alone", "line_recovered"]
    assert room.state("pbx", "nowhere", LineState.DEAF) is None


def test_that_nobody_sits_is_said_once_a_minute() -> None:
    room = seats()
    assert room.nobody("pbx", "6004", AT) is not None
    assert room.nobody("pbx", "6004", AT + timedelta(seconds=59)) is None
    assert room.nobody("pbx", "6004", AT + timedelta(seconds=60)) is not None
    room.sit("ana", ["6004"])
    room.sit("ana", [])
    assert room.nobody("pbx", "6004", AT + timedelta(seconds=61)) is not None


def test_a_caller_who_is_a_line_of_ours_is_named_with_who_alone_hears_it() -> None:
    room = seats()
    assert room.internal("pbx", "6001") == Internal("6001", "ana")
    assert room.internal("pbx", "6004") == Internal("6004", None), "nobody sits there"
    room.sit("ben", ["6004"])
    assert room.internal("pbx", "6004") == Internal("6004", "ben")
    room.sit("ana", ["6004"])
    assert room.internal("pbx", "6004") == Internal("6004", None), "one of two"
    assert room.internal("pbx", "6009") == Internal("6009", None)
    assert room.internal("pbx", "+49891234") is None
    assert room.internal("other", "6001") is None
