from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.watch.board import KEPT, MOST, MOST_NOTICES, Board, Row, State, seconds
from ctibridge.watch.heard import Heard, Work
from tests.watch.adapters.drawn import drawn
from tests.watch.examples import AT, answered, ended, event, notice, ringing, welcome


def board(*events: Heard, **data: Any) -> Board:
    made = Board()
    made.welcome(welcome(**data), AT)
    for number, one in enumerate(events):
        made.hear(one, AT + number)
    return made


def ids(rows: list[Row]) -> list[str]:
    return [row.call.id for row in rows]


def main(of: Board, now: float = AT + 10) -> str | None:
    row = of.main(now)
    return None if row is None else row.call.id


def test_nothing_rings() -> None:
    quiet = board()
    assert (main(quiet), quiet.beside(AT), quiet.over(AT)) == (None, [], [])
    assert (quiet.link.state, quiet.name) == (State.LIVE, "Ana Berger")


def test_a_second_call_moves_nothing_and_takes_its_place_when_the_first_is_over() -> None:
    desk = board(ringing("c1"), ringing("c2", 1.0))
    assert (main(desk), ids(desk.beside(AT + 2))) == ("c1", ["c2"])
    desk.hear(ended("c1"), AT + 8)
    assert (main(desk), ids(desk.beside(AT + 9)), ids(desk.over(AT + 9))) == ("c2", [], ["c1"])


def test_of_a_call_whose_answer_comes_alone_the_pop_stays() -> None:
    desk = board(ringing(), answered())
    row = desk.main(AT + 5)
    assert row is not None
    assert (row.talks, row.pop and row.pop.called.name) == (True, "ACME IT Service Desk")


def test_whom_one_talks_to_stands_beside_what_rings() -> None:
    desk = board(ringing("c1"), answered("c1"), ringing("c2", 5.0))
    assert (main(desk), ids(desk.beside(AT + 6))) == ("c2", ["c1"])


def test_answered_elsewhere_may_be_my_own_phone_and_stays() -> None:
    desk = board(ringing(), ended(outcome="answered_elsewhere"))
    assert main(desk, AT + 60) == "c1"


def test_what_a_colleague_is_known_to_have_answered_goes() -> None:
    other = ended(outcome="answered_elsewhere", answered_by={"line": "6002", "agent": "ben"})
    assert main(board(ringing(), other)) is None
    own = ended(outcome="answered_elsewhere", answered_by={"line": "6009", "agent": "ana"})
    assert main(board(ringing(), own)) == "c1"


def test_a_call_that_was_talked_here_stays_for_a_while() -> None:
    desk = board(ringing(), answered(), ended(outcome="answered_here", after=2.0))
    assert (main(desk, AT + 200), main(desk, AT + 400)) == ("c1", None)
    assert ids(desk.over(AT + 400)) == ["c1"]


def test_a_queue_that_rings_again_is_the_same_call_and_rings_anew() -> None:
    desk = board(ringing("c1"), ended("c1"), ringing("c2", 9.0), ringing("c1", 10.0, call={"round": 2}))
    assert (main(desk), ids(desk.beside(AT + 11)), desk.over(AT + 11)) == ("c2", ["c1"], [])


def test_a_later_revision_replaces_what_was_known() -> None:
    desk = board(ringing(), event("call.updated"))
    row = desk.main(AT + 2)
    assert row is not None
    assert row.pop is not None
    assert (row.pop.language.tag, row.pop.resolution.revision) == ("fr", 2)


def test_the_snapshot_is_the_whole_state() -> None:
    desk = board(ringing("gone"))
    desk.welcome(welcome(ringing("c2", 2.0), ringing("c1", 1.0)), AT + 3)
    assert (main(desk), ids(desk.beside(AT + 3)), desk.over(AT + 3)) == ("c1", ["c2"], [])


def test_after_a_gap_that_is_filled_everything_stays() -> None:
    desk = board(ringing("c1"))
    desk.welcome(welcome(resumed=True), AT + 3)
    assert main(desk) == "c1"


def test_what_became_of_a_missed_call_stays_with_it_also_from_the_snapshot() -> None:
    desk = board(ringing(), ended(), event("call.worked.taken"), event("call.updated", call={"state": "ended"}))
    (row,) = desk.over(AT + 9)
    assert row.work is not None
    assert row.work.state == "taken"
    detail = {
        "call": "c1",
        "rang_in": 1,
        "pop": None,
        "notes": [],
        "work": {"state": "settled", "by": "ben", "at": "x"},
    }
    desk.welcome(welcome(ended(), details=[detail]), AT + 10)
    (row,) = desk.over(AT + 11)
    assert row.work == Work("settled", "ben")


def test_what_is_over_is_forgotten_after_half_an_hour() -> None:
    desk = board(ringing(), ended(after=1.0))
    desk.tick(AT + KEPT)
    assert ids(desk.over(AT + KEPT)) == ["c1"]
    desk.tick(AT + KEPT + 1)
    assert desk.over(AT + KEPT + 1) == []


def test_a_line_that_becomes_deaf_is_deaf_and_is_heard_again() -> None:
    desk = board(notice(line="6001", trunk="pbx"))
    assert desk.lines[0].state == "deaf"
    desk.hear(notice("line_recovered", "Line 6001 is heard again.", line="6001", trunk="pbx"), AT)
    assert desk.lines[0].state == "registered"


def test_what_cannot_be_stored_is_known_and_forgotten() -> None:
    desk = board(notice("live_only", "Nothing can be stored now."))
    assert desk.live_only
    desk.hear(notice("stored_again", "Everything is stored again."), AT)
    assert not desk.live_only


def test_that_its_node_is_alone_is_known_and_forgotten() -> None:
    desk = board(node_alone=True)
    states = [desk.node_alone]
    for kind in ("node_together", "node_alone"):
        desk.hear(notice(kind, f"It is {kind}."), AT)
        states.append(desk.node_alone)
    assert states == [True, False, True]
    assert [one.text for one in desk.notices] == ["It is node_together."]


def test_what_is_replayed_is_older_than_the_welcome() -> None:
    desk = board(resumed=True, sequence=42)
    desk.hear(notice("node_alone", "This node is cut off from the others."), AT)
    desk.hear(notice(line="6001", trunk="pbx"), AT)
    assert (desk.node_alone, desk.lines[0].state) == (False, "registered")


def test_notices_are_few_and_go() -> None:
    desk = board(*(notice("x", f"notice {number}") for number in range(9)), notice("x", "notice 8"))
    assert [one.text for one in desk.notices] == ["notice 8", "notice 7", "notice 6"]
    assert len(desk.notices) == MOST_NOTICES
    desk.tick(AT + 3600)
    assert desk.notices == []


def test_a_token_that_ends_is_known() -> None:
    assert board(expires_in=600).ends_at == AT + 600
    assert board().ends_at is None


@pytest.mark.parametrize("ends_in", [10**400, -(10**400), -(2**63), -(10**11)])
def test_a_token_that_ends_at_no_time_breaks_no_screen(ends_in: int) -> None:
    assert "Ana Berger" in drawn(board(expires_in=ends_in))[0]


@pytest.mark.parametrize(
    "rang_at",
    ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+12:00", "1969-07-20T20:17:00"],
)
def test_a_time_that_no_clock_shows_is_none(rang_at: str) -> None:
    desk = board(ringing("c1", call={"rang_at": rang_at}), ringing("c2"), ended("c1"))
    assert "Earlier" in "".join(drawn(desk))
    assert seconds(rang_at) is None


def test_whatever_is_heard_is_bounded() -> None:
    desk = board(*(ringing(f"c{number}", number) for number in range(MOST + 50)))
    rows = [main(desk), *ids(desk.beside(AT)), *ids(desk.over(AT))]
    assert len(rows) == MOST
    assert rows[-1] == f"c{MOST + 49}"


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([ringing, answered, ended]), st.floats(0, 5000))))
def test_every_call_stands_in_exactly_one_place(script: list[tuple[int, object, float]]) -> None:
    desk, now = board(), AT
    for number, happens, later in script:
        now += later
        desk.hear(happens(f"c{number}"), now)  # type: ignore[operator]
        row = desk.main(now)
        places = ([] if row is None else [row.call.id]) + ids(desk.beside(now)) + ids(desk.over(now))
        assert len(places) == len(set(places))
        assert f"c{number}" in places or happens is ended, "only what is over is forgotten"
