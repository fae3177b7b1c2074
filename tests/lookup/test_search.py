import pytest

from ctibridge.lookup import search
from ctibridge.lookup.search import ID, ID_BEGINS, LONGEST, NAME, NAME_BEGINS, fit, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("frei", NAME),
        ("Regula  FREI", NAME),
        ("frei regula", NAME),
        ("fre", NAME_BEGINS),
        ("regula fr", NAME_BEGINS),
        ("a-17", ID),
        ("A-1", ID_BEGINS),
        ("REGULA@acme.example", ID),
        ("regula@", NAME),  # an at sign alone says nothing against the name
        ("regula@ac", ID_BEGINS),
        ("A-177", None),
        ("regula meier", None),
        ("-17", None),
        ("%", None),
    ],
)
def test_how_well_it_fits(text: str, expected: int | None) -> None:
    assert fit(parse(text), "Regula Frei", "regula@acme.example", "A-17", None) == expected


def test_the_better_reason_counts() -> None:
    assert fit(parse("anna"), "Annabel", "Anna") == ID
    assert fit(parse("anna"), "Annabel Anna", "anna2") == NAME
    assert fit(parse("anna"), "Annabel", "anna2") == NAME_BEGINS


def test_ids_are_compared_as_they_are_but_for_plain_capitals() -> None:
    assert fit(parse("straße"), "N", "STRASSE") is None
    assert fit(parse("ä1"), "N", "Ä1") is None
    assert fit(parse("a 1"), "N", "A 1") == ID


@pytest.mark.parametrize("text", ["", "  ", "a" * (LONGEST + 1)])
def test_nothing_to_look_for(text: str) -> None:
    assert not parse(text)


def test_what_was_typed_is_not_printed() -> None:
    assert "frei" not in repr(parse("frei"))
    assert (search.ID, search.NAME, search.NAME_BEGINS, search.ID_BEGINS) == (0, 1, 2, 3)
