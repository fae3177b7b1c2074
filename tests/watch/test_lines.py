from ctibridge.watch import lines
from ctibridge.watch.board import Board, Link, State
from ctibridge.watch.heard import Heard
from tests.watch.examples import AT, ended, event, notice, ringing, welcome


def told(*events: Heard) -> list[str | None]:
    board = Board()
    board.welcome(welcome(), AT)
    said = []
    for one in events:
        before = board.row("c1")
        board.hear(one, AT)
        said.append(lines.of_change(before, board.row("c1"), "ana"))
    return said


def test_each_change_is_a_line_and_what_is_the_same_is_none() -> None:
    rings = "ringing · ACME IT Service Desk · Deutsch (Schweiz) · number belongs to Regula Frei"
    assert told(ringing(), ringing(), ended()) == [rings, None, rings.replace("ringing", "caller hung up")]


def test_a_later_revision_that_names_another_is_said() -> None:
    first, second = told(ringing(), event("call.updated"))
    assert second is not None
    assert second != first
    assert "français" in second


def test_an_end_whose_beginning_nobody_heard() -> None:
    assert told(ended()) == ["caller hung up · Line 6001"]


def test_how_the_connection_is() -> None:
    assert lines.of_welcome(welcome()) == "connected as Ana Berger; lines: 6001 registered"
    assert lines.of_link(Link(State.CONNECTING), AT) is None
    gone = lines.of_link(Link(State.LOST, "the service restarts", AT + 4), AT)
    assert gone == "not connected: calls do not appear here; trying again in 4 s (the service restarts)"


def test_what_the_service_says_is_plain() -> None:
    said = lines.of_notice(notice(text="deaf\x1b[2J\nline"))
    assert said is not None
    assert "\x1b" not in said
    assert "\n" not in said
    assert lines.of_notice(notice(text="")) is None
