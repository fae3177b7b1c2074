"""Comma lists, parameters, quoted strings, numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import limits
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import (
    end_of_quoted,
    has_empty_part,
    parameters,
    print_parameters,
    quote,
    split_list,
    unquote,
    whole_number,
    without_quoted,
)

LINE_TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"))
TOKEN = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~", min_size=1)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("", []),
        ("  ", []),
        ("a", ["a"]),
        (" a , b,c ", ["a", "b", "c"]),
        (",,a,", ["a"]),
        ('"Meier, Maria" <sip:a@b>, <sip:c@d>', ['"Meier, Maria" <sip:a@b>', "<sip:c@d>"]),
        ("<sip:a,b@c>,d", ["<sip:a,b@c>", "d"]),
        (r'"a\",b",c', [r'"a\",b"', "c"]),
        ('"never, closed', ['"never, closed']),
        ("<never, closed", ["<never, closed"]),
        ('<sip:"a@b>,c', ['<sip:"a@b>', "c"]),
    ],
)
def test_split_list(value: str, parts: list[str]) -> None:
    assert split_list(value) == parts


def test_split_list_has_a_limit() -> None:
    assert len(split_list(",".join(["x"] * limits.VALUES))) == limits.VALUES
    with pytest.raises(RemoteFault):
        split_list(",".join(["x"] * (limits.VALUES + 1)))


@given(st.lists(LINE_TEXT.map(quote) | TOKEN, max_size=20))
def test_what_is_joined_by_commas_is_split_again(parts: list[str]) -> None:
    assert split_list(", ".join(parts)) == parts


@given(LINE_TEXT)
def test_splitting_finds_nothing_new(text: str) -> None:
    assert all(part in text for part in split_list(text[:90]))


@given(LINE_TEXT)
def test_quote_and_unquote_are_a_pair(text: str) -> None:
    assert unquote(quote(text)) == text


@given(LINE_TEXT, LINE_TEXT)
def test_a_quoted_string_ends_where_it_ends(text: str, behind: str) -> None:
    assert end_of_quoted(quote(text) + behind, 0) == len(quote(text))


@pytest.mark.parametrize("text", ['"', '"abc', '"abc\\', '"abc\\"'])
def test_a_quoted_string_without_an_end_reaches_to_the_end(text: str) -> None:
    assert end_of_quoted(text, 0) == len(text)


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("", ""), ("plain", "plain"), ('a "b" c', "a  c"), (r'a "b\"c" d', "a  d"), ('"a""b"', ""),
        ('a "never closed', 'a "never closed'), ('"a" "never\\', ' "never\\'), ('"', '"'),
    ],
)  # fmt: skip
def test_without_quoted(text: str, outside: str) -> None:
    assert without_quoted(text) == outside


@given(st.lists(LINE_TEXT.map(quote), max_size=5), TOKEN)
def test_all_that_was_quoted_is_gone(strings: list[str], token: str) -> None:
    assert without_quoted(token.join(["", *strings, ""])) == token * (len(strings) + 1)


@pytest.mark.parametrize("text", [";;", "a;;b", "a; ;b", "a;", "a,", "a,,b", "a;,b", ",,", 'a;b="x" ;', ";"])
def test_an_empty_part(text: str) -> None:
    assert has_empty_part(text)


@pytest.mark.parametrize("text", ["", "a", "a;b", "a , b", ';a=";;"', 'a;b=",,", c', ";a", "a;b=;c"])
def test_no_empty_part(text: str) -> None:
    assert not has_empty_part(text)


@pytest.mark.parametrize(("text", "content"), [("plain", "plain"), ('"', '"'), (r'"a\\\"b"', r"a\"b")])
def test_unquote(text: str, content: str) -> None:
    assert unquote(text) == content


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        (";lr", {"lr": None}),
        (" ; Tag = abc ;x=1", {"tag": "abc", "x": "1"}),
        (r';text="a;b=\"c\""', {"text": 'a;b="c"'}),
        (";a=1;a=2", {"a": "1"}),
        (";rport=", {"rport": ""}),
        (";received=[2001:db8::1]", {"received": "[2001:db8::1]"}),
        (';a=1;b="never closed;c=2', {"a": "1", "b": ""}),
        ("a=1", {}),
        (";a=1 odd;b=2", {"a": "1"}),
    ],
)
def test_parameters(text: str, found: dict[str, str | None]) -> None:
    assert parameters(text) == found


@given(st.dictionaries(TOKEN, st.none() | LINE_TEXT))
def test_parameters_are_printed_and_read_again(found: dict[str, str | None]) -> None:
    assert parameters(print_parameters(found)) == found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("\u00a07", None), ("\x0b7", None), ("\t7", 7),
        ("0", 0), (" 7 ", 7), ("0009", 9), ("3600", 3600), ("3601", None), ("-1", None), ("+1", None), ("1_0", None),
        ("١", None), ("²", None), ("", None), ("1.0", None), ("0x1", None), ("00000000001", None), ("9" * 5000, None),
    ],
)  # fmt: skip
def test_whole_number(text: str, number: int | None) -> None:
    assert whole_number(text, 3600) == number
