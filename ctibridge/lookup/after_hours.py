"""Are the caller's working hours over? Monday to Friday, 08:00 to 18:00, where he is: the hours of most offices, for
who says nothing better of them. The weekend is his country's own.
"""

from datetime import datetime

from ctibridge.domain import hours
from ctibridge.lookup import holidays

_BEGINS, _ENDS = 8, 18
_SATURDAY_SUNDAY = frozenset({5, 6})
_FRIDAY_SATURDAY = frozenset({4, 5})
# CLDR's week data as Babel 2.18 has it, written out: Babel reads it from a file for each language and country, which a
# call does not wait for. The last three are missing there.
_WEEKENDS = {
    **dict.fromkeys(("BH", "DZ", "EG", "IL", "IQ", "JO", "KW"), _FRIDAY_SATURDAY),
    **dict.fromkeys(("LY", "OM", "QA", "SA", "SD", "SY", "YE"), _FRIDAY_SATURDAY),
    "AF": frozenset({3, 4}),
    "IN": frozenset({6}),
    "IR": frozenset({4}),
    "UG": frozenset({6}),
    **dict.fromkeys(("BD", "MV", "PS"), _FRIDAY_SATURDAY),
}


def after_hours(zone: str | None, country: str | None, closed: str | None, at: datetime) -> bool | None:
    """None where his time zone is not known. zone: IANA; country: ISO 3166 alpha-2, of his site or company; closed: his
    company's holidays, as `holidays` reads them; at: aware."""
    local = hours.there(zone, at)
    if local is None:
        return None
    if local.weekday() in weekend(country) or not _BEGINS <= local.hour < _ENDS:
        return True
    return holidays.parse(closed).on(local.date()) is not None


def weekend(country: str | None) -> frozenset[int]:
    """Days of the week, 0 = Monday."""
    return _WEEKENDS.get(country or "", _SATURDAY_SUNDAY)
