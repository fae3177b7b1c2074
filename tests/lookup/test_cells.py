import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup import cells
from ctibridge.lookup.cells import Parse


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        (cells.name, "Regula Frei", "Regula Frei"),
        (cells.name, "Regula \n  Frei", "Regula Frei"),
        (cells.name, "", None),
        (cells.plain_text, "one\ntwo", "one\ntwo"),
        (cells.flag, "true", 1),
        (cells.flag, "X", 1),
        (cells.flag, "", 0),
        (cells.flag, "No", 0),
        (cells.moment, "2026-11-21", "2026-11-21T00:00:00+00:00"),
        (cells.moment, "2026-11-21T18:00:00+01:00", "2026-11-21T17:00:00+00:00"),
        (cells.moment, "2026-11-21T18:00:00Z", "2026-11-21T18:00:00+00:00"),
        (cells.moment, "", None),
        (cells.country, "de", "DE"),
        (cells.country, "", None),
        (cells.language, "de_ch", "de-CH"),
        (cells.language, "", None),
        (cells.languages, "DE; de_ch ;;en", "de;de-CH;en"),
        (cells.languages, "", None),
        (cells.time_zone, "Europe/Berlin", "Europe/Berlin"),
        (cells.time_zone, "", None),
        (cells.hours, "Mo-Fr 07:00-19:00 Europe/Berlin", "Mo-Fr 07:00-19:00 Europe/Berlin"),
        (cells.hours, "", None),
        (cells.role, "Service_Desk_Analyst", "service_desk_analyst"),
        (cells.extensions, "4000-4999; 70", "4000-4999;70"),
        (cells.extensions, "0042-0042", "0042-0042"),
        (cells.extensions, "", None),
        (cells.holidays, "2026-12-25; 01-01 New  Year;02-29;;", "2026-12-25;01-01 New Year;02-29"),
        (cells.holidays, "", None),
        (cells.people, "*", "*"),
        (cells.people, "p1; p2 ;p1", "p1;p2"),
        (cells.people, "", None),
        (cells.url, "https://kb.example/7?a=b;c", "https://kb.example/7?a=b;c"),
        (cells.url, "", None),
        (cells.numbers, "work:1;mobile:2", "work:1;mobile:2"),
        (cells.links, "A=https://a.example/{number}", '[["A","https://a.example/{number}"]]'),
        (
            cells.links,
            "A=https://a.example/x;y={number} ; B = http://b.example",  # a ; inside an address stays in it
            '[["A","https://a.example/x;y={number}"],["B","http://b.example"]]',
        ),
        (cells.links, "", None),
    ],
)
def test_value(parse: Parse, text: str, expected: object) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("parse", "text", "names"),
    [
        (cells.name, "x" * 401, "400"),
        (cells.plain_text, "ü" * 1025, "2048 bytes"),
        (cells.flag, "perhaps", "perhaps"),
        (cells.moment, "21.11.2026", "21.11.2026"),
        (cells.moment, "0001-01-01T00:00:00+14:00", "is no time"),
        (cells.country, "Germany", "Germany"),
        (cells.country, "XX", "XX"),
        (cells.language, "Deutsch", "Deutsch"),
        (cells.languages, "de;Deutsch", "Deutsch"),
        (cells.time_zone, "CET+1", "CET"),
        (cells.time_zone, "../../etc/passwd", "time zone"),
        (cells.hours, "always", "always"),
        (cells.role, "auditor", "auditor"),
        (cells.extensions, "4000-", "4000-"),
        (cells.extensions, "²", "²"),
        (cells.extensions, "400-4999", "equally many digits"),
        (cells.extensions, "4999-4000", "the lower one first"),
        (cells.holidays, "25.12.2026", "25.12.2026"),
        (cells.holidays, "2026-02-29", "no such day"),
        (cells.holidays, "25-12", "month before day"),
        (cells.holidays, "x" * 8193, "8192"),
        (cells.people, "*;p1", "alone for everybody"),
        (cells.people, "x" * 401, "400"),
        (cells.people, "x;" * 140_000, "262144"),
        (cells.url, "ftp://kb.example", "ftp://kb.example"),
        (cells.url, "javascript:alert(1)", "only http"),
        (cells.url, "https://", "only http"),
        (cells.url, "https://[kb.example", "only http"),
        (cells.url, "https://kb.example/a b", "without blanks"),
        (cells.url, "https://kb.example/" + "x" * 2048, "2048"),
        (cells.numbers, "1" * 8193, "8192"),
        (cells.links, "https://a.example", "Title="),
        (cells.links, "A=ftp://a.example", "https://"),
        (cells.links, "A=https://a.example/{nr}", "nr"),
        (cells.links, "x" * 8193, "8192"),
    ],
)
def test_what_is_wrong_is_named(parse: Parse, text: str, names: str) -> None:
    with pytest.raises(ValueError, match=names.replace("+", r"\+")):
        parse(text)


def test_a_family_is_texts_by_tag() -> None:
    assert cells.family({"fr": "Bonjour", "de": "Hallo", "en": ""}) == '{"de":"Hallo","fr":"Bonjour"}'
    assert cells.family({"de": ""}) is None
    with pytest.raises(ValueError, match="for de is longer"):
        cells.family({"de": "x" * 3000})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Zu\u0308rich ", "Zürich"),
        ("a\x00b\x1b[31mc", "ab[31mc"),  # no terminal is coloured by a directory
        ("a\tb\nc", "a\tb\nc"),
        ("\ud800", ""),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert cells.clean(text) == expected


@given(st.text(max_size=60))
def test_any_cell_is_a_value_or_a_value_error(text: str) -> None:
    parsers = (cells.name, cells.plain_text, cells.flag, cells.moment, cells.country, cells.language, cells.languages)
    more = (cells.time_zone, cells.hours, cells.links, cells.extensions, cells.numbers, cells.role, cells.holidays)
    for parse in (*parsers, *more, cells.people, cells.url):
        try:
            value = parse(cells.clean(text))
        except ValueError:
            continue
        assert value is None or isinstance(value, str | int)


@given(st.text(st.sampled_from("ab \t\n\0üu\u0308\u3000"), max_size=12))
def test_the_fast_way_to_a_name_leads_to_the_same_name(text: str) -> None:
    assert cells.raw_name(text) == cells.name(cells.clean(text))


def test_marks_that_turn_the_direction_of_text_do_not_get_into_the_directory() -> None:
    assert cells.clean("\u202eevil \u2066name\u2069") == "evil name"
