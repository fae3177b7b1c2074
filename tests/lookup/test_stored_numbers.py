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
        ("030 23125000, ext. 12", "work", [(BERLIN, "general")]),
        ("tel:+493023125000;ext=12", "work", [(BERLIN, "general")]),
        ("030 23125000 poste 12", "work", [(BERLIN, "general")]),
        ("030 23125000 доб. 12", "work", [(BERLIN, "general")]),
        ("030 23125-0 Durchwahl 45", "work", [("+49302312545", "work")]),
        ("030 23125-0 (DW 45)", "work", [("+49302312545", "work")]),
        ("030 23125-0 / -45", "work", [("+4930231250", "general"), ("+49302312545", "work")]),
        ("030 23125-0 (-45)", "work", [("+4930231250", "general"), ("+49302312545", "work")]),
        ("Durchwahl 4711", "work", [("4711", "work")]),
        ("Tel. 4711", "work", [("4711", "work")]),
        ("intern: 4711", "work", [("4711", "work")]),
        ("Zimmer 4711", "work", []),  # a room is no extension
        ("030 23125000", "Zentrale", [(BERLIN, "general")]),
        # more of the fax
        ("030 23125000", "Telefax", [(BERLIN, "fax")]),
        ("030 23125000", "work fax", [(BERLIN, "fax")]),
        ("030 23125000", "факс", [(BERLIN, "fax")]),
        ("F: 030 23125000", "work", [(BERLIN, "fax")]),
        ("Faxnummer 030 23125000", "work", [(BERLIN, "fax")]),
        ("Télécopie : 030 23125000", "work", [(BERLIN, "fax")]),
        ("传真 030 23125000", "work", [(BERLIN, "fax")]),
        ("Tel 0171 3920017 Fax 030 23125000", "work", [(MOBILE, "work"), (BERLIN, "fax")]),
        ("Tel/Fax: 030 23125000", "work", [(BERLIN, "work")]),  # whoever calls from there has no fax in his hand
        # comments
        ("030 23125000 9-17 Uhr", "work", [(BERLIN, "work")]),  # not +493023125000917
        ("030 23125000 - nur vormittags", "work", [(BERLIN, "work")]),
        ("030 23125000 Zimmer 12", "work", [(BERLIN, "work")]),
        ("030 23125000 0171 3920017", "work", [(BERLIN, "work"), (MOBILE, "work")]),
        ("Büro 030 23125000 Mobil 0171 3920017", "work", [(BERLIN, "work"), (MOBILE, "work")]),
        # spreadsheets
        ('="03023125000"', "work", [(BERLIN, "work")]),
        ("'03023125000", "work", [(BERLIN, "work")]),
        ("493023125000.0", "work", [(BERLIN, "work")]),  # not ten times as much
        ("3023125000", "work", [(BERLIN, "work")]),  # the leading zero was lost
        # other spellings and forms
        ("+49 (0)30 23125000", "work", [(BERLIN, "work")]),
        ("0800 FLOWERS", "work", [("+498003569377", "work")]),
        ("\u202a+49 30 23125000\u202c", "work", [(BERLIN, "work")]),
        ("+5215512345678", "work", [("+525512345678", "work")]),
        ("+39 6 0000 0123", "work", [("+390600000123", "work")]),
        # short
        ("4711", "work", [("4711", "work")]),
        ("301234", "work", [("301234", "work")]),  # six digits stay short
        ("0042", "work", [("0042", "work")]),
        ("222222", "work", [("222222", "work")]),
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
        ("4.93023E+11", "DE", "export the column as text"),
        ("4,93023E+11", "DE", "export the column as text"),
        ("0000000000", "DE", "a placeholder"),
        ("00", "DE", "a placeholder"),
        ("+0", "DE", "a placeholder"),
        ("1111111111", "US", "a placeholder"),
        ("123456789", "DE", "a placeholder"),
        ("94844353", "NO", "withheld number; if it is one of yours, write it with +"),
        ("5550123", "US", "a local number without its area code"),
        ("*31#03023125000", "DE", "text that holds no single number"),
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


def test_a_keypad_word_with_its_country_code_is_a_number() -> None:
    assert [one.key for one in read_field("+47 948 44 353", "mobile", "NO").numbers] == ["+4794844353"]


def test_parameters_in_a_list_belong_to_the_number_before_them() -> None:
    field = read_list("work:+493023125000;ext=12;mobile:0171 3920017", "DE")
    assert [(one.key, one.label) for one in field.numbers] == [(BERLIN, "general"), (MOBILE, "mobile")]


def test_a_number_is_found_in_a_text_in_the_spelling_of_all_others() -> None:
    """`PhoneNumberMatcher` knows no mends: it would have said +5215512345678."""
    assert [one.key for one in read_field("Cel. +52 1 55 1234 5678 (casa)", "", "MX").numbers] == ["+525512345678"]


@given(
    st.from_regex(r"[+]?[0-9]{1,4}[ .()-]{0,2}[0-9]{2,6}[ ./()-]{0,3}[0-9]{0,7}", fullmatch=True),
    st.sampled_from(["DE", "US", "IT", "ES", "RU", "AU", "MX", None]),
)
def test_the_fast_way_finds_what_the_slow_way_finds(text: str, country: str | None) -> None:
    """A blank and a word in front send a field the slow way round."""
    slow = [one.key for one in read_field(f"[-] {text}", "work", country).numbers]
    assert [one.key for one in read_field(text, "work", country).numbers] == slow
