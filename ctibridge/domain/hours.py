"""Hours of the week, as people write them: `Mo-Fr 07:00-19:00,20:00-21:00; Sa 09:00-12:00 Europe/Berlin`.

`parse` and `str` are a pair. A range whose end is not after its start runs past midnight into the next day.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_RANGE = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_MINUTES_OF_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Span:
    """Weekdays (0 = Monday) and minutes of the day, start included, end not; end ≤ start means the next day."""

    days: frozenset[int]
    start: int
    end: int

    def covers(self, weekday: int, minute: int) -> bool:
        if self.start < self.end:
            return weekday in self.days and self.start <= minute < self.end
        after_midnight = (weekday - 1) % 7 in self.days and minute < self.end
        return after_midnight or (weekday in self.days and minute >= self.start)


@dataclass(frozen=True, slots=True)
class Hours:
    text: str
    spans: tuple[Span, ...]
    zone: str

    def __str__(self) -> str:
        return self.text

    def open_at(self, at: datetime) -> bool:
        """Is `at` (aware) within the hours, by the clock on the wall of the zone?"""
        local = at.astimezone(_zone(self.zone))
        return any(span.covers(local.weekday(), local.hour * 60 + local.minute) for span in self.spans)


def parse(text: str) -> Hours:
    """`DAYS HH:MM-HH:MM[,HH:MM-HH:MM]; … ZONE` (contract). Raises ValueError naming the part that is wrong."""
    body, _, zone = text.strip().rpartition(" ")
    if not body:
        raise ValueError(f"hours {text!r}: expected DAYS HH:MM-HH:MM ZONE")
    _check_zone(zone)
    spans = tuple(span for part in body.split(";") for span in _spans(part.strip()))
    return Hours(text.strip(), spans, zone)


@lru_cache(maxsize=4096)
def known(text: str | None) -> Hours | None:
    """The same, or None for what are no hours: stored long ago, they must not cost a call."""
    try:
        return None if text is None else parse(text)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    """Of several hundred; Python itself keeps eight of them and reads the others' files again at each call."""
    return ZoneInfo(name)


def _check_zone(zone: str) -> None:
    try:
        _zone(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"time zone {zone!r} is not known") from None


def _spans(part: str) -> list[Span]:
    days, _, ranges = part.partition(" ")
    return [Span(_days(days), *_minutes(one.strip())) for one in ranges.split(",")]


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for item in text.split(","):
        first, dash, last = item.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"days {text!r}: expected {', '.join(DAYS)} or a range of them")
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 if dash else 0
        found.update((start + step) % 7 for step in range(length + 1))
    return frozenset(found)


def _minutes(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"time {text!r}: expected HH:MM-HH:MM")
    h1, m1, h2, m2 = (int(group) for group in match.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if max(start, end) > _MINUTES_OF_DAY or start == _MINUTES_OF_DAY:
        raise ValueError(f"time {text!r}: a day has 24 hours")
    return start, end


def there(zone: str | None, at: datetime) -> datetime | None:
    """The same moment by the clock on the wall there, or None where the zone is unknown."""
    try:
        return None if zone is None else at.astimezone(_zone(zone))
    except (KeyError, ValueError, OSError):
        return None


def local_time(zone: str | None, at: datetime) -> str | None:
    """`HH:MM` on the wall there, or None where the zone is unknown."""
    local = there(zone, at)
    return None if local is None else local.strftime("%H:%M")


def local_date(zone: str | None, at: datetime) -> date | None:
    """The day that it is there, or None where the zone is unknown."""
    local = there(zone, at)
    return None if local is None else local.date()


def whole_days(since: datetime, at: datetime) -> int:
    """Whole days between two aware times, never negative."""
    return max(timedelta(0), at - since).days
