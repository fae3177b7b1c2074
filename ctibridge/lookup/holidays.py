"""A customer's holidays as accounts.csv has them: `2026-12-25 Christmas;01-01`, days of one year or of every year, each
with a name or none. What is no holiday of that form costs itself alone: it was refused at import, or stored long ago.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

_DAY = re.compile(r"(?:(?P<year>[0-9]{4})-)?(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:\s+(?P<name>\S.*))?", re.DOTALL)
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Holidays:
    """Names (empty where there is none) by the day, and by month and day for those of every year."""

    once: Mapping[date, str] = field(default_factory=dict)
    yearly: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def on(self, day: date) -> str | None:
        """The name of this day's holiday, or its date (ISO 8601) if it has none; None on an ordinary day."""
        name = self.once.get(day)
        if name is None:
            name = self.yearly.get((day.month, day.day))
        return None if name is None else name or day.isoformat()


@lru_cache(maxsize=4096)
def parse(text: str | None) -> Holidays:
    """Never raises: a thousand accounts are read at each call that they get."""
    once: dict[date, str] = {}
    yearly: dict[tuple[int, int], str] = {}
    for item in (text or "").split(";"):
        match = _DAY.fullmatch(item.strip())
        day = None if match is None else _day(match)
        if match is None or day is None:
            continue
        name = " ".join((match["name"] or "").split())
        if match["year"]:
            once[day] = name
        else:
            yearly[day.month, day.day] = name
    return Holidays(once, yearly)


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"] or _LEAP_YEAR), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
