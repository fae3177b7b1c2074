"""One line, two views: a table of words and what becomes of the ringing."""

from itertools import count

import pytest

from ctibridge.calls.at_line import GRACE, AtLine, strongest
from ctibridge.calls.views import View, Views
from ctibridge.domain.call import Outcome
from tests.calls.legs import at

CONTACT, STATE = View.CONTACT, View.DIALOG_INFO
ELSEWHERE, ABANDONED, DECLINED, TIMED_OUT, UNKNOWN = (
    Outcome.ANSWERED_ELSEWHERE, Outcome.ABANDONED, Outcome.DECLINED, Outcome.TIMED_OUT, Outcome.UNKNOWN,
)  # fmt: skip
BOTH, ALONE, BLIND = Views(watched=True), Views(), Views(watched=True, contact_hears_end=False)
RINGS = "rings"
WAITS = "waits"
Word = tuple[View, Outcome]


def line(views: Views, *seen: View) -> AtLine:
    ringing = AtLine("6001", views, 0.0)
    for view in seen:
        ringing.rang(view.value, view, frozenset({"ana"}))
    return ringing


def became(ringing: AtLine) -> str | Outcome:
    if ringing.outcome is not None:
        return ringing.outcome
    return RINGS if ringing.wait_until is None else WAITS


@pytest.mark.parametrize(
    ("views", "seen", "words", "expected"),
    [
        (ALONE, [CONTACT], [(CONTACT, ELSEWHERE)], ELSEWHERE),
        (BOTH, [CONTACT], [(CONTACT, ELSEWHERE)], WAITS),
        (BOTH, [CONTACT], [(CONTACT, ABANDONED)], ABANDONED),
        (BOTH, [CONTACT, STATE], [(STATE, TIMED_OUT), (CONTACT, ABANDONED)], TIMED_OUT),
        (BOTH, [CONTACT], [(CONTACT, TIMED_OUT)], TIMED_OUT),
        (BOTH, [CONTACT, STATE], [(CONTACT, ELSEWHERE)], WAITS),
        (BOTH, [CONTACT, STATE], [(CONTACT, ELSEWHERE), (STATE, ABANDONED)], ELSEWHERE),
        (BOTH, [CONTACT, STATE], [(CONTACT, ABANDONED)], WAITS),
        (BOTH, [CONTACT, STATE], [(CONTACT, ABANDONED), (STATE, DECLINED)], DECLINED),
        (BOTH, [CONTACT, STATE], [(CONTACT, TIMED_OUT)], RINGS),
        (BOTH, [CONTACT, STATE], [(CONTACT, TIMED_OUT), (STATE, ABANDONED)], ABANDONED),
        (BOTH, [CONTACT, STATE], [(CONTACT, TIMED_OUT), (STATE, UNKNOWN)], TIMED_OUT),
        (BOTH, [CONTACT, STATE], [(STATE, ABANDONED)], WAITS),
        (BOTH, [CONTACT, STATE], [(STATE, DECLINED), (CONTACT, ABANDONED)], DECLINED),
        (BOTH, [CONTACT, STATE], [(STATE, ABANDONED), (CONTACT, ELSEWHERE)], ELSEWHERE),
        (BLIND, [CONTACT, STATE], [(STATE, ABANDONED)], ABANDONED),
        (BLIND, [CONTACT, STATE], [(CONTACT, UNKNOWN)], RINGS),
        (BLIND, [CONTACT], [(CONTACT, UNKNOWN)], UNKNOWN),
        (BOTH, [STATE], [(STATE, ABANDONED)], ABANDONED),
        (BOTH, [STATE], [(STATE, UNKNOWN)], UNKNOWN),
    ],
)
def test_what_becomes_of_it(views: Views, seen: list[View], words: list[Word], expected: str | Outcome) -> None:
    ringing = line(views, *seen)
    for clock, (view, outcome) in zip(count(4), words, strict=False):
        ringing.ended(view.value, outcome, at(clock))
    assert became(ringing) == expected


def test_what_waits_is_over_with_the_best_that_was_said() -> None:
    ringing = line(BOTH, CONTACT, STATE)
    ringing.ended("contact", ABANDONED, at(4.0))
    assert ringing.wait_until == 4.0 + GRACE
    ringing.give_up(None, at(4.5))
    assert (ringing.outcome, ringing.over_at, ringing.over_clock) == (ABANDONED, at(4.0).at, 4.5)


def test_a_line_that_rings_again_waits_no_longer() -> None:
    ringing = line(BOTH, CONTACT)
    ringing.ended("contact", ELSEWHERE, at(4.0))
    ringing.rang("another", CONTACT, frozenset({"ben"}))
    assert (ringing.wait_until, ringing.agents) == (None, frozenset({"ana", "ben"}))


def test_the_answer_outlives_every_other_word() -> None:
    ringing = line(BOTH, CONTACT, STATE)
    ringing.answered("dialog-info", at(4.0))
    ringing.ended("contact", TIMED_OUT, at(5.0))
    assert (ringing.talks, ringing.holds) == (True, True)
    ringing.ended("dialog-info", UNKNOWN, at(60.0))
    assert (ringing.outcome, ringing.answered_at, ringing.over_at) == (Outcome.ANSWERED_HERE, at(4.0).at, at(60.0).at)


def test_a_phone_that_was_not_the_only_one_waits_while_others_ring() -> None:
    ringing = line(BOTH, STATE)
    ringing.ended("dialog-info", ABANDONED, at(4.0), others_ring=True)
    assert became(ringing) == WAITS
    ringing.others_are_done(at(4.1))
    assert ringing.outcome is ABANDONED


def test_who_may_be_the_other_side() -> None:
    ringing = line(BOTH, CONTACT)
    assert ringing.is_sibling(STATE, 60.0)
    assert not ringing.is_sibling(CONTACT, 0.0)
    ringing.ended("contact", ABANDONED, at(1.0))
    assert [ringing.takes(STATE, clock) for clock in (2.0, 2.1)] == [True, False]
    late = line(BOTH, STATE)
    late.ended("dialog-info", ABANDONED, at(1.0))
    assert not late.takes(CONTACT, 1.1)


def test_only_a_contact_that_hears_no_end_goes_stale() -> None:
    blind, hearing = line(Views(contact_hears_end=False), CONTACT), line(ALONE, CONTACT)
    assert [blind.is_stale(CONTACT, clock) for clock in (2.0, 2.1)] == [False, True]
    assert not hearing.is_stale(CONTACT, 60.0)
    assert not line(BLIND, CONTACT, STATE).is_stale(CONTACT, 60.0)


def test_the_strongest_word_and_none() -> None:
    assert strongest(set(Outcome)) is Outcome.ANSWERED_HERE
    assert strongest(set()) is UNKNOWN
