"""The calls of late: who calls again, what a site has, and a number that goes from customer to customer."""

from datetime import datetime, timedelta

import pytest

from ctibridge.domain.context import Repeat
from ctibridge.domain.notice import Notice
from ctibridge.domain.person import PersonKey
from ctibridge.lookup import traffic as module
from ctibridge.lookup import visibility
from ctibridge.lookup.traffic import NUMBER_AT_SEVERAL, SEVERAL_CALLERS, Traffic
from tests.lookup.examples import AT, SNAPSHOT

REGULA = PersonKey("acme", "p17")
URS = PersonKey("acme", "p18")
AMELIE = PersonKey("acme", "p19")
ELODIE = PersonKey("fleuron", "e1")
ANA = visibility.visible_to("ana", SNAPSHOT, AT)  # acme and fleuron
BEN = visibility.visible_to("ben", SNAPSHOT, AT)  # fleuron
NUMBER = "+491713920017"


def at(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


def rings(
    traffic: Traffic, call: str, person: PersonKey | None, minutes: float = 0.0, site: str | None = "Zürich"
) -> None:
    traffic.note(call, {} if person is None else {person: site}, "acme", None, at(minutes))


def told(
    traffic: Traffic, call: str, caller: PersonKey | None, agent: str = "ana", visible: visibility.Visible = ANA
) -> list[str]:
    return [notice.kind for notice in traffic.notices(agent, call, caller, visible, SNAPSHOT.accounts)]


# -- he calls again ----------------------------------------------------------------------------------------------------


def test_the_first_call_is_no_repeated_one(traffic: Traffic) -> None:
    rings(traffic, "c1", REGULA)
    assert traffic.repeat("c1", REGULA, AT) is None
    assert traffic.repeat("c1", URS, AT) is None


def test_earlier_calls_of_a_day_count_and_older_ones_do_not(traffic: Traffic) -> None:
    for number, minutes in enumerate((-25 * 60, -23 * 60, -5, 0)):
        rings(traffic, f"c{number}", REGULA, minutes)
    assert traffic.repeat("c3", REGULA, AT) == Repeat(2, at(-5))


def test_a_queue_that_rings_in_rounds_is_one_call(traffic: Traffic) -> None:
    for minutes in (0, 1, 2):
        rings(traffic, "c1", REGULA, minutes)
    assert traffic.repeat("c1", REGULA, at(2)) is None
    rings(traffic, "c2", REGULA, 10)
    assert traffic.repeat("c2", REGULA, at(10)) == Repeat(1, AT)


def test_a_call_that_came_later_is_no_earlier_one(traffic: Traffic) -> None:
    """The first one is asked about again while the second one rings."""
    rings(traffic, "c1", REGULA)
    rings(traffic, "c2", REGULA, 1)
    rings(traffic, "c1", REGULA, 2)
    assert traffic.repeat("c1", REGULA, at(2)) is None
    assert traffic.repeat("c2", REGULA, at(2)) == Repeat(1, AT)


def test_who_was_chosen_instead_called_and_the_other_one_did_not(traffic: Traffic) -> None:
    rings(traffic, "c1", REGULA)
    rings(traffic, "c1", URS, 1)
    rings(traffic, "c2", REGULA, 2)
    rings(traffic, "c3", URS, 3)
    assert traffic.repeat("c2", REGULA, at(2)) is None
    assert traffic.repeat("c3", URS, at(3)) == Repeat(1, AT)


def test_one_human_at_two_customers_called_as_both(traffic: Traffic) -> None:
    """Two agents, each of whom sees one of the accounts."""
    traffic.note("c1", {REGULA: None, ELODIE: None}, "acme", None, AT)
    rings(traffic, "c2", ELODIE, 1)
    assert traffic.repeat("c2", ELODIE, at(1)) == Repeat(1, AT)
    rings(traffic, "c3", REGULA, 2)
    assert traffic.repeat("c3", REGULA, at(2)) == Repeat(1, AT)


def test_what_is_remembered_is_bounded(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    monkeypatch.setattr(module, "MOST_EACH", 2)
    for number in range(10):
        rings(traffic, f"c{number}", REGULA, number)
    assert traffic.repeat("c9", REGULA, at(9)) == Repeat(1, at(8))
    for number in range(10):
        rings(traffic, f"d{number}", PersonKey("acme", f"x{number}"), number)
    assert traffic.repeat("e", REGULA, at(10)) is None
    sizes = [len(found) for found in vars(traffic).values()]
    assert max(sizes) <= 3


# -- several callers of one site ---------------------------------------------------------------------------------------


def third_caller(traffic: Traffic, minutes: float = 9.9) -> None:
    rings(traffic, "c1", REGULA, 0)
    rings(traffic, "c2", URS, 1)
    rings(traffic, "c3", AMELIE, minutes)


def test_the_third_caller_of_a_site_is_worth_a_word(traffic: Traffic) -> None:
    rings(traffic, "c1", REGULA)
    rings(traffic, "c2", URS, 1)
    assert told(traffic, "c2", URS) == []
    rings(traffic, "c3", AMELIE, 9.9)
    assert traffic.notices("ana", "c3", AMELIE, ANA, SNAPSHOT.accounts) == (
        Notice(
            "several_callers",
            "3 people of ACME AG, site Zürich, called within ten minutes.",
            (("call", "c3"), ("account", "acme"), ("site", "Zürich")),
            frozenset({"acme"}),
        ),
    )


def test_it_takes_three_people_of_one_site_within_ten_minutes(traffic: Traffic) -> None:
    third_caller(traffic, minutes=10)
    assert told(traffic, "c3", AMELIE) == []
    rings(traffic, "c4", PersonKey("acme", "p20"), 10, site="Berlin")
    assert told(traffic, "c4", PersonKey("acme", "p20")) == []
    rings(traffic, "c5", AMELIE, 10.5)
    assert told(traffic, "c5", AMELIE) == []


def test_it_is_said_once_to_each_agent_until_the_window_is_over(traffic: Traffic) -> None:
    third_caller(traffic)
    assert told(traffic, "c3", AMELIE) == [SEVERAL_CALLERS]
    assert told(traffic, "c3", AMELIE) == []
    rings(traffic, "c4", PersonKey("acme", "p20"), 10.5)
    assert told(traffic, "c4", PersonKey("acme", "p20")) == []
    assert told(traffic, "c4", PersonKey("acme", "p20"), agent="chloe") == [SEVERAL_CALLERS]
    for number, minutes in enumerate((19, 20)):
        rings(traffic, f"d{number}", PersonKey("acme", f"q{number}"), minutes)
    assert told(traffic, "d1", PersonKey("acme", "q1")) == [SEVERAL_CALLERS]


def test_only_who_is_told_of_a_person_there_is_told_of_the_site(traffic: Traffic) -> None:
    third_caller(traffic)
    assert told(traffic, "c3", None) == []
    assert told(traffic, "c3", ELODIE) == []
    assert told(traffic, "c3", AMELIE, "ben", BEN) == []
    assert told(traffic, "c3", AMELIE) == [SEVERAL_CALLERS]


def test_a_site_that_is_read_late_counts(traffic: Traffic) -> None:
    for call, person in (("c1", REGULA), ("c2", URS), ("c3", AMELIE)):
        rings(traffic, call, person, site=None)
        rings(traffic, call, person)
    assert told(traffic, "c3", AMELIE) == [SEVERAL_CALLERS]


def test_who_was_not_the_caller_does_not_count_for_his_site(traffic: Traffic) -> None:
    rings(traffic, "c1", REGULA)
    rings(traffic, "c2", URS, 1)
    rings(traffic, "c2", PersonKey("acme", "p1"), 2, site="Berlin")
    rings(traffic, "c3", AMELIE, 3)
    assert told(traffic, "c3", AMELIE) == []


def test_a_call_that_nobody_noted_says_nothing(traffic: Traffic) -> None:
    assert told(traffic, "c1", REGULA) == []


# -- one number at several customers -----------------------------------------------------------------------------------


def calls(traffic: Traffic, call: str, called: str | None, minutes: float = 0.0, number: str | None = NUMBER) -> None:
    traffic.note(call, {}, called, number, at(minutes))


def test_one_number_that_calls_two_customers_is_worth_a_word(traffic: Traffic) -> None:
    calls(traffic, "c1", "acme")
    assert told(traffic, "c1", None) == []
    calls(traffic, "c2", "fleuron", 9.9)
    assert traffic.notices("ana", "c2", None, ANA, SNAPSHOT.accounts) == (
        Notice(
            "number_at_several",
            "One number called ACME AG and Fleuron SA within ten minutes.",
            (("call", "c2"),),
            frozenset({"acme", "fleuron"}),
        ),
    )
    assert told(traffic, "c2", None) == []


@pytest.mark.parametrize(
    ("called", "minutes", "number"),
    [("acme", 1, NUMBER), (None, 1, NUMBER), ("fleuron", 10, NUMBER), ("fleuron", 1, "+4930"), ("fleuron", 1, None)],
)
def test_else_it_is_not(traffic: Traffic, called: str | None, minutes: float, number: str | None) -> None:
    calls(traffic, "c1", "acme")
    calls(traffic, "c2", called, minutes, number)
    assert told(traffic, "c2", None) == []


def test_an_agent_learns_of_no_customer_that_he_may_not_see(traffic: Traffic) -> None:
    """khalij is not shared at this time; ben has one of the three accounts."""
    calls(traffic, "c1", "khalij")
    calls(traffic, "c2", "fleuron", 1)
    assert told(traffic, "c2", None) == []
    calls(traffic, "c3", "acme", 2)
    assert told(traffic, "c3", None, "ben", BEN) == []
    (notice,) = traffic.notices("ana", "c3", None, ANA, SNAPSHOT.accounts)
    assert "Khalij" not in notice.text
    assert "3" not in notice.text


def test_one_more_customer_is_said_again(traffic: Traffic) -> None:
    seen = visibility.every_account(SNAPSHOT)
    calls(traffic, "c1", "acme")
    calls(traffic, "c2", "fleuron", 1)
    assert told(traffic, "c2", None, visible=seen) == [NUMBER_AT_SEVERAL]
    calls(traffic, "c3", "khalij", 2)
    (notice,) = traffic.notices("ana", "c3", None, seen, SNAPSHOT.accounts)
    assert notice.text == "One number called ACME AG, Fleuron SA and Khalij Trading LLC within ten minutes."


# -- people who left for good ------------------------------------------------------------------------------------------


def test_of_people_who_left_for_good_no_call_is_remembered(traffic: Traffic) -> None:
    third_caller(traffic)
    traffic.note("c4", {ELODIE: "Paris"}, "fleuron", NUMBER, at(1))
    traffic.forget(frozenset({"acme"}))
    assert told(traffic, "c3", AMELIE) == []
    rings(traffic, "c5", REGULA, 2)
    assert told(traffic, "c5", REGULA) == []
    assert traffic.repeat("c5", REGULA, at(2)) is None
    rings(traffic, "c6", ELODIE, 3)
    assert traffic.repeat("c6", ELODIE, at(3)) == Repeat(1, at(1))


def test_neither_number_nor_name_is_printed(traffic: Traffic) -> None:
    calls(traffic, "c1", "acme")
    assert NUMBER not in repr(vars(traffic)["_calls"])


# -- who leaves for good -----------------------------------------------------------------------------------------------


def test_one_person_and_one_number_were_never_heard_of(traffic: Traffic) -> None:
    for number, person in enumerate((REGULA, URS, AMELIE)):
        traffic.note(f"c{number}", {person: "Zürich"}, "acme", NUMBER, at(number))
    traffic.note("c3", {}, "fleuron", NUMBER, at(3))
    assert told(traffic, "c3", None) == [NUMBER_AT_SEVERAL]
    traffic.erase({REGULA}, {NUMBER})
    assert REGULA not in traffic._of_person
    assert URS in traffic._of_person
    assert told(traffic, "c2", AMELIE) == [], "two are not several"
    assert NUMBER not in repr((traffic._calls.values(), traffic._told))
    assert all(call.number is None for call in traffic._calls.values())
    assert traffic._of_number == {}
