"""Status and order where the PBX names somebody: with the number, instead of it, and against it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.resolution import Status
from ctibridge.lookup.claims import Claimants, ClaimRow
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.snapshot import build
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import ACME, AT, EMAIL, EMPLOYEE_ID, FLEURON, KHALIJ, claimed, row
from tests.lookup.test_ranking import A1, A2, A3, F1, OFF_A, called_accounts, crowd, people, ranked, rows_of

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
        ([A1], [IS_A2], "acme", "ambiguous", "acme", ["a1", "a2"]),
        ([A2], [IS_A1], "acme", "ambiguous", "acme", ["a2", "a1"]),  # the number's first
        ([A1, A3], [IS_A2], "acme", "ambiguous", "acme", ["a1", "a3", "a2"]),
        ([F1], [IS_A1], "acme", "ambiguous", "acme", ["f1", "a1"]),
        ([A1, F1], [IS_F1, IS_A2], "acme", "ambiguous", "acme", ["a1", "f1", "a2"]),  # his other company does not help
        ([OFF_A], [IS_A1], "acme", "ambiguous", "acme", ["a1", "a9"]),  # who left types a colleague's number
        ([A1], [IS_A9], "acme", "ambiguous", "acme", ["a1", "a9"]),
        ([row("acme", "a8", disabled=True)], [IS_A9], "acme", "unknown", None, ["a8", "a9"]),
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
    assert ranking.identified is None


def test_a_holder_whom_one_claim_names_is_not_contradicted_by_another() -> None:
    claims = [IS_A1, claimed(person="a2", claim=EMAIL)]
    ranking = ranked([A1], "acme", claims=claims)
    assert (ranking.status, people(ranking), ranking.contradicted) == ("identified", ["a1"], False)


def test_two_claims_are_more_than_one() -> None:
    ranking = ranked([A1, A2], "acme", claims=[IS_A1, IS_A2, claimed(person="a2", claim=EMAIL)])
    assert (ranking.status, people(ranking)) == ("ambiguous", ["a2", "a1"])


claims_of = st.lists(
    st.builds(
        ClaimRow,
        account=st.sampled_from(["acme", "fleuron", "khalij"]),
        person=st.sampled_from("abcdefg"),
        disabled=st.booleans(),
        claim=st.sampled_from([EMPLOYEE_ID, EMAIL]),
    ),
    max_size=6,
)


@given(rows_of, claims_of, called_accounts, st.randoms(use_true_random=False))
def test_claims_in_any_order_say_the_same(
    rows: list[NumberRow], claims: list[ClaimRow], called: str | None, shuffle: random.Random
) -> None:
    shuffled = list(claims)
    shuffle.shuffle(shuffled)
    assert ranked(rows, called, claims=shuffled) == ranked(rows, called, claims=claims)


@given(rows_of, claims_of, called_accounts, st.sets(st.sampled_from(["acme", "fleuron", "khalij"])))
def test_claims_lead_to_nobody_whom_the_agent_may_not_see(
    rows: list[NumberRow], claims: list[ClaimRow], called: str | None, granted: set[str]
) -> None:
    """Status, company and list are the same as if the people of the other accounts did not exist."""
    snapshot = build(
        accounts=(ACME, FLEURON, KHALIJ),
        agents=(Agent("ana", "Ana"),),
        shares=map(RoleShare, ("acme", "fleuron", "khalij")),
        grants=(Grant("ana", account) for account in granted),
    )
    visible = visible_to("ana", snapshot, AT)
    seen = Claimants(claims).seen_by(visible)
    without = Claimants([one for one in claims if one.account in granted]).seen_by(visible)
    mine = Holders(rows).seen_by(visible)
    assert ranked(mine, called, claims=seen) == ranked(mine, called, claims=without)
    assert {match.person.account for match in ranked(mine, called, claims=seen).matches} <= granted


@given(rows_of, claims_of, called_accounts)
def test_whoever_is_identified_is_able_and_comes_first(
    rows: list[NumberRow], claims: list[ClaimRow], called: str | None
) -> None:
    """Of whom the number knows nothing is only told where the call went; and every list has the disabled last."""
    ranking = ranked(rows, called, claims=claims)
    holders = {(row.account, row.person) for row in rows}
    assert [match.disabled for match in ranking.matches] == sorted(match.disabled for match in ranking.matches)
    for match in ranking.matches:
        assert match.rows or match.in_called
        assert bool(match.rows) <= ((match.person.account, match.person.id) in holders)
    match ranking.status:
        case Status.IDENTIFIED:
            assert not ranking.matches[0].disabled
            assert ranking.account == ranking.matches[0].person.account
        case Status.AMBIGUOUS:
            assert len(ranking.matches) > 1
        case Status.SHARED:
            assert not ranking.matches
        case Status.UNKNOWN:
            assert all(match.disabled for match in ranking.matches)
    if not claims:
        assert not ranking.contradicted
