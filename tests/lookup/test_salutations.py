from datetime import UTC, datetime

import pytest

from ctibridge.lookup import salutations
from ctibridge.lookup.salutations import salutation


def at(hour: int) -> datetime:
    return datetime(2026, 11, 20, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "hour", "expected"),
    [
        ("de", 8, "Guten Morgen"),
        ("de-CH", 14, "Guten Tag"),
        ("de", 20, "Guten Abend"),
        ("de", 2, "Guten Abend"),  # who works at night has not got up yet
        ("fr", 8, "Bonjour"),
        ("fr-BE", 19, "Bonsoir"),
        ("en-GB", 14, "Good afternoon"),
        ("ja", 9, "おはようございます"),
        ("ar-AE", 9, "صباح الخير"),
        ("el", 20, "Καλησπέρα"),
        ("uk", 9, "Доброго ранку"),
        ("sr-Latn", 9, "Dobro jutro"),
        ("zh-Hant-TW", 9, "早安"),
        ("tlh", 9, "Good morning"),  # no row: English
    ],
)
def test_salutation(tag: str, hour: int, expected: str) -> None:
    assert salutation(tag, "UTC", at(hour)) == expected


@pytest.mark.parametrize("zone", [None, "Nowhere/Else", "../../etc/passwd", ""])
def test_where_the_time_is_unknown_it_is_neutral(zone: str | None) -> None:
    assert salutation("de", zone, at(8)) == "Guten Tag"


def test_every_row_is_whole() -> None:
    for table in (salutations._SAID, salutations._REGIONAL):
        assert all(all(row) for row in table.values())
