from dataclasses import replace

import pytest

from ctibridge.domain.account import Account, Text
from ctibridge.lookup import texts
from tests.lookup.examples import ACME

TEXTS = {"de": "Guten Tag", "de-CH": "Grüezi", "en": "Hello", "pt-BR": "Olá", "zh-Hant": "您好", "no": "God dag"}
COMPANY: Account = replace(
    ACME,
    default_language="de",
    briefing={"de": "VIPs zuerst", "fr": "les VIP d’abord"},
    verification={"de": "Personalnummer?", "en": "Employee number?"},
    out_of_hours={"de": "Montag wieder", "fr": "Revenez lundi"},
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["de-CH", "en"], "de-CH"),  # exact
        (["de-AT", "en"], "de"),  # what it is part of
        (["zh-Hant-TW"], "zh-Hant"),
        (["nb"], "no"),
        (["pt"], "pt-BR"),  # the same language of another region
        (["pt-PT", "en"], "pt-BR"),
        (["ja", "en"], "en"),  # the next that is wanted
        ([None, "", "Deutsch", "en"], "en"),  # what is no tag is passed over
        (["ja"], "de"),  # whatever there is: the first by tag
        ([], "de"),
    ],
)
def test_best(wanted: list[str | None], expected: str) -> None:
    assert texts.best(TEXTS, wanted) == Text(expected, TEXTS[expected])


def test_where_there_is_no_text_there_is_none() -> None:
    assert texts.best({}, ["de"]) is None


def test_a_text_of_no_language_serves_where_there_is_no_other() -> None:
    assert texts.best({"und": "Network down"}, ["de", "en"]) == Text("und", "Network down")


@pytest.mark.parametrize(
    ("languages", "expected"), [(("en", "fr", "de"), "fr"), (("de-CH",), "de"), (("ja",), "de"), ((), "de")]
)
def test_the_briefing_is_for_the_agent(languages: tuple[str, ...], expected: str) -> None:
    found = texts.briefing(COMPANY, languages)
    assert found is not None
    assert found.language == expected


@pytest.mark.parametrize(
    ("caller", "languages", "expected"),
    [
        ("en-GB", ("de",), "en"),  # the caller's language before the agent's
        ("ja", ("fr", "en"), "en"),
        ("ja", ("fr",), "de"),  # the company's own
    ],
)
def test_the_verification_is_gone_through_with_the_caller(
    caller: str, languages: tuple[str, ...], expected: str
) -> None:
    found = texts.verification(COMPANY, caller, languages)
    assert found is not None
    assert found.language == expected


def test_out_of_hours_is_said_in_the_callers_language() -> None:
    assert texts.out_of_hours(COMPANY, "fr-BE") == Text("fr", "Revenez lundi")
    assert texts.out_of_hours(COMPANY, "ja") == Text("de", "Montag wieder")
    assert texts.out_of_hours(COMPANY, None) == Text("de", "Montag wieder")
    assert texts.out_of_hours(ACME, "de") is None


def test_a_customers_text_does_not_print() -> None:
    assert "Personalnummer" not in repr(texts.verification(COMPANY, "de", ()))
