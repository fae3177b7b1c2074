from datetime import timedelta

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Number
from ctibridge.domain.resolution import Evidence, Grade
from ctibridge.lookup.claims import ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.matching import evidence, label_strength, matches, named
from ctibridge.lookup.numbers import Understood
from tests.lookup.examples import AT, EMAIL, EMPLOYEE_ID, MOBILE, claimed, row

NUMBER = Understood(e164=MOBILE)
EXTENSION = Understood(extension="4711")


def test_rows_of_one_person_are_one_match() -> None:
    (match,) = matches([row(label="work"), row(label="mobile")], NUMBER, None)
    assert match.person == PersonKey("acme", "p17")
    assert [one.label for one in match.rows] == ["mobile", "work"]
    assert match.grade is Grade.EXACT


@pytest.mark.parametrize(
    ("rows", "number", "called", "people"),
    [
        ([row()], NUMBER, None, {"p17"}),
        ([row(label="fax")], NUMBER, None, set()),  # a fax is nobody's voice
        ([row(label="fax"), row(label="work")], NUMBER, None, {"p17"}),
        ([row(label="fax"), row(person="p18")], NUMBER, None, {"p18"}),
        ([row()], EXTENSION, None, set()),  # an extension of which company?
        ([row()], EXTENSION, "fleuron", set()),
        ([row(), row("fleuron", "e1")], EXTENSION, "acme", {"p17"}),
        ([], NUMBER, "acme", set()),
    ],
)
def test_who_matches(rows: list[NumberRow], number: Understood, called: str | None, people: set[str]) -> None:
    assert {match.person.id for match in matches(rows, number, called)} == people


def test_an_extension_says_so() -> None:
    (match,) = matches([row()], EXTENSION, "acme")
    assert evidence(match, EXTENSION) == (
        Evidence("number", "mobile", Number("4711"), Grade.EXTENSION),
        Evidence("called_account"),
    )


def test_evidence_names_each_label_once_and_the_company_called() -> None:
    rows = [row(label="work"), row(label="mobile"), row(label="work")]
    (match,) = matches(rows, NUMBER, "acme")
    assert [(one.kind, one.label) for one in evidence(match, NUMBER)] == [
        ("number", "mobile"),
        ("number", "work"),
        ("called_account", None),
    ]
    (elsewhere,) = matches(rows, NUMBER, "fleuron")
    assert all(one.kind == "number" for one in evidence(elsewhere, NUMBER))


def test_one_disabled_row_disables() -> None:
    (match,) = matches([row(), row(label="work", disabled=True)], NUMBER, None)
    assert match.disabled


def test_changed_at_is_the_latest_that_is_known() -> None:
    rows = [
        NumberRow("acme", "p17", label, changed_at=AT - timedelta(days=days)) for label, days in (("a", 9), ("b", 2))
    ]
    (match,) = matches([*rows, row()], NUMBER, None)
    assert match.changed_at == AT - timedelta(days=2)
    assert matches([row()], NUMBER, None)[0].changed_at is None


def test_the_nearer_to_one_person_the_stronger() -> None:
    strength = [label_strength(label) for label in ("mobile", "work", "home", "other", "pager")]
    assert strength == sorted(strength)


def test_whom_the_switchboard_names_has_a_reason_and_no_number() -> None:
    rows = [claimed(), claimed(claim=EMAIL), claimed("fleuron", "e1")]
    (first, other) = named(rows, "acme", 5)
    assert (first.person, first.claims, first.rows, first.in_called) == (
        PersonKey("acme", "p17"), (EMAIL, EMPLOYEE_ID), (), True,
    )  # fmt: skip
    assert [(one.kind, one.label, one.grade) for one in evidence(first, NUMBER)] == [
        ("email", None, "exact"),
        ("employee_id", None, "exact"),
        ("called_account", None, None),
    ]
    assert evidence(first, NUMBER)[0].matched is EMAIL.value
    assert (other.in_called, other.changed_at) == (False, None)


def test_what_many_of_a_company_have_names_none_of_them() -> None:
    """A zero that an export writes where there is no number."""
    zeros = [claimed(person=f"p{number}") for number in range(5)]
    assert named(zeros, "acme", 5) == ()
    assert len(named(zeros[1:], "acme", 5)) == 4
    assert [match.person.account for match in named([*zeros, claimed("fleuron", "e1")], "acme", 5)] == ["fleuron"]


def test_one_disabled_row_of_those_named_disables() -> None:
    rows: list[ClaimRow] = [claimed(), claimed(claim=EMAIL, disabled=True), claimed(disabled=True)]
    assert [match.disabled for match in named(rows, None, 5)] == [True]
