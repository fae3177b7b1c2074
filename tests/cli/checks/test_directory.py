"""The directory's rows, by table."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import pytest

from ctibridge.cli.checks import directory
from ctibridge.delivery.settings import AccountPrivacy, PrivacySettings
from ctibridge.domain.account import ServiceNumber
from ctibridge.domain.agent import RoleShare
from ctibridge.domain.finding import Kind
from ctibridge.lookup.adapters.importing.journal import Entry
from ctibridge.lookup.adapters.state import DirectoryState
from ctibridge.lookup.snapshot import build
from tests.lookup.examples import ACME, ACME_SERVICE, AT, FLEURON

DAY = timedelta(days=1)


def entry(age: timedelta = timedelta(0), numbers: int = 95, **unmatchable: int) -> Entry:
    return Entry(AT - age, numbers, unmatchable)


def test_a_directory_in_which_all_is_well() -> None:
    snapshot = build(accounts=(ACME,), shares=(RoleShare("acme"),), service_numbers=(ACME_SERVICE,))
    state = DirectoryState(snapshot, {"acme": 3}, 4, {}, {"acme": entry()})
    assert [(one.what, one.kind) for one in directory.findings(state, AT)] == [
        ("ended shares", Kind.GOOD), ("freshness", Kind.GOOD), ("unmatchable", Kind.GOOD),
        ("service numbers", Kind.GOOD),
    ]  # fmt: skip


def test_numbers_that_an_account_does_not_allow_any_more() -> None:
    (found,) = directory.not_allowed({"acme": {"mobile": 3, "home": 1200}, "fleuron": {"fax": 1}})
    assert found.kind is Kind.MEND
    assert found.text == "1,204 numbers that their account does not allow: acme (home, mobile), fleuron (fax)"
    assert list(directory.not_allowed({})) == []


def test_an_agreement_with_somebody_who_is_not_known_is_a_typing_error() -> None:
    privacy = PrivacySettings(account=(AccountPrivacy("acme"), AccountPrivacy("acmee", phone_labels=("work",))))
    (found,) = directory.privacy_accounts(privacy, build(accounts=(ACME,)))
    assert (found.kind, found.text) == (Kind.NOTE, "[[privacy.account]] for accounts that are not in the store: acmee")
    assert list(directory.privacy_accounts(PrivacySettings(), build(accounts=(ACME,)))) == []


def test_who_does_not_share_need_not_be_fresh() -> None:
    state = DirectoryState(build(accounts=(ACME,)), {"acme": 3}, 4, {"acme": 3}, {"acme": entry(90 * DAY, 0, odd=9)})
    every = list(directory.findings(state, AT))
    assert [one.what for one in every if one.kind is Kind.MEND] == ["ended shares"]
    assert not [one for one in every if one.what == "freshness"]


@pytest.mark.parametrize(
    ("imports", "kind", "text"),
    [
        (
            {"acme": entry(7 * DAY), "fleuron": entry()},
            Kind.GOOD,
            "all of 2 accounts imported within 8 days, acme longest ago",
        ),
        ({"acme": entry(), "fleuron": entry()}, Kind.GOOD, "all of 2 accounts imported within a day"),
        ({"acme": entry(8 * DAY), "fleuron": entry()}, Kind.NOTE, "not imported for more than 7 days: acme (8 days)"),
        ({"acme": entry(-DAY), "fleuron": entry()}, Kind.NOTE, "imported in the future: acme"),
        ({"acme": entry()}, Kind.GOOD, "not known of fleuron: an older ctibridge imported it"),
    ],
)
def test_freshness(imports: Mapping[str, Entry], kind: Kind, text: str) -> None:
    (found,) = directory.freshness({"acme": 3, "fleuron": 1}, imports, AT)
    assert (found.kind, found.text) == (kind, text)


def test_of_an_empty_directory_nothing_is_old() -> None:
    assert list(directory.freshness({}, {}, AT)) == []


def test_numbers_that_can_never_match_are_told_by_account_with_why() -> None:
    reasons = {"a placeholder, no number": 1, "no digits": 3, "a local number; write it whole": 6}
    found = list(directory.unmatchable({"acme": Entry(AT, 90, reasons), "fleuron": entry(odd=4)}))
    assert [(one.what, one.kind) for one in found] == [("unmatchable", Kind.NOTE)]
    assert found[0].text == "10 of acme's (10%): 6 a local number; 3 no digits"
    assert found[0].mend == "ctibridge import PATH --account acme --report FILE lists them for the customer"


def test_few_of_them_are_good() -> None:
    (found,) = directory.unmatchable({"acme": entry(numbers=96, odd=4), "fleuron": entry(numbers=0)})
    assert (found.kind, found.text) == (Kind.GOOD, "4 of 100 numbers can never match")


def test_of_many_accounts_the_worst_are_named() -> None:
    found = list(directory.unmatchable({f"a{at}": entry(odd=at + 10) for at in range(30)}))
    assert len(found) == 9
    assert found[0].text.startswith("39 of a29's")
    assert found[-1].text == "as many of 22 more accounts"


@pytest.mark.parametrize(
    ("numbers", "shares", "expected"),
    [
        ((ACME_SERVICE,), (RoleShare("acme"),), {Kind.GOOD: 1}),
        ((), (), {Kind.NOTE: 1}),
        ((ACME_SERVICE,), (), {Kind.NOTE: 1}),
        ((ServiceNumber("+4930555", "gone", "Desk"),), (), {Kind.MEND: 1}),
        ((ACME_SERVICE, ServiceNumber("+4930555", "gone", "Desk")), (), {Kind.MEND: 1, Kind.NOTE: 1}),
    ],
)
def test_service_numbers(
    numbers: tuple[ServiceNumber, ...], shares: tuple[RoleShare, ...], expected: Mapping[Kind, int]
) -> None:
    snapshot = build(accounts=(ACME, FLEURON), shares=shares, service_numbers=numbers)
    assert Counter(one.kind for one in directory.service_numbers(snapshot, AT)) == expected
