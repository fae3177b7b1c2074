"""The tables of phonenumbers asked directly: they must say what phonenumbers says."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from ctibridge.lookup import plans

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
EXAMPLES = sorted(
    (number.country_code, phonenumbers.national_significant_number(number))
    for region in phonenumbers.SUPPORTED_REGIONS
    for kind in PhoneNumberType.values()
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None and number.country_code is not None
)


@st.composite
def nearly_numbers(draw: st.DrawFn) -> tuple[int, str]:
    if draw(st.booleans()):
        return draw(st.sampled_from(CODES)), draw(st.from_regex(r"[0-9]{2,14}", fullmatch=True))
    code, example = draw(st.sampled_from(EXAMPLES))
    end = draw(st.from_regex(r"[0-9]{0,4}", fullmatch=True))
    return code, example[: len(example) - len(end)] + end


def as_it_is(code: int, national: str) -> phonenumbers.PhoneNumber:
    """Of these very digits, whatever prefix `parse` would take off."""
    zeros = min(len(national) - len(national.lstrip("0")), len(national) - 1)
    return phonenumbers.PhoneNumber(
        code,
        int(national),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


@given(st.lists(nearly_numbers(), min_size=20, max_size=20))
def test_validity_is_that_of_phonenumbers(many: list[tuple[int, str]]) -> None:
    for code, national in many:
        assert plans.code(str(code)).is_valid(national) == phonenumbers.is_valid_number(as_it_is(code, national))


@given(st.lists(nearly_numbers(), min_size=20, max_size=20))
def test_what_is_settled_is_parsed_to_the_same_digits(many: list[tuple[int, str]]) -> None:
    for code, national in many:
        number = f"+{code}{national}"
        if plans.is_settled(number):
            parsed = phonenumbers.parse(number, None)
            assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number


@pytest.mark.parametrize(
    ("number", "settled"),
    [
        ("+493023125000", True),
        ("+12025550123", True),
        ("+14165550123", True),  # Canada, under the code of another
        ("+447781123456", True),  # Guernsey
        ("+78121234567", True),  # begins with the 8 that is dialled at home
        ("+77012345678", True),  # begins with its code again
        ("+919123456789", True),
        ("+80012345678", True),  # of no country
        ("+390612345678", True),
        ("+5491123456789", True),
        ("+39612345678", False),  # to be mended
        ("+5215512345678", False),
        ("+5411152345678", False),
        ("+4903023125000", False),  # a zero too many
        ("+49491713920017", False),  # the code twice?
        ("+999123456789", False),
        ("+4930", False),
    ],
)
def test_what_needs_no_second_look(number: str, settled: bool) -> None:
    assert plans.is_settled(number) is settled


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("03023125000", "DE", "+493023125000"),
        ("493023125000", "DE", "+493023125000"),
        ("2025550123", "US", "+12025550123"),
        ("12025550123", "US", "+12025550123"),
        ("0600000123", "IT", "+390600000123"),
        ("910000123", "ES", "+34910000123"),
        ("84951234567", "RU", "+74951234567"),
        ("010493023125000", "JP", None),  # abroad: looked at the long way
        ("00493023125000", "DE", None),
        ("0000000123", "DE", None),
        ("03023125000", "XX", None),
        ("03023125000", None, None),
    ],
)
def test_national_forms(text: str, country: str | None, number: str | None) -> None:
    assert plans.national(text, country) == number


def test_what_is_dialled_before_foreign_numbers() -> None:
    assert plans.abroad("001149", "AU") == "49"
    assert plans.abroad("01149", "US") == "49"
    assert plans.abroad("0049", "DE") is None  # everybody's
    assert plans.abroad("01149", "DE") is None
    assert plans.abroad("01149", None) is None


def test_who_has_a_national_prefix() -> None:
    assert plans.has_national_prefix("DE") is True
    assert plans.has_national_prefix("AD") is False
    assert plans.has_national_prefix(None) is None


@pytest.mark.parametrize(
    ("number", "without"),
    [
        ("+4903023125000", "+493023125000"),
        ("+4402079460123", "+442079460123"),
        ("+39061234567", None),  # in Italy the zero stays
        ("+340910000123", None),  # in Spain there is none: looked at the long way
        ("+493023125000", None),
        ("+490", None),
        ("+999012345678", None),
        ("03023125000", None),
        ("+490" + "3" * 15, None),
    ],
)
def test_the_zero_of_home_behind_a_country_code(number: str, without: str | None) -> None:
    assert plans.without_zero(number) == without


def test_who_dials_two_zeros_and_nothing_else() -> None:
    assert plans.dials_zeros("DE")
    assert plans.dials_zeros(None)
    assert not plans.dials_zeros("US")
    assert not plans.dials_zeros("SG")
