"""Never harm a line: who may register, and when."""

from typing import Any

import pytest

from ctibridge.sip.neighbours import FIRST_AWAY, LONGEST_AWAY, NEXT_PILOT, PILOT_TRIES, Neighbours

LINES = ("a", "b", "c")


def leaving(*lines: str) -> Neighbours:
    return Neighbours(lines or LINES, leave=True)


def test_one_line_goes_first_and_brings_the_others() -> None:
    trunk = leaving()
    assert trunk.first() == ["a"]
    assert trunk.held() == ["b", "c"]
    assert trunk.registered("a", 1, 0.0) == (False, ["b", "c"])
    assert trunk.held() == []
    assert trunk.registered("b", 2, 0.1) == (False, [])


def test_a_pilot_that_is_alone_leaves_and_the_next_in_turn_tries_after_ten_minutes() -> None:
    trunk = leaving()
    trunk.first()
    assert trunk.registered("a", 0, 0.0) == (True, [])
    assert set(trunk.held()) == set(LINES)
    assert trunk.deadline == FIRST_AWAY
    assert trunk.wake(FIRST_AWAY - 1) == []
    assert trunk.wake(FIRST_AWAY) == ["b"]
    assert [trunk.may(line) for line in LINES] == [False, True, False]


def test_a_trunk_that_allows_one_contact_harms_one_line_at_a_time_and_ever_more_seldom() -> None:
    trunk = leaving()
    (pilot,) = trunk.first()
    now, pauses, pilots = 0.0, [], [pilot]
    for _ in range(8):
        assert trunk.registered(pilot, 0, now) == (True, [])
        assert trunk.deadline is not None
        pauses.append(trunk.deadline - now)
        now = trunk.deadline
        (pilot,) = trunk.wake(now)
        pilots.append(pilot)
    assert pauses == [600, 1200, 2400, 4800, 9600, LONGEST_AWAY, LONGEST_AWAY, LONGEST_AWAY]
    assert pilots == ["a", "b", "c", "a", "b", "c", "a", "b", "c"]


def test_a_phone_that_signs_off_in_the_evening_takes_only_its_own_line_away() -> None:
    trunk = leaving()
    trunk.first()
    trunk.registered("a", 1, 0.0)
    assert trunk.registered("b", 0, 100.0) == (True, [])
    assert trunk.held() == []
    assert trunk.wake(100.0 + FIRST_AWAY) == ["b"]
    assert trunk.registered("b", 0, 701.0) == (True, [])
    assert trunk.deadline == 701.0 + 2 * FIRST_AWAY
    assert trunk.wake(2000.0) == ["b"]
    assert trunk.registered("b", 1, 2001.0) == (False, [])
    assert trunk.registered("b", 0, 3000.0) == (True, [])
    assert trunk.deadline == 3000.0 + FIRST_AWAY


def test_what_the_next_pilot_proves_brings_back_the_one_that_was_alone() -> None:
    trunk = leaving()
    trunk.first()
    trunk.registered("a", 0, 0.0)
    assert trunk.wake(FIRST_AWAY) == ["b"]
    assert trunk.registered("b", 1, 601.0) == (False, ["a", "c"])


def test_a_pilot_with_a_wrong_password_does_not_keep_the_others_waiting() -> None:
    trunk = leaving()
    trunk.first()
    trunk.refused("a", 0.0)
    assert trunk.wake(NEXT_PILOT - 1) == []
    assert trunk.wake(NEXT_PILOT) == ["b"]
    assert trunk.registered("b", 1, 61.0) == (False, ["c"])
    assert trunk.deadline is None


def test_a_trunk_full_of_wrong_passwords_does_not_go_round() -> None:
    trunk = leaving()
    trunk.first()
    now, pilots = 0.0, []
    for line in ("a", "b", "c", "a", "c"):
        trunk.refused(line, now)
        now = trunk.deadline or now
        pilots += trunk.wake(now)
    assert pilots == ["b", "c"]


def test_a_pilot_that_the_registrar_answers_and_never_takes_gives_way_to_the_next() -> None:
    """500 for one line, or 503 for too many contacts: all the others would wait for ever."""
    trunk = leaving()
    trunk.first()
    for _ in range(PILOT_TRIES - 1):
        trunk.failed("a", 30.0)
    assert (trunk.may("a"), trunk.deadline) == (True, None)
    trunk.failed("b", 30.0)
    trunk.failed("a", 30.0)
    assert (trunk.may("a"), trunk.deadline) == (False, 30.0 + NEXT_PILOT)
    assert trunk.wake(30.0 + NEXT_PILOT) == ["b"]
    assert trunk.registered("b", 1, 91.0) == (False, ["a", "c"])
    trunk.failed("b", 92.0)
    assert trunk.may("b")


def test_a_refusal_of_another_line_than_the_pilot_starts_nobody() -> None:
    trunk = leaving()
    trunk.first()
    trunk.refused("b", 0.0)
    assert trunk.deadline is None
    trunk.registered("a", 1, 0.0)
    trunk.refused("a", 1.0)
    assert trunk.deadline is None


def test_a_refused_line_that_gets_in_later_proves_the_trunk_too() -> None:
    trunk = leaving()
    trunk.first()
    trunk.refused("a", 0.0)
    trunk.wake(NEXT_PILOT)
    assert trunk.registered("a", 1, 61.0) == (False, ["c"])


def test_a_trunk_of_wrong_passwords_that_is_mended_brings_on_one_pilot_and_not_one_for_each_line() -> None:
    """Each refused line tries on by itself, gets in, and finds itself alone: a PBX with one contact for a line."""
    trunk = leaving("a", "b", "c", "d", "e")
    now = 0.0
    trunk.first()
    for line in ("a", "b", "c"):
        trunk.refused(line, now)
        now = trunk.deadline or 0.0
        trunk.wake(now)
    for line in ("a", "b", "c"):
        assert trunk.registered(line, 0, now) == (True, [])
    went = []
    for _ in range(20):
        if trunk.deadline is None:
            break
        went += trunk.wake(trunk.deadline)
    assert went == [], "d is still on its way"
    assert trunk.registered("d", 0, now) == (True, [])
    assert trunk.deadline is not None
    assert trunk.wake(trunk.deadline) == ["e"]
    assert trunk.deadline is None


def test_what_a_line_showed_counts_longer_than_the_refusal_of_another() -> None:
    trunk = leaving()
    trunk.first()
    trunk.refused("a", 0.0)
    trunk.wake(NEXT_PILOT)
    trunk.refused("b", 100.0)
    trunk.registered("a", 0, 110.0)
    assert trunk.deadline == 110.0 + FIRST_AWAY
    trunk.refused("b", 120.0)
    assert trunk.deadline == 110.0 + FIRST_AWAY


def test_a_line_alone_on_a_trunk_that_proved_itself_late_begins_with_ten_minutes() -> None:
    trunk = leaving()
    trunk.first()
    trunk.registered("a", 0, 0.0)
    trunk.wake(FIRST_AWAY)
    trunk.registered("b", 1, 601.0)
    trunk.registered("c", 0, 700.0)
    assert trunk.deadline == 700.0 + FIRST_AWAY


def test_a_trunk_that_proved_itself_waits_for_no_pilot() -> None:
    trunk = leaving()
    trunk.first()
    trunk.refused("a", 0.0)
    assert trunk.registered("a", 1, 30.0) == (False, ["b", "c"])
    assert trunk.deadline is None


@pytest.mark.parametrize("others", [0, 1])
def test_stay_asks_nobody(others: int) -> None:
    trunk = Neighbours(LINES, leave=False)
    assert trunk.first() == list(LINES)
    assert trunk.registered("a", others, 0.0) == (False, [])
    trunk.refused("a", 0.0)
    assert (trunk.held(), trunk.deadline) == ([], None)


def test_no_lines_at_all() -> None:
    trunk = Neighbours((), leave=True)
    assert (trunk.first(), trunk.wake(1e9), trunk.deadline) == ([], [], None)


def test_a_new_line_goes_at_once_where_the_trunk_is_proven_and_else_waits_for_the_pilot() -> None:
    trunk = leaving()
    trunk.first()
    assert (trunk.add("d"), trunk.may("d")) == ([], False)
    assert trunk.registered("a", 1, 0.0) == (False, ["b", "c", "d"])
    assert (trunk.add("e"), trunk.may("e")) == (["e"], True)
    assert Neighbours((), leave=False).add("a") == ["a"]


def test_a_new_line_is_the_pilot_where_none_is_on_its_way() -> None:
    trunk = Neighbours((), leave=True)
    trunk.first()
    assert (trunk.add("a"), trunk.add("b")) == (["a"], [])
    assert trunk.registered("a", 1, 0.0) == (False, ["b"])
    refused = leaving("a")
    refused.first()
    refused.refused("a", 0.0)
    assert refused.add("b") == [], "the next one goes in a minute"
    assert refused.wake(NEXT_PILOT) == ["b"]


def test_a_new_line_does_not_shorten_the_pause_of_a_trunk_that_was_found_alone() -> None:
    trunk = leaving()
    trunk.first()
    alone = [trunk.was_alone]
    trunk.registered("a", 0, 0.0)
    alone.append(trunk.was_alone)
    for line in ("a", "b", "c"):
        trunk.remove(line, 1.0)
    assert (trunk.add("a"), trunk.add("d"), trunk.deadline) == ([], [], FIRST_AWAY)
    assert len(trunk.wake(FIRST_AWAY)) == 1
    trunk.registered("a", 1, 700.0)
    assert [*alone, trunk.was_alone] == [False, True, False]


def test_where_the_pilot_is_removed_the_next_one_goes_and_another_line_brings_on_nobody() -> None:
    trunk = leaving()
    trunk.first()
    trunk.remove("c", 1.0)
    assert trunk.deadline is None
    trunk.remove("a", 1.0)
    assert trunk.wake(1.0) == ["b"]
    trunk.remove("b", 2.0)
    assert (trunk.wake(2.0), trunk.add("d")) == ([], ["d"])


def test_a_line_that_stayed_away_is_not_waited_for_when_it_is_removed() -> None:
    trunk = leaving()
    trunk.first()
    trunk.registered("a", 1, 0.0)
    trunk.registered("b", 0, 0.0)
    trunk.remove("b", 1.0)
    assert (trunk.deadline, trunk.held()) == (None, [])
    assert trunk.add("b") == ["b"]


def test_of_many_mended_lines_one_goes_before_the_trunk_is_proven() -> None:
    trunk = leaving()
    trunk.first()
    for at in (0.0, NEXT_PILOT, 2 * NEXT_PILOT):
        for line in LINES:
            trunk.refused(line, at)
        trunk.wake(at + NEXT_PILOT)
    assert all(trunk.may(line) for line in LINES), "each was the pilot, and was refused"
    assert [trunk.mend(line) for line in LINES] == [True, False, False]
    assert [trunk.may(line) for line in LINES] == [True, False, False]
    assert trunk.mend("a"), "it is the pilot, whatever often it is mended"
    assert trunk.registered("a", 1, 200.0) == (False, ["b", "c"])
    trunk.registered("b", 0, 200.0)
    assert [trunk.mend(line) for line in LINES] == [True, False, True], "who was alone stays away"


def test_a_mended_line_does_not_shorten_the_pause_of_a_trunk_that_was_found_alone() -> None:
    trunk = leaving()
    trunk.first()
    trunk.registered("a", 0, 0.0)
    assert [trunk.mend(line) for line in LINES] == [False, False, False]
    assert trunk.deadline == FIRST_AWAY
    assert trunk.wake(FIRST_AWAY) == ["b"]


def test_when_thousands_of_lines_go_it_is_reckoned_once_who_is_due() -> None:
    """Ten thousand that stayed away, removed by one reload, took 8 s of the loop, and the watchdog ends it at 10."""
    lines = tuple(str(number) for number in range(100))
    trunk = Neighbours(lines, leave=True)
    trunk.first()
    trunk.registered(lines[0], 1, 0.0)
    for line in lines[1:]:
        trunk.registered(line, 0, 0.0)
    looks = []

    class Places(dict[str, Any]):
        def values(self) -> Any:
            looks.append(1)
            return super().values()

    trunk._places = Places(trunk._places)
    for line in lines[1:]:
        trunk.remove(line, 1.0)
    assert (trunk.deadline, trunk.deadline, len(looks)) == (None, None, 1)
