from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.domain.account import AccountRef, ServiceNumber, Text
from ctibridge.domain.caller import Called
from ctibridge.domain.private import Name, Number
from ctibridge.lookup.called import find, holiday, shown, support_hours
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.snapshot import build
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import ACME, ACME_SERVICE, AT, DESK, FLEURON_DESK, FLEURON_SERVICE, SHORT_SERVICE, SNAPSHOT


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


MARKED = replace(ACME_SERVICE, caller_name_prefix="ACME:")
PREFIXED = build(accounts=SNAPSHOT.accounts.values(), service_numbers=(MARKED, FLEURON_SERVICE))


def test_the_prefix_counts_only_where_no_service_number_was_called() -> None:
    by_number = find([Number(FLEURON_DESK)], DialPlan("DE"), PREFIXED, Name("ACME: Frei"))
    assert by_number.account_id == "fleuron"
    by_name = find([Number("+493023125999")], DialPlan("DE"), PREFIXED, Name("ACME: Frei"))
    assert (by_name.number, by_name.account_id, by_name.service) == (Number("+493023125999"), "acme", MARKED)
    assert find([], DialPlan("DE"), PREFIXED, Name("ACME: Frei")).number is None
    assert find([], DialPlan("DE"), SNAPSHOT, Name("ACME: Frei")).service is None


@pytest.mark.parametrize(
    ("names", "account"),
    [
        ((Name("ACME: Frei"), Name("R. Frei")), "acme"),
        ((Name("R. Frei"), Name("ACME: Frei")), "acme"),
        ((None, Name("ACME: Frei")), "acme"),
        ((Name("ACME: Frei"), Name("FLEURON Frei")), "acme"),
        ((Name("FLEURON Frei"), Name("ACME: Frei")), "fleuron"),
        ((None, None), None),
        ((), None),
    ],
)
def test_of_several_names_the_first_with_a_prefix_finds_the_customer(
    names: tuple[Name | None, ...], account: str | None
) -> None:
    fleuron = replace(FLEURON_SERVICE, caller_name_prefix="FLEURON")
    both = build(accounts=SNAPSHOT.accounts.values(), service_numbers=(MARKED, fleuron))
    assert find([], DialPlan("DE"), both, *names).account_id == account


def test_the_service_number_before_which_a_colleague_diverted_is_found_behind_him() -> None:
    """`Diversion: <sip:400@x>;reason=no-answer, <sip:+49…@x>;reason=unconditional`, and the line itself in To."""
    assert find(map(Number, ["400", DESK, "6001"]), DialPlan("DE"), SNAPSHOT).service is ACME_SERVICE


HOLIDAYS = "2026-11-20 Works outing;2026-11-19"


@pytest.mark.parametrize(
    ("service", "hours_ago", "expected"),
    [
        (ACME_SERVICE, 1, "Works outing"),  # 18:00 on Friday in Berlin
        (ACME_SERVICE, 30, "2026-11-19"),  # Thursday
        (ACME_SERVICE, 60, None),
        (replace(ACME_SERVICE, support_hours="Mo-Su 00:00-24:00 Asia/Tokyo"), 1, None),  # Saturday there
        (SHORT_SERVICE, 1, "Works outing"),  # without hours of its own, by the account's time zone
    ],
)
def test_holiday(service: ServiceNumber, hours_ago: int, expected: str | None) -> None:
    account = replace(ACME, holidays=HOLIDAYS)
    assert holiday(service, account, AT - timedelta(hours=hours_ago)) == expected


def test_a_holiday_needs_a_time_zone() -> None:
    assert holiday(SHORT_SERVICE, replace(ACME, holidays=HOLIDAYS, time_zone=None), AT) is None
    assert holiday(ACME_SERVICE, ACME, AT) is None


def test_on_a_holiday_the_desk_is_closed_whose_hours_are_kept() -> None:
    at = AT - timedelta(hours=1)
    assert support_hours(ACME_SERVICE, at) == "open"
    assert support_hours(ACME_SERVICE, at, "Works outing") == "closed"
    assert support_hours(SHORT_SERVICE, at, "Works outing") is None


def test_who_calls_a_closed_desk_is_told_in_his_language_whoever_rings() -> None:
    account = replace(ACME, out_of_hours={"de": "Montag wieder.", "en": "Back on Monday."}, holidays=HOLIDAYS)
    snapshot = build(accounts=(account,), service_numbers=(ACME_SERVICE,))
    called, nobody = find([Number(DESK)], DialPlan(), snapshot), visible_to("nobody", snapshot, AT)
    closed = shown(called, nobody, AT, "en-GB")
    assert (closed.out_of_hours, closed.holiday, closed.granted) == (
        Text("en", "Back on Monday."),
        "Works outing",
        False,
    )
    assert shown(called, nobody, AT).out_of_hours == Text("de", "Montag wieder.")
    opened = shown(called, nobody, AT - timedelta(days=2, hours=2), "en")
    assert (opened.support_hours, opened.out_of_hours, opened.holiday) == ("open", None, None)
