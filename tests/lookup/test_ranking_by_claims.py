"""Status and order where the PBX names somebody: with the number, instead of it, and against it."""

import pytest

from ctibridge.lookup.claims import ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.ranking import CLAIMS_DIFFER, TOGETHER_ELSEWHERE
from tests.lookup.examples import EMAIL, claimed, row
from tests.lookup.test_ranking import A1, A2, A3, F1, OFF_A, again, choice, crowd, people, ranked

IS_A1, IS_A2, IS_A9 = claimed(person="a1"), claimed(person="a2"), claimed(person="a9", disabled=True)
IS_F1, IS_F2 = claimed("fleuron", "f1"), claimed("fleuron", "f2")


@pytest.mark.parametrize(
    ("rows", "claims", "called", "status", "account", "order"),
    [
        # nobody has the number: whom the claim names in the company called
        ([], [IS_A1], "acme", "identified", "acme", ["a1"]),
        ([], [IS_A1], "fleuron", "unknown", None, []),
        ([], [IS_A1], None, "unknown", None, []),
        ([], [IS_A1, IS_F1], "fleuron", "identified", "fleuron", ["f1"]),
        ([], [IS_A1, IS_A2], "acme", "ambiguous", "acme", ["a1", "a2"]),
        ([], [IS_A9], "acme", "unknown", None, ["a9"]),
        ([], [IS_A1, IS_A9], "acme", "identified", "acme", ["a1", "a9"]),
        ([row("acme", "a1", "fax")], [IS_A2], "acme", "identified", "acme", ["a2"]),
        # a holder of the number is confirmed, and comes first in his company
        ([A1], [IS_A1], "acme", "identified", "acme", ["a1"]),
        ([A1, A2], [IS_A2], "acme", "identified", "acme", ["a2", "a1"]),
        ([A1, A2], [IS_A2], None, "identified", "acme", ["a2", "a1"]),
        ([A1, A2], [IS_A1, IS_A2], "acme", "ambiguous", "acme", ["a1", "a2"]),
        ([A1, F1], [IS_F1], None, "identified", "fleuron", ["f1", "a1"]),
        ([A1, F1], [IS_F1], "acme", "identified", "acme", ["a1", "f1"]),  # the company called still decides
        ([A1, A2, F1], [IS_F1], "acme", "ambiguous", "acme", ["a1", "a2", "f1"]),
        ([OFF_A, A1, A2], [IS_A2], "acme", "identified", "acme", ["a2", "a1", "a9"]),
        ([OFF_A], [IS_A9], "acme", "unknown", None, ["a9"]),
        # a switchboard: the one whom the claim names
        (crowd("acme", 5), [claimed(person="acme3")], "acme", "identified", "acme", ["acme3"]),
        (crowd("acme", 5), [claimed(person="acme3")], None, "identified", "acme", ["acme3"]),
        (crowd("acme", 5), [IS_A1], "acme", "identified", "acme", ["a1"]),
        (crowd("acme", 5), [IS_A1], None, "shared", "acme", []),
        (crowd("acme", 5), [IS_A9], "acme", "shared", "acme", []),
        (crowd("acme", 5), [claimed(person="acme3"), IS_F1], "fleuron", "ambiguous", "fleuron", ["f1", "acme3"]),
        ([row("acme", "a1", "general")], [IS_A2], "acme", "identified", "acme", ["a2"]),
    ],
)
def test_whom_the_switchboard_names(
    rows: list[NumberRow],
    claims: list[ClaimRow],
    called: str | None,
    status: str,
    account: str | None,
    order: list[str],
) -> None:
    ranking = ranked(rows, called, claims=claims)
    assert (ranking.status, ranking.account, people(ranking)) == (status, account, order)
    assert not ranking.contradicted


@pytest.mark.parametrize(
    ("rows", "claims", "called", "status", "account", "order"),
    [
        # who types his employee number is asked for it because his telephone does not say who he is
        ([A1], [IS_A2], "acme", "identified", "acme", ["a2", "a1"]),
        ([A2], [IS_A1], "acme", "identified", "acme", ["a1", "a2"]),
        ([A1, A3], [IS_A2], "acme", "identified", "acme", ["a2", "a1", "a3"]),
        ([F1], [IS_A1], "acme", "identified", "acme", ["a1", "f1"]),
        ([OFF_A, A3], [IS_A1], "acme", "identified", "acme", ["a1", "a3", "a9"]),
        # number and id are of one person of another company; that id is also somebody's where he calls
        ([A1, F1], [IS_F1, IS_A2], "acme", "ambiguous", "acme", ["a2", "a1", "f1"]),
        # who left types a colleague's number; somebody types the number of one who left
        ([OFF_A], [IS_A1], "acme", "ambiguous", "acme", ["a1", "a9"]),
        ([A1], [IS_A9], "acme", "ambiguous", "acme", ["a1", "a9"]),
        ([row("acme", "a8", disabled=True)], [IS_A9], "acme", "unknown", None, ["a9", "a8"]),
    ],
)
def test_where_number_and_switchboard_name_different_people_both_are_told(
    rows: list[NumberRow],
    claims: list[ClaimRow],
    called: str | None,
    status: str,
    account: str | None,
    order: list[str],
) -> None:
    ranking = ranked(rows, called, claims=claims)
    assert (ranking.status, ranking.account, people(ranking)) == (status, account, order)
    assert ranking.contradicted


def test_the_number_and_the_id_of_another_company_are_two_proofs_against_an_id_alone() -> None:
    ranking = ranked([F1], "acme", claims=[IS_F1, IS_A1])
    assert (ranking.status, people(ranking)) == ("ambiguous", ["a1", "f1"])
    assert TOGETHER_ELSEWHERE in ranking.reasons


def test_two_ids_of_one_and_number_with_id_of_another_are_told_both() -> None:
    claims = [IS_A1, IS_A2, claimed(person="a2", claim=EMAIL)]
    ranking = ranked([A1], "acme", claims=claims)
    assert (ranking.status, people(ranking), ranking.contradicted) == ("ambiguous", ["a2", "a1"], False)
    assert ranking.reasons == (CLAIMS_DIFFER,)


def test_a_claim_beats_choices() -> None:
    ranking = ranked([A1, A2], "acme", claims=[IS_A1], choices=again("acme", "a2"))
    assert (ranking.status, people(ranking)) == ("identified", ["a1", "a2"])


def test_a_claim_confirms_somebody_chosen_in_another_company() -> None:
    ranking = ranked([], None, claims=[IS_F1], choices=[choice("fleuron", "f1"), choice("acme", "a1")])
    assert (ranking.status, people(ranking)) == ("identified", ["f1", "a1"])


def test_a_holder_whom_one_claim_names_is_not_contradicted_by_another() -> None:
    claims = [IS_A1, claimed(person="a2", claim=EMAIL)]
    ranking = ranked([A1], "acme", claims=claims)
    assert (ranking.status, people(ranking), ranking.contradicted) == ("identified", ["a1", "a2"], False)


def test_two_claims_are_more_than_one() -> None:
    ranking = ranked([A1, A2], "acme", claims=[IS_A1, IS_A2, claimed(person="a2", claim=EMAIL)])
    assert (ranking.status, people(ranking)) == ("ambiguous", ["a2", "a1"])
