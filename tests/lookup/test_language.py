import pytest

from ctibridge.domain.account import Account
from ctibridge.lookup.language import Ladder, choose, of_account

FULL = {"person": "de-CH", "site": "fr-CH", "called_number": "it", "account": "de", "calling_country": "JP"}


@pytest.mark.parametrize(
    ("present", "tag", "source"),
    [
        (("person", "site", "called_number", "account", "calling_country"), "de-CH", "person"),
        (("site", "called_number", "account", "calling_country"), "fr-CH", "site"),
        (("called_number", "account", "calling_country"), "it", "called_number"),
        (("account", "calling_country"), "de", "account"),
        (("calling_country",), "ja", "calling_country"),
        ((), "en", "default"),
        (("person", "account"), "de-CH", "person"),
    ],
)
def test_the_first_step_that_has_a_value(present: tuple[str, ...], tag: str, source: str) -> None:
    assert choose(Ladder("en", **{step: FULL[step] for step in present})) == (tag, source)


def test_a_country_without_language_is_no_step() -> None:
    assert choose(Ladder("en", calling_country="AQ")) == ("en", "default")


def test_a_tag_that_is_none_costs_its_step_alone() -> None:
    assert choose(Ladder("en", person="Deutsch", account="de")) == ("de", "account")


def test_tags_come_out_in_their_one_spelling() -> None:
    assert choose(Ladder("EN_gb")) == ("en-GB", "default")
    assert choose(Ladder("en", site="pt_br")) == ("pt-BR", "site")


@pytest.mark.parametrize(
    ("languages", "default", "expected"),
    [
        (("de", "fr"), "fr", "fr"),
        (("de",), None, "de"),  # the only one that it has
        (("de", "fr"), None, None),  # nobody said which
        ((), None, None),
    ],
)
def test_what_a_company_says_for_its_people(
    languages: tuple[str, ...], default: str | None, expected: str | None
) -> None:
    assert of_account(Account("acme", "ACME AG", None, languages, default)) == expected
    assert of_account(None) is None


def test_a_retired_code_is_the_one_that_took_its_place() -> None:
    assert choose(Ladder("en", person="iw", site="de")) == ("he", "person")
    assert choose(Ladder("en", person="und", account="de")) == ("de", "account")


@pytest.mark.parametrize("country", ["001", "", "XX", "de"])
def test_a_number_of_no_country_costs_no_call(country: str) -> None:
    assert choose(Ladder("en", calling_country=country))[0] in {"en", "de"}
