"""What must hold of status and order for anything that may speak for anybody."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Grade, Status
from ctibridge.lookup import ranking as lookup_ranking
from ctibridge.lookup.choices import ChoiceRow, Choices
from ctibridge.lookup.claims import Claim, Claimants, ClaimRow
from ctibridge.lookup.contacts import ContactRow, Contacts
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.matching import Match, evidence, matches
from ctibridge.lookup.proof import is_weak, standing
from ctibridge.lookup.ranking import Ranking
from ctibridge.lookup.snapshot import build
from ctibridge.lookup.visibility import Visible, visible_to
from tests.lookup.examples import ACME, AT, EMAIL, EMPLOYEE_ID, FLEURON, KHALIJ, MOBILE
from tests.lookup.test_ranking import choice, contact, ranked

ACCOUNTS = ("acme", "fleuron", "khalij")
T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """All that is known of one call's caller. Ids are alike in all companies."""

    called: str | None
    rows: Sequence[NumberRow] = ()
    claims: Sequence[ClaimRow] = ()
    choices: Sequence[ChoiceRow] = ()
    contacts: Sequence[ContactRow] = ()

    def of(self, accounts: set[str]) -> "Told":
        """Had there never been any other account."""
        return Told(
            self.called,
            [one for one in self.rows if one.account in accounts],
            [one for one in self.claims if one.account in accounts],
            [one for one in self.choices if one.account in accounts],
            [one for one in self.contacts if one.account in accounts],
        )

    def seen(self, visible: Visible) -> "Told":
        return Told(
            self.called,
            Holders(self.rows).seen_by(visible),
            Claimants(self.claims).seen_by(visible),
            Choices(self.choices).seen_by(visible),
            Contacts(self.contacts).seen_by(visible),
        )

    def shuffled(self, shuffle: random.Random) -> "Told":
        return Told(
            self.called,
            shuffled(self.rows, shuffle),
            shuffled(self.claims, shuffle),
            shuffled(self.choices, shuffle),
            shuffled(self.contacts, shuffle),
        )

    @property
    def ranking(self) -> Ranking:
        return ranked(self.rows, self.called, 4, self.claims, self.choices, self.contacts)


def shuffled(facts: Sequence[T], shuffle: random.Random) -> list[T]:
    return shuffle.sample(list(facts), len(facts))


account, person, called = st.sampled_from(ACCOUNTS), st.sampled_from("abcde"), st.sampled_from([None, *ACCOUNTS])
rows = st.builds(
    NumberRow,
    account,
    person,
    st.sampled_from(["mobile", "work", "home", "other", "fax", "general"]),
    st.integers(0, 5).map(lambda drawn: drawn == 0),
    st.booleans(),
    st.sampled_from([MOBILE, "4711"]),
    st.sampled_from(Grade),
)
claims: st.SearchStrategy[Claim] = st.sampled_from([EMPLOYEE_ID, EMAIL])
tellings = st.builds(
    Told,
    called,
    st.lists(rows.filter(lambda row: row.label != "general") | rows, max_size=8),
    st.lists(st.builds(ClaimRow, account, person, st.booleans(), claims), max_size=4),
    st.lists(st.builds(choice, account, person, st.integers(-1, 95), called), max_size=5),
    st.lists(st.builds(contact, account, person, st.integers(0, 5)), max_size=4),
)
granted = st.sets(account)


def keys(ranking: Ranking) -> list[PersonKey]:
    return [match.person for match in ranking.matches]


def is_switchboard(ranking: Ranking) -> bool:
    return any(reason.startswith("switchboard") for reason in ranking.reasons)


@given(tellings, st.randoms(use_true_random=False))
def test_the_order_in_which_anything_is_told_changes_nothing(told: Told, shuffle: random.Random) -> None:
    first, second = told.ranking, told.shuffled(shuffle).ranking
    assert first == second
    assert [evidence(match) for match in first.matches] == [evidence(match) for match in second.matches]
    assert first.why_not() == second.why_not()


@given(tellings)
def test_the_order_is_total(told: Told) -> None:
    """No two stand alike, nobody stands twice, and the list is sorted by nothing but each one's own standing."""
    ranking = told.ranking
    standings = [standing(match) for match in ranking.matches]
    assert all(one < other for one, other in pairwise(standings))
    assert len(set(keys(ranking))) == len(ranking.matches)


@given(tellings)
def test_rows_twice_say_nothing_more(told: Told) -> None:
    once = replace(told, rows=list(dict.fromkeys(told.rows)))
    twice = replace(told, rows=[*told.rows, *told.rows])
    assert keys(once.ranking) == keys(twice.ranking)
    assert (once.ranking.status, once.ranking.account) == (twice.ranking.status, twice.ranking.account)


@given(tellings, granted)
def test_what_an_agent_may_not_see_changes_nothing(told: Told, granted: set[str]) -> None:
    """Status, company, list, reasons: as if the other accounts had never had this number."""
    seen = told.seen(visible(granted)).ranking
    assert seen == told.of(granted).ranking
    assert {match.person.account for match in seen.matches} <= granted
    assert seen.account is None or seen.account in granted


@given(tellings, granted, account)
def test_a_grant_that_goes_only_removes(told: Told, granted: set[str], gone: str) -> None:
    """The people of that account, and nobody else; nobody comes in, nobody overtakes. Only a switchboard may become
    less than one: of it nobody was listed, and now the other accounts' people are, as had it never been there."""
    before = told.seen(visible(granted)).ranking
    after = told.seen(visible(granted - {gone})).ranking
    if not is_switchboard(before):
        assert keys(after) == [person for person in keys(before) if person.account != gone]
        assert not is_switchboard(after)
    if gone not in granted:
        assert after == before


@given(tellings)
def test_status_and_list_agree(told: Told) -> None:
    ranking = told.ranking
    able = [match for match in ranking.matches if not match.disabled]
    match ranking.status:
        case Status.IDENTIFIED:
            assert _may_be_named(ranking.matches[0])
            assert ranking.account == ranking.matches[0].person.account
        case Status.AMBIGUOUS:
            assert len(able) > 1 or any(map(is_weak, able)) or ranking.contradicted
            assert able
        case Status.SHARED:
            assert not ranking.matches
            assert is_switchboard(ranking)
        case Status.UNKNOWN:
            assert not able
            assert ranking.account is None
    assert ranking.reasons
    assert ranking.matches[1:] == () or ranking.why_not().keys() >= set(keys(ranking)[1:])


def _may_be_named(match: Match) -> bool:
    whole = any(row.grade is not Grade.SUFFIX for row in match.rows)
    chosen = match.chosen is not None and match.chosen.here > 0
    return not match.disabled and (whole or chosen or bool(match.claims))


@given(tellings)
def test_a_contact_changes_neither_status_nor_who_is_listed(told: Told) -> None:
    without = replace(told, contacts=())
    assert told.ranking.status is without.ranking.status
    assert set(keys(told.ranking)) == set(keys(without.ranking))
    if told.ranking.identified is not None:
        assert keys(told.ranking)[0] == keys(without.ranking)[0]


@given(tellings)
def test_of_another_company_only_what_speaks_for_the_caller_is_told(told: Told) -> None:
    """A fax, the extension or the end of a number of another company, an id alone: nobody comes in by these. An e-mail
    address is nobody else's."""
    for match in told.ranking.matches:
        assert all(row.label != "fax" for row in match.rows)
        if told.called not in {None, match.person.account}:
            assert all(row.grade in {Grade.EXACT, Grade.REWRITTEN} for row in match.rows)
        near = told.called in {None, match.person.account}
        assert match.rows or match.chosen or (match.claims and near) or EMAIL in match.claims


@given(tellings, granted, account)
def test_where_few_who_left_are_listed_a_grant_that_goes_still_only_removes(
    told: Told, granted: set[str], gone: str
) -> None:
    with mock.patch.object(lookup_ranking, "MOST_LEAVERS", 1):
        before = told.seen(visible(granted)).ranking
        after = told.seen(visible(granted - {gone})).ranking
    left = Counter(match.person.account for match in before.matches if match.disabled)
    assert max(left.values(), default=0) <= 1
    if not is_switchboard(before):
        assert keys(after) == [person for person in keys(before) if person.account != gone]


@given(tellings)
def test_who_has_left_makes_no_switchboard(told: Told) -> None:
    """Without them status and company are the same. A label `general` is the line's, on whosever record it stands."""
    without = replace(
        told, rows=[row for row in told.rows if not _left(told, row.account, row.person)], claims=[], choices=[]
    )
    alone = replace(told, claims=[], choices=[])
    if not any(row.label == "general" for row in told.rows):
        assert (alone.ranking.status, alone.ranking.account) == (without.ranking.status, without.ranking.account)


def _left(told: Told, account: str, person: str) -> bool:
    his = [row for row in told.rows if (row.account, row.person) == (account, person)]
    return any(match.disabled for match in matches(his, told.called))


def visible(accounts: set[str]) -> Visible:
    snapshot = build(
        accounts=(ACME, FLEURON, KHALIJ),
        agents=(Agent("ana", "Ana"),),
        shares=map(RoleShare, ACCOUNTS),
        grants=(Grant("ana", account) for account in accounts),
    )
    return visible_to("ana", snapshot, AT)
