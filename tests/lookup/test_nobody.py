"""Digits that are nobody's."""

import pytest

from ctibridge.lookup import nobody


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("ANONYMOUS", "266696687"),
        ("RESTRICTED", "7378742833"),
        ("UNAVAILABLE", "86282452253"),
        ("UNKNOWN", "8656696"),
        ("PRIVATE", "7748283"),
        ("WITHHELD", "94844353"),
        ("BLOCKED", "2562533"),
        ("flowers", "3569377"),
    ],
)
def test_words_on_a_keypad(word: str, keys: str) -> None:
    assert nobody.keypad(word) == keys
    assert nobody.is_nobody(keys) == (word != "flowers")
    assert nobody.is_nobody(f"+{keys}") == (word != "flowers")


@pytest.mark.parametrize("text", ["00", "000", "0" * 20, "+", "+0", "+00"])
def test_zeros_are_nobody(text: str) -> None:
    assert nobody.is_nobody(text)


@pytest.mark.parametrize("text", ["0", "0042", "4711", "+493023125000", "+47" + "94844353"])
def test_a_number_is_somebody(text: str) -> None:
    assert not nobody.is_nobody(text)


@pytest.mark.parametrize("text", ["*672025550123", "#31#030", "*31#030", "*31*030", "#31*030"])
def test_codes_with_signs_hide(text: str) -> None:
    assert nobody.hides(text)


def test_the_one_code_with_a_sign_that_only_shows_is_taken_off() -> None:
    assert not nobody.hides("*822025550123")
    assert nobody.shown("*822025550123") == "2025550123"
    assert nobody.shown("822025550123") == "822025550123"


def test_codes_of_digits_are_those_of_a_country() -> None:
    assert nobody.behind_hiding_code("1410207946", "GB") == "0207946"
    assert nobody.behind_hiding_code("1410207946", "US") is None
    assert nobody.behind_hiding_code("1410207946", None) is None
    assert nobody.behind_showing_code("14700207946", "GB") == "0207946"
    assert nobody.behind_showing_code("0207946", "GB") is None
