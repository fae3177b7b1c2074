import pytest

from ctibridge.lookup.sources.template import parse

FREI = {"Vorname": "Regula", "Nachname": "Frei", "Titel": "", "Telefon": "044 1", "Mobil": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nachname", "Frei"),
        ("{Nachname}", "Frei"),
        ("{Vorname} {Nachname}", "Regula Frei"),
        ("{ Vorname }  {Nachname}", "Regula  Frei"),
        ("{Titel} {Vorname} {Nachname}", "Regula Frei"),  # no blank of an empty title
        ("{Vorname} {Titel} {Nachname}", "Regula Frei"),
        ("{Nachname}, {Titel}", "Frei"),  # no comma in front of nothing
        ("{Nachname} ({Titel})", "Frei"),  # no bracket of nothing
        ("{Nachname} ({Vorname})", "Frei (Regula)"),
        ("work:{Telefon};mobile:{Mobil}", "work:044 1"),  # no label of nothing
        ("mobile:{Mobil};work:{Telefon}", "work:044 1"),
        ("mobile:{Mobil}", ""),
        ("work:{Mobil}{Telefon}", "work:044 1"),
        ("{Unbekannt}", ""),
        ("fixed;{Nachname}", "fixed;Frei"),
    ],
)
def test_fill(text: str, expected: str) -> None:
    assert parse(text).fill(FREI) == expected


def test_which_columns_are_asked_for() -> None:
    assert parse("{a} {b};{a}").columns == ("a", "b")
    assert parse(" Name ").columns == ("Name",)


def test_a_column_with_a_semicolon_in_its_name() -> None:
    assert parse("{a;b}").fill({"a;b": "x"}) == "x"
    assert parse("a;b").fill({"a;b": "x"}) == "x"


@pytest.mark.parametrize("text", ["", "  ", "{", "{a", "a}", "{a}}", "{}", "{{a}}"])
def test_what_is_no_template(text: str) -> None:
    with pytest.raises(ValueError, match=r"names no column|between two braces"):
        parse(text)
