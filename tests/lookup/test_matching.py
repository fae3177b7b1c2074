from collections.abc import Sequence

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Number
from ctibridge.domain.resolution import Evidence, Grade
from ctibridge.lookup.choices import Chosen
from ctibridge.lookup.claims import Claim, ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.matching import (
    Match,
    evidence,
    grade_strength,
    joined,
    label_strength,
    matches,
    named,
    without_crowds,
)
from tests.lookup.examples import AT, EMAIL, EMPLOYEE_ID, MOBILE, claimed, row

REWRITTEN, EXTENSION, SUFFIX = Grade.REWRITTEN, Grade.EXTENSION, Grade.SUFFIX
P17 = PersonKey("acme", "p17")


def test_rows_of_one_person_are_one_match() -> None:
    (match,) = matches([row(label="work"), row(label="mobile")], None)
    assert match.person == P17
    assert [one.label for one in match.rows] == ["mobile", "work"]
    assert match.grade is Grade.EXACT


@pytest.mark.parametrize(
    ("rows", "called", "people"),
    [
        ([row()], None, {"p17"}),
        ([row(label="fax")], None, set()),  # a fax is nobody's voice
        ([row(label="fax"), row(label="work")], None, {"p17"}),
        ([row(label="fax"), row(person="p18")], None, {"p18"}),
        ([row(grade=REWRITTEN)], "fleuron", {"p17"}),
        ([row(grade=EXTENSION)], None, set()),  # an extension of which company?
        ([row(grade=EXTENSION)], "fleuron", set()),
        ([row(grade=EXTENSION), row("fleuron", "e1", grade=EXTENSION)], "acme", {"p17"}),
        ([row(grade=SUFFIX)], None, {"p17"}),
        ([row(grade=SUFFIX), row("fleuron", "e1", grade=SUFFIX)], None, {"p17", "e1"}),
        ([row(grade=SUFFIX), row("fleuron", "e1", grade=SUFFIX)], "fleuron", {"e1"}),
        ([row(grade=SUFFIX)], "khalij", set()),
        ([row(label="general", grade=SUFFIX)], "acme", set()),  # the end of a switchboard's number
        ([row(label="general")], "acme", {"p17"}),
        ([], "acme", set()),
    ],
)
def test_who_matches(rows: list[NumberRow], called: str | None, people: set[str]) -> None:
    assert {match.person.id for match in matches(rows, called)} == people


def test_the_best_grade_is_the_matchs() -> None:
    (match,) = matches([row(grade=SUFFIX), row(label="home"), row(grade=REWRITTEN)], None)
    assert match.grade is Grade.EXACT
    assert [one.grade for one in match.rows] == [Grade.EXACT, REWRITTEN, SUFFIX]


@pytest.mark.parametrize("grade", Grade)
def test_the_end_of_a_number_is_not_the_number(grade: Grade) -> None:
    (match,) = matches([row(grade=grade)], "acme")
    assert match.holds is (grade is not SUFFIX)
    assert not Match(P17, disabled=False, in_called=True).holds


def test_evidence_is_of_the_number_that_is_stored_and_says_how_it_matched() -> None:
    (match,) = matches([row(matched="4711", grade=EXTENSION)], "acme")
    assert evidence(match) == (
        Evidence("number", "mobile", Number("4711"), EXTENSION),
        Evidence("called_account"),
    )
    (match,) = matches([row(matched="+525512345678", grade=REWRITTEN), row(label="work", matched=MOBILE)], None)
    assert [(one.matched, one.grade) for one in evidence(match)] == [
        (Number(MOBILE), Grade.EXACT),
        (Number("+525512345678"), REWRITTEN),
    ]


def test_evidence_names_each_label_once_and_the_company_called() -> None:
    rows = [row(label="work"), row(label="mobile"), row(label="work", imported=True)]
    (match,) = matches(rows, "acme")
    assert [(one.kind, one.label) for one in evidence(match)] == [
        ("number", "mobile"),
        ("number", "work"),
        ("called_account", None),
    ]
    (elsewhere,) = matches(rows, "fleuron")
    assert all(one.kind == "number" for one in evidence(elsewhere))


def test_all_evidence_stands_strongest_first() -> None:
    match = Match(P17, False, True, (row(),), (EMAIL,), Chosen(2, 0, AT, "ana"), AT)
    assert evidence(match) == (
        Evidence("email", None, EMAIL.value, Grade.EXACT),
        Evidence("chosen", at=AT, by="ana"),
        Evidence("number", "mobile", Number(MOBILE), Grade.EXACT),
        Evidence("called_account"),
        Evidence("last_contact", at=AT),
    )


def test_one_disabled_row_disables() -> None:
    (match,) = matches([row(), row(label="work", disabled=True)], None)
    assert match.disabled


def test_the_nearer_to_one_person_the_stronger() -> None:
    strength = [label_strength(label) for label in ("mobile", "work", "home", "other", "pager")]
    assert strength == sorted(strength)
    assert len(set(strength)) == 4
    assert sorted(Grade, key=grade_strength) == list(Grade)


def test_whom_the_switchboard_names_has_a_reason_and_no_number() -> None:
    rows = [claimed(), claimed(claim=EMAIL), claimed("fleuron", "e1")]
    (first, other) = named(rows, "acme", 5)
    assert (first.person, first.claims, first.rows, first.in_called) == (P17, (EMAIL, EMPLOYEE_ID), (), True)
    assert [(one.kind, one.label, one.grade) for one in evidence(first)] == [
        ("email", None, "exact"),
        ("employee_id", None, "exact"),
        ("called_account", None, None),
    ]
    assert evidence(first)[0].matched is EMAIL.value
    assert (other.in_called, other.grade) == (False, None)


def test_what_many_of_a_company_have_names_none_of_them() -> None:
    """A zero that an export writes where there is no number."""
    zeros = [claimed(person=f"p{number}") for number in range(5)]
    assert named(zeros, "acme", 5) == ()
    assert len(named(zeros[1:], "acme", 5)) == 4
    assert [match.person.account for match in named([*zeros, claimed("fleuron", "e1")], "acme", 5)] == ["fleuron"]


def test_one_disabled_row_of_those_named_disables() -> None:
    rows: list[ClaimRow] = [claimed(), claimed(claim=EMAIL, disabled=True), claimed(disabled=True)]
    assert [match.disabled for match in named(rows, None, 5)] == [True]


def test_a_crowd_that_ends_alike_is_counted_for_each_company() -> None:
    ends = [row(person=f"p{number}", grade=SUFFIX) for number in range(3)]
    found = matches([*ends, row("fleuron", "e1", grade=SUFFIX), row(person="p9")], None)
    assert {match.person.id for match in without_crowds(found, 3)} == {"e1", "p9"}
    assert len(without_crowds(found, 4)) == 5


def test_everybody_for_whom_anything_speaks_comes_once_with_all_of_it() -> None:
    chosen = {P17: Chosen(1, 0, AT, "ana"), PersonKey("fleuron", "e1"): Chosen(0, 1, AT, "ben", disabled=True)}
    contacts = {P17: AT, PersonKey("acme", "p99"): AT}
    claims = named([claimed(), claimed(person="p18"), claimed("fleuron", "e2")], "acme", 5)
    found = {match.person.id: match for match in joined(matches([row()], "acme"), "acme", claims, chosen, contacts)}
    assert found.keys() == {"p17", "p18", "e1"}  # e2: an id of another company, which is also somebody's here
    assert found["p17"] == Match(P17, False, True, (row(),), (EMPLOYEE_ID,), chosen[P17], AT)
    assert (found["e1"].disabled, found["e1"].in_called, found["e1"].rows) == (True, False, ())


@pytest.mark.parametrize(
    ("claim", "called", "people"),
    [
        (EMPLOYEE_ID, "acme", {"p17"}),
        (EMPLOYEE_ID, "khalij", set()),
        (EMPLOYEE_ID, None, {"p17", "e1"}),  # which company's? of each, nobody knows which
        (EMAIL, "acme", {"p17", "e1"}),
        (EMAIL, "khalij", {"p17", "e1"}),  # unique in the world
        (EMAIL, None, {"p17", "e1"}),
    ],
)
def test_whom_a_claim_alone_brings_in(claim: Claim, called: str | None, people: set[str]) -> None:
    claims = named([claimed(claim=claim), claimed("fleuron", "e1", claim)], called, 5)
    assert {match.person.id for match in joined([], called, claims, {}, {})} == people


def test_a_crowd_of_people_who_left_hides_nobody_who_is_there() -> None:
    left = [row(person=f"p{number}", grade=SUFFIX, disabled=True) for number in range(5)]
    found = matches([*left, row(person="p9", grade=SUFFIX)], None)
    assert len(without_crowds(found, 2)) == 6
    assert without_crowds(found, 1) == []


@pytest.mark.parametrize(
    ("rows", "claims", "chosen"),
    [
        ([row(disabled=True)], [claimed()], Chosen(1, 0, AT, "ana")),
        ([row()], [claimed(disabled=True)], Chosen(1, 0, AT, "ana")),
        ([row()], [claimed()], Chosen(1, 0, AT, "ana", disabled=True)),
    ],
)
def test_who_has_left_has_left_whoever_says_so(
    rows: Sequence[NumberRow], claims: Sequence[ClaimRow], chosen: Chosen
) -> None:
    (match,) = joined(matches(rows, "acme"), "acme", named(claims, "acme", 5), {P17: chosen}, {})
    assert match.disabled
