"""Other spellings of one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup import plans
from ctibridge.lookup.rewriting import at_home, mended, spellings


@pytest.mark.parametrize(
    ("number", "others"),
    [
        ("+493023125000", ()),
        ("+12025550123", ()),
        ("+5491123456789", ("+541123456789",)),
        ("+541123456789", ("+5491123456789",)),
        ("+548001234567", ()),  # freephone of Argentina is no mobile
        ("+525512345678", ("+5215512345678",)),
        ("+5511961234567", ("+551161234567",)),
        ("+551161234567", ("+5511961234567",)),
        ("+551123456789", ()),  # a landline of Brazil
        ("+390612345678", ("+39612345678",)),
        ("+393471234567", ()),
        ("+390549886377", ("+3780549886377", "+39549886377")),
        ("+3780549886377", ("+390549886377", "+378886377")),
        ("+576016012345", ("+5716012345",)),
        ("+573211234567", ()),
        ("+2290197123456", ("+22997123456",)),
        ("+2250707123456", ("+22507123456",)),
    ],
)
def test_spellings(number: str, others: tuple[str, ...]) -> None:
    assert spellings(number) == others


@pytest.mark.parametrize(
    ("number", "other"),
    [
        ("+39612345678", "+390612345678"),
        ("+5215512345678", "+525512345678"),
        ("+551161234567", "+5511961234567"),
        ("+5716012345", "+576016012345"),
        ("+22507123456", "+2250707123456"),
        ("+22545123456", "+2250545123456"),
        ("+22501123456", "+2250101123456"),
        ("+22997123456", "+2290197123456"),
    ],
)
def test_what_an_outdated_spelling_stands_for(number: str, other: str) -> None:
    assert list(mended(number)) == [other]
    assert number in spellings(other)  # so a directory with the spelling of old is still found
    assert plans.is_settled(other)


def test_most_countries_need_no_mend() -> None:
    assert list(mended("+493023125000")) == []
    assert list(mended("+551123456789")) == []


@pytest.mark.parametrize(
    ("text", "country", "others"),
    [
        ("0445512345678", "MX", ["5512345678"]),
        ("015512345678", "MX", ["5512345678"]),
        ("600000123", "IT", ["0600000123"]),
        ("3471234567", "IT", []),  # a mobile
        ("600000123", "DE", []),
        ("600000123", None, []),
    ],
)
def test_what_was_dialled_at_home(text: str, country: str | None, others: list[str]) -> None:
    assert list(at_home(text, country)) == others


@given(st.from_regex(r"\+[1-9][0-9]{1,14}", fullmatch=True))
def test_another_spelling_is_another_and_no_other_country(number: str) -> None:
    for other in (*spellings(number), *mended(number)):
        assert other != number
        assert other[:3] == number[:3] or {other[:3], number[:3]} == {"+39", "+37"}
