from datetime import UTC, datetime

import pytest
from babel import Locale

from ctibridge.domain.hours import DAYS
from ctibridge.lookup.after_hours import after_hours, weekend

FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour", "expected"),
    [
        ("UTC", 8, False),
        ("UTC", 7, True),
        ("UTC", 17, False),
        ("UTC", 18, True),
        ("UTC", 0, True),
        ("Asia/Tokyo", 8, False),  # 17:00 there
        ("Asia/Tokyo", 9, True),  # 18:00
        ("America/New_York", 12, True),  # 07:00
        ("America/New_York", 13, False),
    ],
)
def test_the_hours_are_those_of_the_clock_where_he_is(zone: str, hour: int, expected: bool) -> None:
    assert after_hours(zone, "DE", None, FRIDAY.replace(hour=hour)) is expected


@pytest.mark.parametrize(
    ("country", "working"),
    [
        ("DE", "Mo Tu We Th Fr"),
        (None, "Mo Tu We Th Fr"),
        ("AE", "Mo Tu We Th Fr"),  # since 2022
        ("SA", "Mo Tu We Th Su"),
        ("IL", "Mo Tu We Th Su"),
        ("IR", "Mo Tu We Th Sa Su"),
        ("AF", "Mo Tu We Sa Su"),
        ("IN", "Mo Tu We Th Fr Sa"),
    ],
)
def test_the_weekend_is_the_countrys_own(country: str | None, working: str) -> None:
    days = zip(DAYS, range(16, 23), strict=True)
    at_work = [name for name, day in days if after_hours("UTC", country, None, FRIDAY.replace(day=day)) is False]
    assert " ".join(at_work) == working


@pytest.mark.parametrize(
    "locale",
    ["ar_EG", "ar_SA", "ar_IQ", "ar_KW", "ar_AE", "he_IL", "fa_IR", "fa_AF", "hi_IN", "en_UG", "de_DE", "en_US"],
)
def test_the_table_says_what_cldr_says(locale: str) -> None:
    known = Locale.parse(locale)
    days = range(known.weekend_start, known.weekend_end + 1)
    assert weekend(known.territory) == frozenset(days)


def test_a_holiday_is_the_one_of_the_day_that_it_is_there() -> None:
    assert after_hours("UTC", "DE", "2026-11-20 Works outing", FRIDAY) is True
    assert after_hours("UTC", "DE", "2026-11-21", FRIDAY) is False
    midnight = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    assert after_hours("Asia/Tokyo", "JP", "2026-11-20", midnight) is True


@pytest.mark.parametrize("zone", [None, "", "Nowhere/Else", "../../etc/passwd"])
def test_where_the_time_is_not_known_nothing_is_claimed(zone: str | None) -> None:
    assert after_hours(zone, "DE", "11-20", FRIDAY) is None
