from dataclasses import replace

import pytest

from ctibridge.domain.account import Announcement
from ctibridge.domain.person import PersonKey
from ctibridge.domain.screen_pop import Customer
from ctibridge.lookup.customer import customer
from ctibridge.lookup.visibility import visible_to
from tests.lookup.examples import ACME, AT, FLEURON, REGULA, SNAPSHOT

COMPANY = replace(ACME, briefing={"de": "VIPs zuerst"}, verification={"de": "Personalnummer?", "en": "Number?"})
TOLD = (
    Announcement("acme", "all", {"de": "Das Netz ist weg.", "en": "The network is down."}),
    Announcement("acme", "site", {"de": "Druckerei zu."}, "Zürich"),
    Announcement("fleuron", "theirs", {"fr": "Fermé."}),
)
ANA = visible_to("ana", SNAPSHOT, AT)
BEN = visible_to("ben", SNAPSHOT, AT)
"""Granted: fleuron alone."""


def test_briefing_for_the_agent_verification_for_the_caller() -> None:
    found = customer((COMPANY, None), ANA, TOLD, None, "en-GB", ("de", "en"), AT)
    assert found is not None
    assert found.account == ACME.ref
    assert found.briefing is not None
    assert found.verification is not None
    assert (found.briefing.text, found.verification.text) == ("VIPs zuerst", "Number?")
    assert [(one.id, one.text.text) for one in found.announcements] == [("all", "Das Netz ist weg.")]


def test_an_agent_without_the_role_is_told_nothing_of_that_customer() -> None:
    assert customer((COMPANY, None), BEN, TOLD, None, "de", ("de",), AT) is None


def test_the_callers_own_company_where_the_called_one_is_not_granted() -> None:
    found = customer((COMPANY, FLEURON), BEN, TOLD, None, "fr", ("en",), AT)
    assert found is not None
    assert (found.account, [one.id for one in found.announcements]) == (FLEURON.ref, ["theirs"])


def test_the_called_company_before_the_callers_own() -> None:
    found = customer((COMPANY, FLEURON), ANA, TOLD, None, "fr", ("en",), AT)
    assert found is not None
    assert found.account == ACME.ref


def test_a_company_without_texts_is_named_all_the_same() -> None:
    assert customer((None, FLEURON), ANA, (), None, "fr", (), AT) == Customer(FLEURON.ref)
    assert customer((None, None), ANA, TOLD, None, "fr", (), AT) is None


@pytest.mark.parametrize(("account", "expected"), [("acme", ["site", "all"]), ("fleuron", ["all"])])
def test_a_site_of_the_same_name_at_another_customer_is_another_one(account: str, expected: list[str]) -> None:
    caller = replace(REGULA, key=PersonKey(account, "p17"))
    found = customer((COMPANY, None), ANA, TOLD, caller, "de", ("de",), AT)
    assert found is not None
    assert [one.id for one in found.announcements] == expected
