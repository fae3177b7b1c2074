"""What stands on the pop of what is known behind the caller, and in which order."""

from datetime import timedelta

import pytest

from ctibridge.domain.context import (
    ConfigurationItem,
    Context,
    MajorIncident,
    Repeat,
    Request,
    Service,
    StandardRequest,
)
from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Status
from ctibridge.lookup import visibility
from ctibridge.lookup.context import (
    MOST,
    MOST_OWN,
    About,
    Article,
    Part,
    Reading,
    Rows,
    about,
    compose,
    fit,
    is_open,
    knowledge,
    plain,
    requests,
    services,
    spellings,
)
from ctibridge.lookup.matching import Match
from ctibridge.lookup.ranking import Ranking
from tests.lookup.examples import AT, SNAPSHOT

ANA = visibility.visible_to("ana", SNAPSHOT, AT)  # acme and fleuron
REGULA = Ranking(Status.IDENTIFIED, "acme", (Match(PersonKey("acme", "p17"), False, True),))
STRANGER = Ranking(Status.IDENTIFIED, "khalij", (Match(PersonKey("khalij", "k1"), False, False),))
UNKNOWN = Ranking(Status.UNKNOWN)
ALL = frozenset({"acme", "fleuron", "khalij"})


def request(id_: str, days: float | None, status: str = "in_progress") -> Request:
    at = None if days is None else AT - timedelta(days=days)
    return Request(id_, "Subject", status, at, None, None, is_open(status))


def ids(found: object) -> list[str]:
    assert isinstance(found, tuple)
    return [one.id for one in found]


# -- about whom --------------------------------------------------------------------------------------------------------


def test_an_identified_caller_is_asked_for_with_every_part() -> None:
    found = about(REGULA, "fleuron", ANA, ALL)
    assert found == About("acme", "p17")
    assert found.parts == tuple(Part)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.WITHHELD, Status.SHARED, Status.AMBIGUOUS])
def test_of_all_others_it_is_what_the_company_called_has_just_now(status: Status) -> None:
    found = about(Ranking(status), "acme", ANA, ALL)
    assert found == About("acme")
    assert found.parts == (Part.MAJOR_INCIDENTS,)


@pytest.mark.parametrize(
    ("ranked", "called"), [(STRANGER, "acme"), (STRANGER, None), (UNKNOWN, "khalij"), (UNKNOWN, None)]
)
def test_nobody_is_told_of_an_account_that_he_may_not_see(ranked: Ranking, called: str | None) -> None:
    """Not even of the one called, where the caller is of another."""
    assert about(ranked, called, ANA, ALL) is None


def test_an_account_without_any_context_is_not_asked_for() -> None:
    assert about(REGULA, "acme", ANA, frozenset({"fleuron"})) is None
    assert about(UNKNOWN, "acme", ANA, frozenset()) is None


# -- requests ----------------------------------------------------------------------------------------------------------


def test_open_requests_come_first_then_recent_ones_each_newest_first() -> None:
    found = [
        request("closed-new", 1, "completed"),
        request("open-old", 400),
        request("closed-old", 31, "completed"),
        request("open-new", 2),
        request("open-undated", None),
        request("closed-undated", None, "solved"),
        request("closed-month", 29.9, "completed"),
    ]
    assert ids(requests(found, AT)) == ["open-new", "open-old", "open-undated", "closed-new", "closed-month"]
    assert requests(found[::-1], AT) == requests(found, AT)


def test_of_many_requests_the_oldest_are_left_out() -> None:
    found = [request(f"r{number:02}", number / 10) for number in range(MOST + 5)]
    assert ids(requests(found, AT)) == [f"r{number:02}" for number in range(MOST)]


@pytest.mark.parametrize(
    "status",
    ["completed", "Closed", "Closed Complete", "closed-skipped", "Resolved", "solved", "Done", "Canceled", "Won't Do",
     "Geschlossen", "gelöst", "Terminé", "Résolu"],
)  # fmt: skip
def test_what_nobody_works_on_any_more_is_not_open(status: str) -> None:
    assert not is_open(status)


@pytest.mark.parametrize(
    "status", [None, "", "in_progress", "waiting_for_customer", "declined", "en cours", "whatever"]
)
def test_what_is_not_known_to_be_closed_is_open(status: str | None) -> None:
    assert is_open(status)


def test_a_status_is_one_word_however_it_is_written() -> None:
    assert {plain(text) for text in ("major_incident", "Major Incident", " MAJOR-INCIDENT ")} == {"major_incident"}
    assert spellings(["major_incident", "down"]) == ["down", "major incident", "major-incident", "major_incident"]


# -- he calls again ----------------------------------------------------------------------------------------------------


def test_who_called_before_or_waits_for_something_calls_again() -> None:
    parts = {Part.REQUESTS: [request("a", 1), request("b", 90), request("c", 1, "closed")]}
    called = Repeat(2, AT - timedelta(hours=1))
    reading = Reading(AT, calls=called)
    assert compose(parts, reading, complete=True).repeat == Repeat(2, AT - timedelta(hours=1), 2)
    assert compose(parts, Reading(AT), complete=True).repeat == Repeat(0, None, 2)
    assert compose({}, reading, complete=True).repeat == called
    assert compose({}, Reading(AT), complete=True).repeat is None


def test_all_open_requests_count_also_those_that_are_not_shown() -> None:
    parts = {Part.REQUESTS: [request(f"r{number}", number) for number in range(MOST + 5)]}
    found = compose(parts, Reading(AT), complete=True)
    assert found.repeat is not None
    assert (len(found.requests), found.repeat.open_requests) == (MOST, MOST + 5)


# -- services, items, what he may ask for ------------------------------------------------------------------------------


def test_what_is_down_comes_first_then_by_name() -> None:
    found = [Service("c", "Zeta", "Outage"), Service("b", "beta"), Service("a", "Alpha", "operational")]
    assert ids(services(found)) == ["c", "a", "b"]
    many = [Service(f"s{number}", "Name") for number in range(MOST_OWN + 1)]
    assert len(services(many)) == MOST_OWN


def test_items_and_standard_requests_come_by_name() -> None:
    parts: dict[Part, Rows] = {
        Part.CONFIGURATION_ITEMS: [ConfigurationItem("2", "nb"), ConfigurationItem("1", "NA")],
        Part.STANDARD_REQUESTS: [StandardRequest("2", "mail", "b"), StandardRequest("1", "mail", "A")],
    }
    found = compose(parts, Reading(AT), complete=True)
    assert (ids(found.configuration_items), ids(found.standard_requests)) == (["1", "2"], ["1", "2"])


# -- articles ----------------------------------------------------------------------------------------------------------


def article(id_: str, languages: str, service: str = "mail") -> Article:
    return Article(id_, service, f"Subject {id_}", None, tuple(languages.split()))


@pytest.mark.parametrize(
    ("languages", "language", "grade", "tag"),
    [
        ("en de-CH", "de-CH", 0, "de-CH"),
        ("en de", "de-CH", 0, "de"),
        ("en de-AT", "de-CH", 0, "de-AT"),
        ("zh-Hans zh-Hant", "zh-Hant-TW", 0, "zh-Hant"),
        ("no", "nb", 0, "no"),
        ("en fr", "pl", 1, "fr"),
        ("en de", "pl", 2, "en"),
        ("", "de", 2, None),
        ("en", None, 2, "en"),
        ("xx-broken", "de", 2, "xx-broken"),
    ],
)
def test_an_article_is_told_in_the_language_that_fits_best(
    languages: str, language: str | None, grade: int, tag: str | None
) -> None:
    found = fit(article("k", languages), language, "fr")
    assert (found[0], found[1].language) == (grade, tag)


def test_the_callers_language_then_the_accounts_then_any_for_each_service_by_itself() -> None:
    found = [
        article("de", "de"), article("pl", "pl en"), article("en", "en"),
        article("sap-en", "en", "sap"), article("sap-de", "de", "sap"),
        article("vpn-en", "en", "vpn"), article("vpn-none", "", "vpn"),
    ]  # fmt: skip
    told = knowledge(found, "pl", "de")
    assert [(one.id, one.language) for one in told] == [
        ("pl", "pl"), ("sap-de", "de"), ("vpn-en", "en"), ("vpn-none", None)
    ]  # fmt: skip
    assert knowledge(found[::-1], "pl", "de") == told


def test_no_more_articles_than_somebody_reads() -> None:
    assert len(knowledge([article(f"k{number}", "de") for number in range(MOST + 1)], "de", None)) == MOST


# -- the whole ---------------------------------------------------------------------------------------------------------


def test_what_has_not_come_is_empty_and_what_failed_is_named_in_one_order() -> None:
    failed = [Part.REQUESTS, Part.SERVICES]
    assert compose({}, Reading(AT), failed, complete=False) == Context(failed=("services", "requests"), complete=False)
    assert compose({}, Reading(AT), failed[::-1], complete=False).failed == ("services", "requests")


def test_major_incidents_stay_in_the_order_of_the_source() -> None:
    down = [MajorIncident("sap", "z"), MajorIncident(None, "a")]
    assert compose({Part.MAJOR_INCIDENTS: down}, Reading(AT), complete=True).major_incidents == tuple(down)


def test_no_word_of_a_customer_is_printed() -> None:
    assert "Frei" not in repr(Article("k", "mail", "Frei cannot log in", "https://x/Frei"))
