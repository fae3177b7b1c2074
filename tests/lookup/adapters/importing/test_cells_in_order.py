"""Rows read in order say what `sheets.read` says of them."""

from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup import sheets
from ctibridge.lookup.adapters.importing.cells_in_order import CellsInOrder, seconds
from ctibridge.lookup.cells import Value
from ctibridge.lookup.sheets import SHEETS

PEOPLE = SHEETS["people"]
COLUMNS = ("id", "account", "vip", "updated_at", "name", "language", "phones", "email")
WANTED = ("email", "id", "language", "manager", "name", "updated_at", "vip")
CELLS = st.sampled_from(
    [
        "",
        " ",
        "p1",
        "true",
        "perhaps",
        "2026-11-21",
        "de-CH",
        "Deutsch",
        " two  blanks ",
        "é",
        "x" * 401,
        "\u200f",
        "work:n/a",
    ]
)


@given(st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_the_same_values_and_the_same_words_of_refusal(cells: list[str]) -> None:
    reading = CellsInOrder(PEOPLE, COLUMNS, WANTED)
    assert _said(lambda: reading.read(cells)) == _said(lambda: _expected(cells))


def _expected(cells: list[str]) -> tuple[Value, ...]:
    values = sheets.read(PEOPLE, dict(zip(COLUMNS, cells, strict=True)))
    values["updated_at"] = seconds(values["updated_at"])
    return tuple(values.get(column) for column in WANTED)


def _said(read: Callable[[], tuple[Value, ...]]) -> tuple[Value, ...] | str:
    try:
        return read()
    except ValueError as error:
        return str(error)


def test_times_are_unix_seconds() -> None:
    assert seconds("2026-11-21T01:00:00+01:00") == datetime(2026, 11, 21, tzinfo=UTC).timestamp()
    assert seconds(None) is None
