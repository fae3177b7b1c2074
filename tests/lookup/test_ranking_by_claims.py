"""Status and order where the PBX names somebody: with the number, instead of it, and against it."""

import pytest

from ctibridge.lookup.claims import ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.ranking import CLAIMS_DIFFER, MAIL_ELSEWHERE, TOGETHER_ELSEWHERE
from tests.lookup.examples import EMAIL, claimed, row
from tests.lookup.test_ranking import A1, A2, A3, F1, OFF_A, again, choice, crowd, people, ranked

IS_A1, IS_A2, IS_A9 = claimed(person="a1"), claimed(person="a2"), claimed(person="a9", disabled=True)
MAIL_A1, MAIL_F1 = claimed(person="a1", claim=EMAIL), claimed("fleuron", "f1", EMAIL)
IS_F1, IS_F2 = claimed("fleuron", "f1"), claimed("fleuron", "f2")


@pytest.mark.parametrize(
    ("rows", "claims", "called", "status", "account", "order"),
    [
        # nobody has the number: whom the claim names in the company called
        ([], [IS_A1], "acme", "identified", "acme", ["a1"]),
        ([], [IS_A1], "fleuron", "unknown", None, []),
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


@pytest.mark.parametrize(
    ("rows", "claims", "status", "account", "order", "contradicted"),
    [
        # nobody has the number
        ([], [IS_A1], "identified", "acme", ["a1"], False),
        ([], [MAIL_F1], "identified", "fleuron", ["f1"], False),
        ([], [IS_A1, MAIL_A1], "identified", "acme", ["a1"], False),
        ([], [IS_A9], "unknown", None, ["a9"], False),
        ([], [IS_A1, IS_F1], "ambiguous", None, ["a1", "f1"], False),  # number 17 exists at two companies
        ([], [IS_A1, IS_F1, MAIL_F1], "ambiguous", None, ["f1", "a1"], False),
        ([], [IS_A1, IS_A2], "ambiguous", "acme", ["a1", "a2"], False),
        ([], [claimed(person=f"a{n}") for n in range(5)], "unknown", None, [], False),  # a zero
        ([], [*(claimed(person=f"a{n}") for n in range(5)), IS_F1], "identified", "fleuron", ["f1"], False),
        # the number names another: the claim beats it, and both are told
        ([A1], [claimed(person="a3")], "identified", "acme", ["a3", "a1"], True),
        ([A1], [IS_F1], "identified", "fleuron", ["f1", "a1"], True),
        ([A1], [IS_A2, IS_F1], "ambiguous", None, ["a2", "f1", "a1"], True),
        ([OFF_A], [IS_A1], "ambiguous", "acme", ["a1", "a9"], True),
        ([A1], [IS_A9], "ambiguous", "acme", ["a1", "a9"], True),
        # the number names one of them
        ([A1], [IS_A1, IS_F1], "identified", "acme", ["a1", "f1"], False),
        ([A1, F1], [IS_A1, IS_F1], "ambiguous", None, ["a1", "f1"], False),
        # a switchboard
        (crowd("acme", 5), [IS_A1], "identified", "acme", ["a1"], False),
        (crowd("acme", 5), [IS_A9], "shared", "acme", [], False),
    ],
)
def test_where_no_company_was_called_whom_a_claim_names_is_looked_for_in_all(
    rows: list[NumberRow],
    claims: list[ClaimRow],
    status: str,
    account: str | None,
    order: list[str],
    contradicted: bool,
) -> None:
    """They did nothing: from the mobile of a1, the employee number of a3 gave a1 and no word of a3."""
    ranking = ranked(rows, None, claims=claims)
    assert (ranking.status, ranking.account, people(ranking)) == (status, account, order)
    assert ranking.contradicted is contradicted


@pytest.mark.parametrize(
    ("rows", "claims", "status", "account", "order", "contradicted"),
    [
        ([], [MAIL_F1], "identified", "fleuron", ["f1"], False),
        ([], [IS_F1], "unknown", None, [], False),  # an id is alike in all companies
        ([], [IS_F1, MAIL_F1], "identified", "fleuron", ["f1"], False),
        # one human at two customers: the company called decides
        ([], [MAIL_A1, MAIL_F1], "identified", "acme", ["a1", "f1"], False),
        ([A1], [MAIL_F1], "identified", "acme", ["a1", "f1"], True),
        ([row("khalij", "k1")], [MAIL_F1], "identified", "fleuron", ["f1", "k1"], True),
        ([OFF_A], [MAIL_F1], "ambiguous", "fleuron", ["f1", "a9"], True),
        (crowd("acme", 5), [MAIL_F1], "identified", "fleuron", ["f1"], False),
        ([], [claimed("fleuron", f"f{n}", EMAIL) for n in range(5)], "unknown", None, [], False),  # a team's mailbox
    ],
)
def test_an_e_mail_address_finds_its_owner_whatever_company_was_called(
    rows: list[NumberRow],
    claims: list[ClaimRow],
    status: str,
    account: str | None,
    order: list[str],
    contradicted: bool,
) -> None:
    ranking = ranked(rows, "acme", claims=claims)
    assert (ranking.status, ranking.account, people(ranking)) == (status, account, order)
    assert ranking.contradicted is contradicted


def test_an_id_here_and_an_e_mail_address_elsewhere_are_told_both() -> None:
    """Number 17 is also somebody's here; the address is nobody else's in the world."""
    ranking = ranked([], "acme", claims=[IS_A1, IS_F1, MAIL_F1])
    assert (ranking.status, ranking.account, people(ranking)) == ("ambiguous", "acme", ["a1", "f1"])
    assert ranking.reasons == (MAIL_ELSEWHERE,)


def test_somebody_found_by_search_here_and_an_e_mail_address_elsewhere_are_told_both() -> None:
    ranking = ranked([], "acme", claims=[MAIL_F1], choices=[choice("acme", "a1")])
    assert (ranking.status, people(ranking), ranking.reasons) == ("ambiguous", ["a1", "f1"], (MAIL_ELSEWHERE,))


def test_what_left_people_have_as_well_is_no_id() -> None:
    """An export writes a zero for who leaves: the one active person with a zero is not all who type it."""
    zeros = [claimed(person=f"a{n}", disabled=n > 0) for n in range(5)]
    assert people(ranked([], "acme", claims=zeros)) == []
