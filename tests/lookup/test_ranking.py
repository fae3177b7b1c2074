"""Status and order: the contract's rules as a table, and what must hold for any rows."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.resolution import Status
from ctibridge.lookup.claims import ClaimRow
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.matching import matches, named
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.ranking import Ranking, rank
from ctibridge.lookup.snapshot import build
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import ACME, AT, FLEURON, KHALIJ, MOBILE, row

NUMBER = Understood(e164=MOBILE)
A1, A2, A3 = row("acme", "a1"), row("acme", "a2"), row("acme", "a3")
F1, F2 = row("fleuron", "f1"), row("fleuron", "f2")
K1 = row("khalij", "k1")
OFF_A = row("acme", "a9", disabled=True)
OFF_F = row("fleuron", "f9", disabled=True)


def ranked(
    rows: Sequence[NumberRow], called: str | None = None, shared: int = 5, claims: Sequence[ClaimRow] = ()
) -> Ranking:
    return rank(matches(rows, NUMBER, called), called, shared, named(claims, called, shared))


def people(ranking: Ranking) -> list[str]:
    return [match.person.id for match in ranking.matches]


def crowd(account: str, size: int, *, disabled: bool = False) -> list[NumberRow]:
    return [row(account, f"{account}{number}", "work", disabled=disabled) for number in range(size)]


@pytest.mark.parametrize(
    ("rows", "called", "status", "account", "order"),
    [
        # one
        ([], None, "unknown", None, []),
        ([A1], None, "identified", "acme", ["a1"]),
        ([A1], "acme", "identified", "acme", ["a1"]),
        ([A1], "fleuron", "identified", "acme", ["a1"]),  # who calls another customer's desk is still who he is
        # several of one company
        ([A2, A1], None, "ambiguous", "acme", ["a1", "a2"]),
        ([A2, A1], "acme", "ambiguous", "acme", ["a1", "a2"]),
        (crowd("acme", 4), None, "ambiguous", "acme", ["acme0", "acme1", "acme2", "acme3"]),
        # one number, two companies: the company called decides
        ([A1, F1], "acme", "identified", "acme", ["a1", "f1"]),
        ([A1, F1], "fleuron", "identified", "fleuron", ["f1", "a1"]),
        ([A1, F1], "khalij", "ambiguous", None, ["a1", "f1"]),
        ([A1, F1], None, "ambiguous", None, ["a1", "f1"]),
        ([A1, F1, F2], "acme", "identified", "acme", ["a1", "f1", "f2"]),
        ([A1, F1, F2], "fleuron", "ambiguous", "fleuron", ["f1", "f2", "a1"]),
        ([A1, F1, K1], "khalij", "identified", "khalij", ["k1", "a1", "f1"]),
        # disabled people come last and are never meant
        ([OFF_A], None, "unknown", None, ["a9"]),
        ([OFF_A], "acme", "unknown", None, ["a9"]),
        ([OFF_A, A1], None, "identified", "acme", ["a1", "a9"]),
        ([OFF_A, F1], "acme", "identified", "fleuron", ["f1", "a9"]),
        ([OFF_A, A1, A2], "acme", "ambiguous", "acme", ["a1", "a2", "a9"]),
        ([OFF_F, OFF_A], "fleuron", "unknown", None, ["f9", "a9"]),
        # shared: the company only
        (crowd("acme", 5), None, "shared", "acme", []),
        (crowd("acme", 5, disabled=True), None, "shared", "acme", []),
        ([*crowd("acme", 4), *crowd("fleuron", 4)], None, "ambiguous", None, None),
        ([*crowd("acme", 5), F1], None, "shared", None, []),
        ([*crowd("acme", 5), F1], "acme", "shared", "acme", []),
        ([*crowd("acme", 5), F1], "fleuron", "shared", "fleuron", []),
        ([*crowd("acme", 5), F1], "khalij", "shared", None, []),
        (crowd("acme", 5), "fleuron", "shared", "acme", []),
        ([row("acme", "a1", "general")], None, "shared", "acme", []),
        ([row("acme", "a1", "general"), A2], "acme", "shared", "acme", []),
        ([row("acme", "a1", "general"), row("acme", "a1", "work")], None, "shared", "acme", []),
        # a fax is nobody
        ([row("acme", "a1", "fax")], None, "unknown", None, []),
        ([row("acme", "a1", "fax"), A2], None, "identified", "acme", ["a2"]),
        ([*(row("acme", f"a{n}", "fax") for n in range(9)), A2], None, "identified", "acme", ["a2"]),
    ],
)
def test_rules(
    rows: list[NumberRow], called: str | None, status: str, account: str | None, order: list[str] | None
) -> None:
    ranking = ranked(rows, called)
    assert (ranking.status, ranking.account) == (status, account)
    assert order is None or people(ranking) == order


def test_many_is_what_the_settings_say() -> None:
    assert ranked(crowd("acme", 2), shared=2).status is Status.SHARED
    assert ranked(crowd("acme", 9), shared=10).status is Status.AMBIGUOUS


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (row(person="z", label="mobile"), row(person="a", label="work")),
        (row(person="z", label="work"), row(person="a", label="home")),
        (row(person="z", label="home"), row(person="a", label="pager")),
        (NumberRow("acme", "z", "work", imported=True), NumberRow("acme", "a", "work")),
        (row("acme", "z", "work"), row("fleuron", "a", "mobile")),  # acme was called: stronger than any label
        (row(person="z", label="other"), row(person="a", label="mobile", disabled=True)),
        (row(person="a"), row(person="z")),  # nothing else tells them apart
    ],
)
def test_better_comes_before_worse(better: NumberRow, worse: NumberRow) -> None:
    assert people(ranked([worse, better], "acme")) == [better.person, worse.person]


def test_identified_names_the_one() -> None:
    identified = ranked([A1, F1], "acme").identified
    assert identified is not None
    assert identified.person.id == "a1"
    assert ranked([A1, F1]).identified is None


rows_of = st.lists(
    st.builds(
        NumberRow,
        account=st.sampled_from(["acme", "fleuron", "khalij"]),
        person=st.sampled_from("abcdefg"),
        label=st.sampled_from(["mobile", "work", "home", "fax", "general", "other"]),
        disabled=st.booleans(),
        imported=st.booleans(),
    ),
    max_size=14,
)
called_accounts = st.sampled_from([None, "acme", "fleuron", "khalij"])


@given(rows_of, called_accounts, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_changes_nothing(
    rows: list[NumberRow], called: str | None, shuffle: random.Random
) -> None:
    shuffled = list(rows)
    shuffle.shuffle(shuffled)
    assert ranked(shuffled, called) == ranked(rows, called)


@given(rows_of, called_accounts)
def test_rows_twice_say_nothing_more(rows: list[NumberRow], called: str | None) -> None:
    once, twice = ranked(list(dict.fromkeys(rows)), called), ranked([*rows, *rows], called)
    assert (once.status, once.account, people(once)) == (twice.status, twice.account, people(twice))


@given(rows_of, called_accounts, st.sets(st.sampled_from(["acme", "fleuron", "khalij"])))
def test_what_an_agent_may_not_see_changes_nothing(
    rows: list[NumberRow], called: str | None, granted: set[str]
) -> None:
    """Status, company and list are the same as if the rows of the other accounts did not exist."""
    snapshot = build(
        accounts=(ACME, FLEURON, KHALIJ),
        agents=(Agent("ana", "Ana"),),
        shares=map(RoleShare, ("acme", "fleuron", "khalij")),
        grants=(Grant("ana", account) for account in granted),
    )
    visible = visible_to("ana", snapshot, AT)
    seen = Holders(rows).seen_by(visible)
    without = Holders([one for one in rows if one.account in granted]).seen_by(visible)
    assert ranked(seen, called) == ranked(without, called)
    assert {match.person.account for match in ranked(seen, called).matches} <= granted


@given(rows_of, called_accounts, st.sets(st.sampled_from(["acme", "fleuron", "khalij"])))
def test_a_grant_that_goes_only_removes(rows: list[NumberRow], called: str | None, kept: set[str]) -> None:
    """Nobody comes in and nobody overtakes. Only a shared number may become less than shared: then the other account's
    people are told, as they would be had the shared one never been there."""
    before = ranked(rows, called)
    after = ranked([one for one in rows if one.account in kept], called)
    if before.status is not Status.SHARED:
        assert after.status is not Status.SHARED
        assert people(after) == [match.person.id for match in before.matches if match.person.account in kept]


@given(rows_of, called_accounts)
def test_status_and_list_agree(rows: list[NumberRow], called: str | None) -> None:
    ranking = ranked(rows, called)
    able = [match for match in ranking.matches if not match.disabled]
    match ranking.status:
        case Status.IDENTIFIED:
            assert ranking.matches[0] in able
            assert ranking.account == ranking.matches[0].person.account
        case Status.AMBIGUOUS:
            assert len(able) > 1
        case Status.SHARED:
            assert not ranking.matches
        case Status.UNKNOWN:
            assert not able
    assert [match.disabled for match in ranking.matches] == sorted(match.disabled for match in ranking.matches)
