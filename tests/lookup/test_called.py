from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.domain.account import AccountRef
from ctibridge.domain.caller import Called
from ctibridge.domain.private import Number
from ctibridge.lookup.called import find, shown, support_hours
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.snapshot import build
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import ACME_SERVICE, AT, DESK, FLEURON_DESK, SHORT_SERVICE, SNAPSHOT


@pytest.mark.parametrize(
    ("offered", "number", "service"),
    [
        ([DESK], DESK, ACME_SERVICE),
        (["030 23125100"], DESK, ACME_SERVICE),
        (["6001", DESK], DESK, ACME_SERVICE),  # our own line in To, the called number in Diversion
        (["+493023125999", DESK], DESK, ACME_SERVICE),  # a service number wins over a number before it
        ([DESK, FLEURON_DESK], DESK, ACME_SERVICE),  # of two, the configured order decides
        (["7005"], "7005", SHORT_SERVICE),  # short ones match literally
        (["70 05"], "7005", SHORT_SERVICE),
        (["6001"], None, None),
        (["6001", "+493023125999", "+493023125998"], "+493023125999", None),
        (["alice", "\ud800", ""], None, None),
        ([], None, None),
    ],
)
def test_find(offered: list[str], number: str | None, service: object) -> None:
    called = find(map(Number, offered), DialPlan("DE"), SNAPSHOT)
    assert (called.number and called.number.value, called.service) == (number, service)
    assert called.account_id == (None if service is None else "acme")


def test_a_short_service_number_of_any_form_matches_literally() -> None:
    star = replace(SHORT_SERVICE, number="*55")
    snapshot = build(accounts=SNAPSHOT.accounts.values(), service_numbers=(star,))
    assert find([Number("*55")], DialPlan("DE"), snapshot).service is star


def test_a_service_number_of_no_account_is_none() -> None:
    snapshot = build(service_numbers=(ACME_SERVICE,))
    assert find([Number(DESK)], DialPlan(), snapshot).service is None


@pytest.mark.parametrize(("agent", "granted"), [("ana", True), ("ben", False), ("gone", False), ("nobody", False)])
def test_company_and_name_are_shown_to_whoever_rings(agent: str, granted: bool) -> None:
    called = find([Number(DESK)], DialPlan(), SNAPSHOT)
    assert shown(called, visible_to(agent, SNAPSHOT, AT), AT) == Called(
        DESK, AccountRef("acme", "ACME AG"), "ACME IT Service Desk", "closed", granted
    )


def test_without_service_number_all_is_null() -> None:
    called = find([Number("+493023125999")], DialPlan(), SNAPSHOT)
    assert shown(called, visible_to("ana", SNAPSHOT, AT), AT) == Called(
        "+493023125999", None, None, None, granted=False
    )


def test_support_hours() -> None:
    assert support_hours(ACME_SERVICE, AT - timedelta(hours=1)) == "open"
    assert support_hours(ACME_SERVICE, AT) == "closed"  # 19:00 in Berlin
    assert support_hours(SHORT_SERVICE, AT) is None
    assert support_hours(replace(ACME_SERVICE, support_hours="nonsense"), AT) is None
