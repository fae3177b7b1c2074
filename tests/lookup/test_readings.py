"""Which of several readings of the same digits is taken."""

import pytest

from ctibridge.lookup import readings


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("493023125000", "DE", "+493023125000"),  # international before national with the trunk's code
        ("33199001234", "DE", "+4933199001234"),  # national before international without
        ("442079460123", "DE", "+442079460123"),  # a likely length before an unlikely one
        ("00112025550123", "SG", "+12025550123"),  # 001 is dialled there
        ("001112025550123", "AU", "+12025550123"),  # 0011 is
        ("0044000117", "CH", None),
        ("0639981234", "FR", "+33639981234"),  # newer than the table, but written out and of the right length
        ("639981234", "FR", None),  # not written out: a guess too many
        ("5716012345", "CO", "+576016012345"),  # mended: its own country
        ("+5716012345", "DE", "+576016012345"),  # mended: written out
        ("005716012345", "DE", "+576016012345"),
        ("22997123456", "US", None),  # a mend on a guess would be two guesses
        ("+340910000123", "DE", "+34910000123"),  # a zero of home that is none
        ("+", "DE", None),
        ("+0", "DE", None),
        ("", None, None),
    ],
)
def test_read(text: str, country: str | None, number: str | None) -> None:
    found = readings.read(text, country)
    assert (None if found is None else readings.e164(found)) == number


def test_what_is_too_long_for_e164_is_no_reading() -> None:
    assert readings.read("+49" + "3" * 15, "DE") is None
