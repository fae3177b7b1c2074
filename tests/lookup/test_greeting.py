from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.account import ServiceNumber
from ctibridge.lookup.greeting import Speaker, greeting, names_agent
from tests.lookup.examples import ACME_SERVICE, AT

ANA = Speaker("Ana", "ACME AG", "Europe/Zurich", AT)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("de-CH", "Grüezi, ACME AG, mein Name ist Ana."),  # exact
        ("de-AT", "Guten Abend, ACME AG, mein Name ist Ana."),  # primary language
        ("en-GB", "Good evening, ACME AG, Ana speaking."),
        ("ja", "Guten Abend, ACME AG, mein Name ist Ana."),  # the service number's default language
    ],
)
def test_which_text(tag: str, expected: str) -> None:
    assert greeting(ACME_SERVICE, tag, ANA) == expected


def test_without_a_text_there_is_none() -> None:
    assert greeting(replace(ACME_SERVICE, default_language=None), "ja", ANA) is None
    assert greeting(replace(ACME_SERVICE, default_language="fr"), "ja", ANA) is None
    assert greeting(replace(ACME_SERVICE, greetings={}), "de", ANA) is None


def test_the_default_language_may_have_a_region() -> None:
    assert (
        greeting(replace(ACME_SERVICE, default_language="en-AU"), "ja", ANA) == "Good evening, ACME AG, Ana speaking."
    )


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("zh-Hant-TW", "traditional"), ("zh-TW", "plain"), ("nb-NO", "norsk"), ("gsw", "deutsch"), ("hr", "deutsch")],
)
def test_what_a_tag_is_part_of_comes_before_the_default(tag: str, expected: str) -> None:
    """Who understands a text is no reason to greet him in it: a Croat is not greeted in Serbian."""
    greetings = {"zh-Hant": "traditional", "zh": "plain", "no": "norsk", "de": "deutsch", "sr": "srpski"}
    assert greeting(replace(ACME_SERVICE, greetings=greetings), tag, ANA) == expected


def test_the_time_of_day_is_the_callers() -> None:
    morning = replace(ANA, at=AT - timedelta(hours=10))
    assert str(greeting(ACME_SERVICE, "de", morning)).startswith("Guten Morgen")
    assert str(greeting(ACME_SERVICE, "de", replace(morning, zone="Asia/Tokyo"))).startswith("Guten Tag")
    assert str(greeting(ACME_SERVICE, "de", replace(morning, zone=None))).startswith("Guten Tag")


@pytest.mark.parametrize(
    "text",
    [
        "{agent.__class__}",
        "{agent!r}",
        "{0}",
        "{",
        "}",
        "{{agent}",
        "{unknown} {agent",
        "%s %(agent)s",
        "{salutation:>99999999}",
    ],
)
def test_what_is_no_placeholder_stays_as_it_is(text: str) -> None:
    service = ServiceNumber("+49", "acme", "Desk", {"de": text})
    assert greeting(service, "de", replace(ANA, agent="A")) == text.replace("{agent}", "A")


def test_a_name_that_looks_like_a_placeholder_is_a_name() -> None:
    service = ServiceNumber("+49", "acme", "Desk", {"de": "{agent} {account}"})
    assert greeting(service, "de", replace(ANA, agent="{account}")) == "{account} ACME AG"


def test_without_an_agent_only_a_text_that_does_not_name_him_can_be_said() -> None:
    nobody = replace(ANA, agent=None)
    service = ServiceNumber("+49", "acme", "Desk", {"de": "Hier ist {account}.", "en": "{agent} speaking."})
    assert greeting(service, "de", nobody) == "Hier ist ACME AG."
    assert greeting(service, "en", nobody) is None
    assert (names_agent(service, "de"), names_agent(service, "en"), names_agent(service, "ja")) == (False, True, False)


@given(st.text(alphabet="{}agentsalutation.!:0[]", max_size=60))
def test_any_text_makes_a_greeting(text: str) -> None:
    assert greeting(ServiceNumber("+49", "acme", "Desk", {"de": text}), "de", ANA) is not None
