"""Whose turn it is: pace, order, and care after a wrong password."""

import pytest

from ctibridge.sip.turns import CARE, MOST_DOUBTS, PACE, Turns


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
    for other in ("x", "y"):
        turns.accepted(other)
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


def test_one_right_password_among_many_wrong_ones_brings_on_no_burst() -> None:
    """What is on its way when the first is refused was sent already."""
    turns = waiting("right", *(f"wrong{number}" for number in range(50)))
    assert taken(turns, 0.0) == ["right"]
    turns.accepted("right")
    on_the_way = [who for second in range(1, 50) for who in taken(turns, float(second))]
    assert on_the_way == ["wrong0", "wrong1"]
    for who in on_the_way:
        turns.wrong_password(who, 50.0)
    assert [who for second in range(110, 400) for who in taken(turns, float(second))] == ["wrong2"]


def test_a_pbx_with_other_passwords_than_yesterday_is_not_asked_by_all_lines_with_the_old_ones() -> None:
    turns: Turns[str] = Turns()
    lines = [f"l{number}" for number in range(200)]
    for line in lines:
        turns.accepted(line)
    for line in lines:
        turns.wait(line)
    refused = 0
    for second in range(600):
        for who in taken(turns, float(second)):
            turns.wrong_password(who, float(second))
            refused += 1
    assert refused == MOST_DOUBTS + 600 // CARE - 1


def test_passwords_that_are_changed_one_by_one_make_nobody_wait() -> None:
    turns: Turns[str] = Turns()
    for line in "abcdef":
        turns.accepted(line)
    for line in "abc":
        turns.wrong_password(line, 0.0)
        turns.accepted("f")
    turns.wait("d")
    assert taken(turns, 0.0) == ["d"]


def test_who_signs_off_has_no_time_for_manners() -> None:
    turns = waiting("a", "b", "c")
    turns.wrong_password("a", 0.0)
    turns.hurry = True
    assert sorted(taken(turns, 0.0)) == ["a", "b", "c"]


def test_forgotten_is_who_need_not_ask() -> None:
    turns = waiting("a")
    turns.clear()
    assert (taken(turns, 0.0), turns.deadline, len(turns)) == ([], None, 0)


def test_a_mended_password_waits_for_no_care_but_for_the_next_wrong_one() -> None:
    turns = waiting("wrong", "mended", "other", "untried")
    assert taken(turns, 0.0) == ["wrong"]
    turns.wrong_password("wrong", 0.0)
    assert taken(turns, 1.0) == []
    turns.mend("mended")
    turns.mend("other")
    turns.wait("mended")
    assert (len(turns), turns.deadline) == (3, PACE)
    assert taken(turns, 1.0) == ["mended"], "one goes first"
    turns.wrong_password("mended", 2.0)
    assert taken(turns, 3.0) == []
    assert turns.deadline == 2.0 + CARE
    assert turns.take(2.0 + CARE) == "other"


def test_a_mended_password_that_is_taken_goes_before_the_others() -> None:
    turns = waiting("untried")
    turns.mend("mended")
    assert turns.take(0.0) == "mended"
    turns.accepted("mended")
    turns.wait("mended")
    assert turns.take(1.0) == "mended"
    turns.done("mended")
    turns.mend("mended")
    turns.accepted("mended")
    assert turns.take(2.0) == "mended"
    turns.clear()
    assert len(turns) == 0


def test_who_is_forgotten_waits_no_longer_and_is_known_no_longer() -> None:
    turns = waiting("a", "b")
    turns.accepted("b")
    assert turns.take(0.0) == "b"
    assert turns.take(1.0) == "a"
    turns.wait("a")
    for who in ("a", "b", "c"):
        turns.forget(who)
    assert (len(turns), turns.deadline) == (0, None)
    turns.wait("b")
    turns.wrong_password("x", 2.0)
    assert turns.deadline == 2.0 + CARE, "it has to prove its password again"
