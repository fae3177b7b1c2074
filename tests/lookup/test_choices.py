from datetime import timedelta

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.choices import UNCHOSEN, Choice, ChoiceRow, Choices, Chosen, counting
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import AT, MOBILE, SNAPSHOT
from tests.lookup.test_ranking import choice

P17 = PersonKey("acme", "p17")


def test_only_what_may_be_seen_comes_out() -> None:
    mine, other = choice("acme"), choice("fleuron", "e1")
    choices = Choices([mine, other])
    assert choices.seen_by(visible_to("ben", SNAPSHOT, AT)) == (other,)
    assert choices.seen_by(visible_to("gone", SNAPSHOT, AT)) == ()
    assert UNCHOSEN.seen_by(visible_to("ana", SNAPSHOT, AT)) == ()
    assert repr(choices) == "Choices(•••)"
    assert not hasattr(choices, "__dict__")


@pytest.mark.parametrize(
    ("days", "counts"),
    [(0, True), (89.9, True), (90, False), (91, False), (-1, True)],  # a clock elsewhere runs ahead
)
def test_a_choice_ages(days: float, counts: bool) -> None:
    assert bool(counting([choice(days=days)], "acme", AT, 90)) is counts


def test_no_days_are_no_choices() -> None:
    assert counting([choice(days=0), choice(days=-1)], None, AT, 0) == {}


@pytest.mark.parametrize(
    ("chosen_in", "called", "here"),
    [
        ("acme", "acme", 1),
        ("fleuron", "acme", 0),
        (None, "acme", 1),  # nothing says that it went elsewhere
        ("acme", None, 1),
        (None, None, 1),
    ],
)
def test_a_choice_for_another_company_counts_less(chosen_in: str | None, called: str | None, here: int) -> None:
    (chosen,) = counting([choice(called=chosen_in)], called, AT, 90).values()
    assert (chosen.here, chosen.elsewhere) == (here, 1 - here)


@pytest.mark.parametrize(
    ("chosen_in", "called", "counts"),
    [
        ("acme", "acme", True),
        ("fleuron", "acme", False),
        (None, "acme", False),
        ("acme", None, False),
        (None, None, False),
    ],
)
def test_an_extension_is_the_same_telephone_only_in_one_company(
    chosen_in: str | None,
    called: str | None,
    counts: bool,
) -> None:
    assert bool(counting([choice(called=chosen_in)], called, AT, 90, short=True)) is counts


def test_choices_are_everybodys_and_the_newest_is_told() -> None:
    rows = [
        choice(days=5, by="ben"),
        choice(days=2, by="ana", called="acme"),
        choice(days=9, by="ana", called="fleuron"),
        choice(person="p18"),
    ]
    found = counting(rows, "acme", AT, 90)
    assert found[P17] == Chosen(2, 1, AT - timedelta(days=2), "ana")
    assert found[PersonKey("acme", "p18")].here == 1
    assert counting(rows[::-1], "acme", AT, 90) == found


def test_two_agents_at_one_moment_have_one_order() -> None:
    rows = [choice(by="ana"), choice(by="ben")]
    assert counting(rows, None, AT, 90)[P17].by == counting(rows[::-1], None, AT, 90)[P17].by == "ben"


def test_who_has_left_is_said_by_any_row() -> None:
    assert counting([choice(), choice(disabled=True)], None, AT, 90)[P17].disabled


def test_the_number_is_not_printed() -> None:
    act = Choice(MOBILE, "acme", "p17", "ana", AT, "acme", "c1")
    assert MOBILE not in repr(act)
    assert ChoiceRow(act.account, act.person, False, act.by, act.at, act.called_account) == choice(
        days=0, called="acme"
    )
