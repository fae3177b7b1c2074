"""Fields cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup.number_fields import Piece, is_number, key, pieces
from ctibridge.lookup.stored_numbers import read_field


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("030 23125000", ["030 23125000"]),
        ("n/a", ["n/a"]),
        ("030/23125000", ["030/23125000"]),
        ("+49/30/23125000", ["+49/30/23125000"]),
        ("030/231/25000", ["030/231/25000"]),
        ("030/23125000/0171/3920017", ["030/23125000", "0171/3920017"]),
        ("030 23125000 / 0171 3920017", ["030 23125000", "0171 3920017"]),
        ("030 23125000 // Empfang", ["030 23125000"]),
        ("030 23125000\n0171 3920017", ["030 23125000", "0171 3920017"]),
        ("030 23125000 bzw. 0171 3920017", ["030 23125000", "0171 3920017"]),
        ("030 23125000 y 0171 3920017", ["030 23125000", "0171 3920017"]),
        ("030 23125000、0171 3920017", ["030 23125000", "0171 3920017"]),
        ("030 23125000 или 0171 3920017", ["030 23125000", "0171 3920017"]),
        ("Büro: 030 23125000 Mobil: 0171 3920017", ["Büro: 030 23125000", "Mobil: 0171 3920017"]),
        ("+49 30 23125000 +49 171 3920017", ["+49 30 23125000", "+49 171 3920017"]),
        ("030 23125000 0171 3920017", ["030 23125000", "0171 3920017"]),
        ("030 23125000 Zimmer 12", ["030 23125000 Zimmer 12"]),
        ("030 23125000 9-17 Uhr", ["030 23125000"]),
        ("030 23125000 after 5 pm", ["030 23125000 after"]),
        ("030 23125000, ext. 12", ["030 23125000 ext. 12"]),
        ("030 23125000 (Durchwahl 12)", ["030 23125000 Durchwahl 12"]),
        ("+493023125000;ext=12", ["+493023125000 ext 12"]),
        ("+493023125000,,12#", ["+493023125000 ext 12"]),
        ("Tel/Fax: 030 23125000", ["Tel: 030 23125000"]),
        ("Tel. und Fax 030 23125000", ["Tel 030 23125000"]),
    ],
)
def test_pieces(text: str, expected: list[str]) -> None:
    assert [piece.text for piece in pieces(text, "DE")] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("030 23125-0 / -45", [Piece("030 23125-0", switchboard=True), Piece("030 23125-45")]),
        ("030 23125-0 (-45)", [Piece("030 23125-0", switchboard=True), Piece("030 23125-45")]),
        ("030 23125-0/45", [Piece("030 23125-0", switchboard=True), Piece("030 23125-45")]),
        ("030 23125-45/46", [Piece("030 23125-45"), Piece("030 23125-46")]),
        ("030 23125-45 / -46 / -47", [Piece("030 23125-45"), Piece("030 23125-46"), Piece("030 23125-47")]),
        ("030 23125-0 / -45 / -46",
         [Piece("030 23125-0", switchboard=True), Piece("030 23125-45"), Piece("030 23125-46")]),
        ("030 231250 / -45", [Piece("030 231250", switchboard=True), Piece("030 231250-45")]),
        ("030 23125000/57", [Piece("030 23125000"), Piece("57")]),  # of what number it is the end cannot be told
        ("030 23125-457/46", [Piece("030 23125-457"), Piece("46")]),
    ],
)  # fmt: skip
def test_direct_lines_of_one_switchboard(text: str, expected: list[Piece]) -> None:
    assert pieces(text, "DE") == expected


def test_a_whole_number_has_more_digits_than_an_extension() -> None:
    assert is_number("030 23125000", "DE")
    assert not is_number("301234", "DE")
    assert not is_number("Empfang", "DE")
    assert key("301234", "DE") == "301234"


@given(st.text(max_size=80), st.sampled_from([None, "DE", "US"]))
def test_there_is_always_a_piece(text: str, country: str | None) -> None:
    assert pieces(text, country)


@pytest.mark.parametrize("text", ["+49 (0)171 / 555 22 33", "+49 (0) 171/5552233", "+49(0)171/555-2233"])
def test_an_area_code_behind_its_country_code_and_a_zero_is_no_number_of_its_own(text: str) -> None:
    """It was cut in two at the slash, and a stranger at the second half was identified as this person."""
    assert [one.key for one in read_field(text, "mobile", "DE").numbers] == ["+491715552233"]
