from datetime import UTC, datetime
from itertools import pairwise

import pytest

from ctibridge.lookup import salutations, tags
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
        ("zh-Hant-HK", 9, "早晨"),
        ("yue", 9, "早晨"),
        ("nb-NO", 9, "God morgen"),
        ("tlh", 9, "Good morning"),  # no row: English
        ("en", 11, "Good morning"),  # noon is noon in English
        ("de", 11, "Guten Tag"),  # and no morning any more in German
        ("es", 18, "Buenas tardes"),
        ("es-MX", 20, "Buenas noches"),
        ("pt-BR", 18, "Boa tarde"),
        ("it", 18, "Buonasera"),
        ("id", 16, "Selamat sore"),
        ("ko", 3, "안녕하세요"),
    ],
)
def test_salutation(tag: str, hour: int, expected: str) -> None:
    assert salutation(tag, "UTC", at(hour)) == expected


@pytest.mark.parametrize("zone", [None, "Nowhere/Else", "../../etc/passwd", ""])
def test_where_the_time_is_unknown_it_is_neutral(zone: str | None) -> None:
    assert salutation("de", zone, at(8)) == "Guten Tag"


def test_every_row_is_whole() -> None:
    for table in (salutations._SAID, salutations._REGIONAL):
        for neutral, by_hour in table.values():
            assert neutral
            assert by_hour
            assert all(by_hour.values())
            assert list(by_hour) == sorted(by_hour)
            assert set(by_hour) <= set(range(24))


def test_no_row_says_the_same_twice_in_a_row() -> None:
    """Such an hour is a slip of the table: nothing changes then."""
    for tag, (_, by_hour) in salutations._SAID.items():
        said = list(by_hour.values())
        assert all(one != other for one, other in pairwise(said)), tag


def test_every_tag_of_the_table_is_one_that_a_directory_can_have() -> None:
    assert [tag for tag in (*salutations._SAID, *salutations._REGIONAL) if tags.canonical(tag) != tag] == []
    assert len(salutations._SAID) >= 30
