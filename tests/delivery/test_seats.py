from datetime import timedelta

from ctibridge.delivery.seats import Seats
from ctibridge.domain.agent import Agent
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


def test_a_reload_says_whose_lines_are_others_now() -> None:
    room = seats()
    assert room.set_lines([OWN, QUEUE, EMPTY]) == frozenset()
    assert room.set_lines([OWN, Line("pbx", "6004", ("ben",)), EMPTY]) == {"ana", "ben"}
    assert room.set_lines([OWN, Line("pbx", "6004", ("ben", "cleo"))]) == {"ben", "cleo"}
    assert room.set_lines([OWN]) == {"ben", "cleo"}


def directory(*agents: str, disabled: tuple[str, ...] = ()) -> dict[str, Agent]:
    return {one: Agent(one, one.title(), disabled=one in disabled) for one in (*agents, *disabled)}


def test_a_disabled_agent_leaves_his_seat_and_that_nobody_sits_is_said_again() -> None:
    """His seat swallowed the calls of the line: they popped to no one, and no one was told."""
    room = seats()
    assert room.nobody("pbx", "6004", AT) is not None
    room.sit("ben", ["6004"])
    assert room.set_agents(directory("ana", disabled=("ben",))) == {"ben"}
    assert room.hearers("pbx", "6004") == frozenset()
    assert room.internal("pbx", "6004") == Internal("6004", None)
    assert room.nobody("pbx", "6004", AT) is not None, "his sitting down ended the minute of silence"


def test_an_agent_who_is_not_in_the_directory_any_more_leaves_his_seat() -> None:
    room = seats()
    room.sit("ana", ["6004"])
    room.sit("ben", ["6004"])
    assert room.set_agents(directory("ana", "cleo")) == {"ben"}
    assert room.hearers("pbx", "6004") == {"ana"}


def test_who_has_gone_is_named_once_and_the_minute_of_silence_lasts() -> None:
    room = seats()
    gone = directory("ana", disabled=("ben",))
    assert room.set_agents(gone) == {"ben"}
    assert room.nobody("pbx", "6004", AT) is not None
    assert room.set_agents(gone) == frozenset()
    assert room.nobody("pbx", "6004", AT) is None, "each look at the directory would have it said again"


def test_a_line_whose_only_agent_is_disabled_pops_to_nobody_until_he_is_back() -> None:
    room = seats()
    room.set_agents(directory("ben", disabled=("ana",)))
    assert room.hearers("pbx", "6001") == frozenset()
    assert room.internal("pbx", "6001") == Internal("6001", None)
    assert [line.sitting for line in room.lines("ana")] == [False, False]
    room.set_agents(directory("ana", "ben"))
    assert room.hearers("pbx", "6001") == {"ana"}


def test_a_line_of_two_does_not_become_his_who_is_left() -> None:
    """It may be a queue's: whoever is left says for himself that he sits there."""
    room = seats()
    room.set_agents(directory("ana", disabled=("ben",)))
    assert room.hearers("pbx", "6004") == frozenset()
    room.sit("ana", ["6004"])
    assert room.hearers("pbx", "6004") == {"ana"}


def test_who_is_enabled_again_has_not_kept_a_seat() -> None:
    """Nor has he taken one with the last words of a connection that was about to be closed."""
    room = seats()
    room.sit("ben", ["6004"])
    room.set_agents(directory("ana", disabled=("ben",)))
    assert room.sit("ben", ["6004"]) is None
    assert room.hearers("pbx", "6004") == frozenset()
    assert room.set_agents(directory("ana", "ben")) == frozenset()
    assert room.hearers("pbx", "6004") == frozenset()
    room.sit("ben", ["6004"])
    assert room.hearers("pbx", "6004") == {"ben"}


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


def test_of_a_line_that_was_taken_out_nothing_is_known_when_it_comes_back() -> None:
    room = seats()
    room.state("pbx", "6001", LineState.DEAF)
    room.gone("pbx", "6001")
    room.gone("pbx", "nowhere")
    assert {line.line: line.state for line in room.lines("ana")}["6001"] == "registering"
    assert room.state("pbx", "6001", LineState.REGISTERED) is None, "no recovery of what nobody heard was lost"


def test_lines_are_counted_by_trunk_and_state_through_changes_and_reloads() -> None:
    room = seats(OWN, QUEUE, Line("other", "6001", ("ana",)))
    assert room.states() == {("pbx", LineState.REGISTERING): 2, ("other", LineState.REGISTERING): 1}
    for state in (LineState.REGISTERED, LineState.DEAF, LineState.DEAF):
        room.state("pbx", "6001", state)
    room.state("pbx", "nowhere", LineState.DEAF)
    assert +room.states() == {
        ("pbx", LineState.REGISTERING): 1, ("pbx", LineState.DEAF): 1, ("other", LineState.REGISTERING): 1,
    }  # fmt: skip
    room.set_lines([OWN, EMPTY])
    room.gone("pbx", "6004")
    assert +room.states() == {("pbx", LineState.DEAF): 1, ("pbx", LineState.REGISTERING): 1}
    room.gone("pbx", "6001")
    assert +room.states() == {("pbx", LineState.REGISTERING): 2}


def test_who_sits_keeps_his_seat_where_the_trunk_is_renamed() -> None:
    """The shared lines of the whole floor rang for nobody until each agent had clicked again."""
    room = seats(OWN, QUEUE)
    room.sit("ben", ["6004"])
    room.set_lines([Line("pbx2", "6001", ("ana",)), Line("pbx2", "6004", ("ana", "ben"))])
    assert room.hearers("pbx2", "6004") == {"ben"}
    room.set_lines([Line("pbx", "6004", ("ana", "cleo"))])
    assert room.hearers("pbx", "6004") == frozenset(), "and it is not his any more"


def test_who_sits_where_of_all_who_have_to_say_so() -> None:
    room = seats()
    room.sit("ben", ["6004"])
    assert room.sitting() == {"ana": (), "ben": ("6004",)}
