import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain import hours
from ctibridge.domain.hours import Span, known, local_date, local_time, parse, whole_days

# 2026-11-16 is a Monday; Berlin is UTC+1 in winter.
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """By the clock in Berlin; day 0 is Monday."""
    return MONDAY + timedelta(days=day, hours=hour - 1, minutes=minute)


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        ("Mo-Fr 07:00-19:00 Europe/Berlin", at(0, 7), True),
        ("Mo-Fr 07:00-19:00 Europe/Berlin", at(0, 6, 59), False),
        ("Mo-Fr 07:00-19:00 Europe/Berlin", at(0, 19), False),
        ("Mo-Fr 07:00-19:00 Europe/Berlin", at(5, 12), False),
        ("Mo-Fr 08:00-12:00,13:00-17:00 Europe/Berlin", at(2, 12, 30), False),
        ("Mo-Fr 08:00-12:00, 13:00-17:00 Europe/Berlin", at(2, 13), True),
        ("Mo-Fr 08:00-17:00; Sa 09:00-12:00 Europe/Berlin", at(5, 9), True),
        ("Mo,We 08:00-17:00 Europe/Berlin", at(1, 9), False),
        ("Sa-Mo 08:00-17:00 Europe/Berlin", at(6, 9), True),  # a range of days over the week's end
        ("Mo-Fr 22:00-06:00 Europe/Berlin", at(0, 23), True),
        ("Mo-Fr 22:00-06:00 Europe/Berlin", at(5, 5, 59), True),  # Friday night ends on Saturday
        ("Mo-Fr 22:00-06:00 Europe/Berlin", at(0, 5), False),  # Sunday night is none of them
        ("Su 22:00-06:00 Europe/Berlin", at(7, 5), True),  # Sunday night runs into Monday
        ("Mo-Su 00:00-24:00 Europe/Berlin", at(3, 0), True),
        ("Mo-Su 00:00-00:00 Europe/Berlin", at(3, 15), True),
    ],
)
def test_open_at(text: str, moment: datetime, expected: bool) -> None:
    assert parse(text).open_at(moment) is expected


def test_summer_time_is_the_zones_own() -> None:
    desk = parse("Mo-Fr 07:00-19:00 Europe/Berlin")
    assert desk.open_at(datetime(2026, 7, 6, 5, tzinfo=UTC))
    assert not desk.open_at(datetime(2026, 11, 16, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "expected DAYS"),
        ("Mo-Fr", "expected DAYS"),
        ("Mo-Fr 07:00-19:00", "time zone"),
        ("Mo-Fr 07:00-19:00 Mars/Olympus", "Mars/Olympus"),
        ("Mo-Fr 07:00-19:00 ../etc/passwd", "time zone"),
        ("Mon-Fri 07:00-19:00 UTC", "Mon-Fri"),
        ("Mo-Fr 7-19 UTC", "7-19"),
        ("Mo-Fr 07:00-24:01 UTC", "24 hours"),
        ("Mo-Fr 24:00-07:00 UTC", "24 hours"),
        ("Mo-Fr 07:00-²9:00 UTC", "HH:MM-HH:MM"),
        ("; UTC", "days"),
    ],
)
def test_what_is_wrong_is_named(text: str, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        parse(text)


def test_prints_back() -> None:
    assert str(parse(" Mo-Fr 07:00-19:00 Europe/Berlin ")) == "Mo-Fr 07:00-19:00 Europe/Berlin"


@given(st.text(max_size=60))
def test_any_text_is_hours_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse(text).spans


@given(
    st.sets(st.integers(0, 6)),
    st.integers(0, 1439),
    st.integers(0, 1440),
    st.integers(0, 6),
    st.integers(0, 1439),
)
def test_a_span_and_its_complement_never_cover_the_same_minute(
    days: set[int], start: int, end: int, weekday: int, minute: int
) -> None:
    """On every day of the week, [start, end) and [end, start) share no minute."""
    if start == end % 1440:
        return
    every_day = frozenset(range(7))
    covered = Span(every_day, start, end).covers(weekday, minute)
    assert covered != Span(every_day, end % 1440, start).covers(weekday, minute)
    assert covered or not Span(frozenset(days), start, end).covers(weekday, minute)


def test_local_time_is_none_where_the_zone_is_unknown() -> None:
    assert local_time("Europe/Zurich", datetime(2026, 11, 21, 18, tzinfo=UTC)) == "19:00"
    assert local_time(None, MONDAY) is None
    assert local_time("Nowhere/Else", MONDAY) is None
    assert local_time("/etc/passwd", MONDAY) is None


def test_the_day_is_the_one_that_it_is_there() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert local_date("Europe/Zurich", late) == date(2027, 1, 1)
    assert local_date("America/New_York", late) == date(2026, 12, 31)
    assert local_date("Nowhere/Else", late) is None
    assert local_date(None, late) is None


def test_hours_that_were_stored_wrong_are_none() -> None:
    assert known("Mo-Fr 07:00-19:00 UTC") == parse("Mo-Fr 07:00-19:00 UTC")
    assert known("Mo-Fr 07:00-19:00 Mars/Olympus") is None
    assert known(None) is None


def test_whole_days_are_never_negative() -> None:
    assert whole_days(MONDAY - timedelta(days=2, hours=23), MONDAY) == 2
    assert whole_days(MONDAY + timedelta(days=1), MONDAY) == 0


def test_days_are_written_as_in_the_contract() -> None:
    assert hours.DAYS[0] == "Mo"
