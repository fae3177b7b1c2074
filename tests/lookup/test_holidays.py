from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup import cells, holidays

TEXT = "2026-12-25 Christmas Day; 01-01 New Year ;2026-12-26;08-01;02-29 Leap day"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 25), "Christmas Day"),
        (date(2027, 12, 25), None),  # this one was of one year
        (date(2026, 1, 1), "New Year"),
        (date(2031, 1, 1), "New Year"),
        (date(2026, 12, 26), "2026-12-26"),  # without a name it is its date
        (date(2028, 8, 1), "2028-08-01"),
        (date(2028, 2, 29), "Leap day"),
        (date(2027, 2, 28), None),
        (date(2026, 11, 20), None),
    ],
)
def test_on(day: date, expected: str | None) -> None:
    assert holidays.parse(TEXT).on(day) == expected


def test_a_day_of_one_year_wins_over_the_same_day_of_every_year() -> None:
    assert holidays.parse("12-24 Christmas Eve;2026-12-24 Works outing").on(date(2026, 12, 24)) == "Works outing"


@pytest.mark.parametrize(
    "text", [None, "", ";;", "25.12.", "2026-13-01", "02-30", "2026-02-29", "0000-01-01", "12-25x"]
)
def test_what_is_no_day_is_no_holiday(text: str | None) -> None:
    assert holidays.parse(text) == holidays.Holidays()


def test_a_bad_item_costs_itself_alone() -> None:
    assert holidays.parse("2026-99-99 Nonsense;01-01 New Year").on(date(2026, 1, 1)) == "New Year"


def test_what_the_import_stores_is_what_is_read_here() -> None:
    stored = cells.holidays(TEXT)
    assert isinstance(stored, str)
    assert holidays.parse(stored) == holidays.parse(TEXT)


@given(st.text(alphabet="0123456789-; Neujahr\n", max_size=60))
def test_any_text_is_read(text: str) -> None:
    name = holidays.parse(text).on(date(2026, 1, 1))
    assert name is None or name
