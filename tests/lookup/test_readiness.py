"""Is a customer ready for its first call? Each finding, good and bad."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.domain.account import Account, ServiceNumber
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.finding import Finding
from ctibridge.domain.last_call import LastCall
from ctibridge.lookup.readiness import People, findings
from ctibridge.lookup.snapshot import build
from tests.lookup.examples import ACME, ACME_SERVICE, AT, BEN, FLEURON, FLEURON_SERVICE, GONE

READY = replace(ACME, briefing={"de": "Duzen."})
SERVICE = replace(ACME_SERVICE, greetings={"de": "Hallo"})
PEOPLE = People(20, 18)
LATER, BEFORE = AT + timedelta(days=1), AT - timedelta(days=1)


def found(
    account: Account = READY,
    shares: Iterable[RoleShare] = (RoleShare("acme"),),
    grants: Iterable[Grant] = (Grant("ben", "acme"),),
    services: Iterable[ServiceNumber] = (SERVICE,),
    people: People | None = PEOPLE,
    agents: Iterable[Agent] = (BEN, GONE),
    tested: LastCall | None = None,
) -> dict[str, list[Finding]]:
    snapshot = build(
        accounts=(account, FLEURON), agents=agents, shares=shares, grants=grants,
        service_numbers=(*services, FLEURON_SERVICE),
    )  # fmt: skip
    by_what: dict[str, list[Finding]] = {}
    for finding in findings(account, snapshot, people, tested, AT):
        by_what.setdefault(finding.what, []).append(finding)
    return by_what


def only(by_what: dict[str, list[Finding]], what: str) -> Finding:
    (finding,) = by_what[what]
    return finding


def test_a_customer_who_is_ready_is_good_in_everything() -> None:
    every = found()
    assert all(finding.good for listed in every.values() for finding in listed)
    assert list(every) == [
        "share", "grants", "service numbers", "greeting", "hours", "briefing", "people", "test call",
    ]  # fmt: skip
    assert [one.text for one in every["greeting"]] == ["in de", "in de-CH"]
    assert only(every, "service numbers").text == "+493023125100"
    assert only(every, "hours").text == "Mo-Fr 07:00-19:00 Europe/Berlin"
    assert only(every, "people").text == "20, 18 of them with a number that can match"


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        ([RoleShare("acme")], "without end"),
        ([RoleShare("acme", ends_at=LATER)], "until 2026-11-21 18:00 UTC"),
        # of two shares the one that holds says until when
        ([RoleShare("acme"), RoleShare("acme", "another_role", ends_at=BEFORE)], "without end"),
        ([RoleShare("acme", ends_at=LATER), RoleShare("acme", "another_role")], "until 2026-11-21 18:00 UTC"),
        ([RoleShare("acme", ends_at=BEFORE), RoleShare("acme", ends_at=LATER)], "until 2026-11-21 18:00 UTC"),
    ],
)
def test_a_share_says_until_when_it_holds(shares: list[RoleShare], text: str) -> None:
    share = only(found(shares=shares), "share")
    assert (share.good, share.text) == (True, text)


@pytest.mark.parametrize(
    "shares",
    [
        [],
        [RoleShare("fleuron")],
        [RoleShare("acme", "another_role")],
        [RoleShare("acme", ends_at=AT)],
        [RoleShare("acme", starts_at=LATER)],
    ],
)
def test_without_a_share_that_holds_the_mend_is_one(shares: list[RoleShare]) -> None:
    assert only(found(shares=shares), "share").mend == "ctibridge share acme"


def test_grants_are_counted_by_who_may_see_now() -> None:
    two = [Grant("ben", "acme"), Grant("gone", "acme"), Grant("ben", "fleuron")]
    assert only(found(grants=two), "grants").text == "1 agent may see its people now"
    ana = replace(BEN, id="ana")
    both = [Grant("ben", "acme"), Grant("ana", "acme")]
    assert only(found(grants=both, agents=(BEN, ana)), "grants").text == "2 agents may see its people now"


@pytest.mark.parametrize(
    "grant",
    [
        Grant("ben", "acme", starts_at=LATER),
        Grant("ben", "acme", hours="Sa-Su 08:00-18:00 Europe/Berlin"),
    ],
)
def test_a_grant_for_later_is_good_and_says_so(grant: Grant) -> None:
    finding = only(found(grants=[grant]), "grants")
    assert finding.good
    assert finding.text.startswith("nobody now;")


def test_a_grant_that_waits_for_the_share_is_not_said_to_hold_at_other_hours_only() -> None:
    finding = only(found(shares=[]), "grants")
    assert (finding.good, "waits for the share" in finding.text) == (True, True)


@pytest.mark.parametrize(
    "grants",
    [
        [],
        [Grant("ben", "fleuron")],
        [Grant("ben", "acme", ends_at=AT)],
        [Grant("gone", "acme")],  # he has left the provider
        [Grant("nobody", "acme")],
    ],
)
def test_nobody_may_see_its_people(grants: list[Grant]) -> None:
    assert only(found(grants=grants), "grants").mend == "ctibridge grant AGENT acme"


def test_no_service_number() -> None:
    every = found(services=())
    assert only(every, "service numbers").mend == "import service_numbers.csv with a row for acme"
    assert [one.text for one in every["greeting"]] == ["none in de", "none in de-CH"]
    assert only(every, "hours").text == "none at no service number"


def test_a_greeting_is_missing_at_one_number_in_one_language() -> None:
    english = replace(READY, languages=("de", "en"), default_language="en")
    silent = replace(SERVICE, number="+493023125200")
    spoken = replace(SERVICE, greetings={"de": "Hallo", "en": "Hello"})
    german, missing = found(english, services=(spoken, silent))["greeting"]
    assert german == Finding("greeting", "in de")
    assert (missing.text, missing.mend) == (
        "none in en at +493023125200",
        "fill greeting_en in service_numbers.csv",
    )


def test_a_greeting_of_the_wider_language_is_one_for_the_narrower_as_the_pop_would_show_it() -> None:
    taiwan = replace(READY, languages=("zh-Hant-TW",), default_language=None)
    for tag in ("zh-Hant-TW", "zh-Hant", "zh"):
        assert only(found(taiwan, services=[replace(SERVICE, greetings={tag: "您好"})]), "greeting").good
    narrower = found(replace(taiwan, languages=("zh",)), services=[replace(SERVICE, greetings={"zh-Hant": "您好"})])
    assert not only(narrower, "greeting").good


def test_no_language_at_all() -> None:
    every = found(replace(READY, languages=(), default_language=None))
    assert only(every, "languages").mend == "fill languages and default_language in accounts.csv"
    assert "greeting" not in every


def test_hours_of_one_number_are_missing() -> None:
    finding = only(found(services=[SERVICE, replace(SERVICE, number="7005", support_hours=None)]), "hours")
    assert (finding.text, finding.mend) == ("none at 7005", "fill support_hours in service_numbers.csv")


def test_no_briefing() -> None:
    assert only(found(ACME), "briefing").mend == "fill briefing_LANG in accounts.csv"
    assert only(found(), "briefing").text == "in de"


def test_no_people_and_people_without_numbers() -> None:
    assert "import people.csv" in str(only(found(people=People(0, 0)), "people").mend)
    assert "in Redis" in only(found(people=None), "people").text
    assert "phones.csv" in str(only(found(people=People(1200, 0)), "people").mend)
    assert only(found(people=People(1200, 1)), "people").text == "1,200, 1 of them with a number that can match"


def test_other_customers_change_nothing() -> None:
    assert found() == found(shares=(RoleShare("acme"), RoleShare("fleuron")), grants=(
        Grant("ben", "acme"), Grant("ben", "fleuron"),
    ))  # fmt: skip


def test_the_last_test_call_is_told_and_a_failed_one_to_be_mended() -> None:
    assert only(found(), "test call").text == "none was made yet"
    good = only(found(tested=LastCall("pbx", "acme", AT, None, 12)), "test call")
    assert good.good
    assert "good, popped after 12 ms" in good.text
    bad = only(found(tested=LastCall("pbx", "acme", AT, "pop", None)), "test call")
    assert bad.mend == "ctibridge selftest --trunk pbx says why"
