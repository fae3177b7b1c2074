"""By what a number is found again is what it is: its country's and its national digits, and what is dialled before."""

import pytest

from ctibridge.lookup import number_forms


@pytest.mark.parametrize(
    ("e164", "country", "national", "home"),
    [("+4915112345678", "49", "15112345678", "0"), ("+390612345678", "39", "0612345678", None),
     ("+12125551234", "1", "2125551234", "1"), ("+37212345678", "372", "12345678", None)],
)  # fmt: skip
def test_the_digits_of_each_country(e164: str, country: str, national: str, home: str | None) -> None:
    written = number_forms.written(e164)
    assert (written.country, written.national, written.e164) == (country, national, e164)
    assert home is None or home in written.prefixes
    assert "00" in written.prefixes


def test_the_pbxs_prefix_stands_before_each_other_one() -> None:
    assert {"9", "90", "900"} <= set(number_forms.written("+4915112345678", ["9", ""]).prefixes)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no number in E\.164"):
        number_forms.written("4711")
