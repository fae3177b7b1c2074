"""Number fields as they stand in directories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup.stored_numbers import LONGEST, read_field, read_list

BERLIN = "+493023125000"
MOBILE = "+491713920017"


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        ("+49 30 23125000", "work", [(BERLIN, "work")]),
        ("030 23125-000", "Work ", [(BERLIN, "work")]),
        ("030 23125000", "", [(BERLIN, "other")]),
        # a slash that separates the area code, and one that separates numbers
        ("030/23125000", "work", [(BERLIN, "work")]),
        ("+49 30/23125-000", "work", [(BERLIN, "work")]),
        ("Mobil 0171/3920017", "mobile", [(MOBILE, "mobile")]),
        ("030 23125000 / 0171 3920017", "work", [(BERLIN, "work"), (MOBILE, "work")]),
        ("030/23125000, 0171/3920017", "work", [(BERLIN, "work"), (MOBILE, "work")]),
        ("030 23125000 or 0171 3920017", "work", [(BERLIN, "work"), (MOBILE, "work")]),
        ("030 23125000 oder 030 23125000", "work", [(BERLIN, "work")]),
        ("030 23125000/57", "work", [(BERLIN, "work")]),
        # text around it
        ("Tel. 030 23125000", "work", [(BERLIN, "work")]),
        ("Tel.: +49 30 23125000", "work", [(BERLIN, "work")]),
        ("030 23125000 (Büro)", "work", [(BERLIN, "work")]),
        ("030 23125000 [vormittags]", "work", [(BERLIN, "work")]),
        ("Herr Müller / 030 23125000", "work", [(BERLIN, "work")]),
        # a fax is one by its label or by its text
        ("030 23125000", "fax", [(BERLIN, "fax")]),
        ("Fax: 030 23125000", "work", [(BERLIN, "fax")]),
        ("Telefax +49 30 23125000", "work", [(BERLIN, "fax")]),
        ("030 23125000 (ファックス)", "work", [(BERLIN, "fax")]),
        ("Tel 0171 3920017 / Fax 030 23125000", "work", [(MOBILE, "work"), (BERLIN, "fax")]),
        # behind a switchboard
        ("+49 30 23125000 ext. 12", "work", [(BERLIN, "general")]),
        ("+49 30 23125000 x12", "work", [(BERLIN, "general")]),
        ("+49 30 23125000 #12", "fax", [(BERLIN, "fax")]),
        # short
        ("4711", "work", [("4711", "work")]),
        ("٤٧١١", "work", [("4711", "work")]),
        # nothing
        ("", "work", []),
        ("n/a", "work", []),
        ("see mobile", "work", []),
        ("12345678901234567890", "work", []),
        ("9" * (LONGEST + 1), "work", []),
    ],
)
def test_read_field(text: str, label: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.key, one.label) for one in read_field(text, label, "DE").numbers] == expected


@pytest.mark.parametrize(
    ("text", "country", "reason"),
    [
        ("n/a", "DE", "no digits"),
        ("030 23125000", None, "national form"),
        ("call 030 23125000 before 12, then 0171 3920017", None, "text"),
        ("+49 123", "DE", "no number of DE"),
        ("9" * (LONGEST + 1), "DE", "longer than"),
        ("030 23125000/57", "DE", "a piece of a number"),
    ],
)
def test_what_never_matches_says_why(text: str, country: str | None, reason: str) -> None:
    assert reason in read_field(text, "work", country).unusable[0].reason


def test_what_never_matches_prints_masked() -> None:
    assert "23125" not in repr(read_field("030 23125000", "work", None))


def test_a_list_has_its_labels_in_it() -> None:
    field = read_list("work:+49 30 23125000;mobile: 0171 3920017; ;030 23125001;fax:030 23125002", "DE")
    assert [(one.key, one.label) for one in field.numbers] == [
        (BERLIN, "work"),
        (MOBILE, "mobile"),
        ("+493023125001", "other"),
        ("+493023125002", "fax"),
    ]
    assert field.unusable == ()


def test_an_empty_list_is_no_complaint() -> None:
    assert read_list(" ; ", "DE").numbers == ()
    assert read_list("", "DE").unusable == ()


@given(st.text(max_size=80), st.text(max_size=10), st.sampled_from([None, "DE", "US", "XX"]))
def test_any_text_is_read(text: str, label: str, country: str | None) -> None:
    field = read_field(text, label, country)
    assert field.numbers or field.unusable or not text.strip()
    assert all(one.label == one.label.lower() for one in field.numbers)
