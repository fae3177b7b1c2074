"""Whose turn it is: pace, order, and care after a wrong password."""

import pytest

from ctibridge.sip.turns import CARE, PACE, Turns


def taken(turns: Turns[str], now: float) -> list[str]:
    found = []
    while (who := turns.take(now)) is not None:
        found.append(who)
    return found


def waiting(*names: str) -> Turns[str]:
    turns: Turns[str] = Turns()
    for name in names:
        turns.wait(name)
    return turns


def test_one_after_the_other_in_order_and_each_once() -> None:
    turns = waiting("a", "b", "a", "c")
    turns.accepted("somebody")
    said: list[tuple[float, str]] = []
    now = 0.0
    while len(turns):
        now = max(now, turns.deadline or 0.0)
        said += [(now, who) for who in taken(turns, now)]
    assert said == [(0.0, "a"), (PACE, "b"), (2 * PACE, "c")]
    assert turns.deadline is None


def test_before_its_time_nobody_is_taken() -> None:
    turns = waiting("a", "b")
    turns.accepted("somebody")
    assert taken(turns, 5.0) == ["a"]
    assert taken(turns, 5.0 + PACE / 2) == []
    assert turns.deadline == pytest.approx(5.0 + PACE)


def test_after_a_wrong_password_only_those_ask_whose_password_was_accepted() -> None:
    turns = waiting("wrong", "untried")
    assert taken(turns, 0.0) == ["wrong"]
    turns.wrong_password("wrong", 1.0)
    turns.accepted("known")
    turns.wait("known")
    assert taken(turns, 1.0) == ["known"]
    assert turns.deadline == 1.0 + CARE
    assert taken(turns, 1.0 + CARE - 0.001) == []
    assert taken(turns, 1.0 + CARE) == ["untried"]


def test_a_password_that_was_accepted_once_and_is_wrong_now_is_asked_for_with_care() -> None:
    turns = waiting("a")
    turns.accepted("a")
    turns.wrong_password("a", 0.0)
    assert taken(turns, 10.0) == []


def test_until_a_password_was_accepted_those_who_have_to_prove_theirs_go_one_at_a_time() -> None:
    turns = waiting("a", "b", "c")
    assert (taken(turns, 0.0), taken(turns, 9.0), turns.deadline) == (["a"], [], None)
    turns.done("a")
    assert taken(turns, 9.0) == ["b"]
    turns.accepted("b")
    assert taken(turns, 9.1) == ["c"]


def test_who_signs_off_has_no_time_for_manners() -> None:
    turns = waiting("a", "b", "c")
    turns.wrong_password("a", 0.0)
    turns.hurry = True
    assert sorted(taken(turns, 0.0)) == ["a", "b", "c"]


def test_forgotten_is_who_need_not_ask() -> None:
    turns = waiting("a")
    turns.clear()
    assert (taken(turns, 0.0), turns.deadline, len(turns)) == ([], None, 0)
