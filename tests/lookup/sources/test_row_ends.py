import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctibridge.lookup.sources.row_ends import after_first, after_rows


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("", ""),
        ("a,b", ""),
        ("a,b\n", "a,b\n"),
        ("a,b\nc", "a,b\n"),
        ("a,b\rc", "a,b\r"),
        ("a,b\r\nc", "a,b\r\n"),
        ('a,"b\nc', ""),
        ('a,"b\nc"\nd', 'a,"b\nc"\n'),
        ('a,"b""\nc"\n', 'a,"b""\nc"\n'),
        ('5" pipe,b\nc', '5" pipe,b\n'),  # a quote inside a cell is a sign like others
        ('a,"b"c"\nd', 'a,"b"c"\n'),
        ("\n\n", "\n\n"),
    ],
)
def test_after_rows(text: str, whole: str) -> None:
    assert text[: after_rows(text, ",")] == whole


def test_without_quotes_every_line_is_a_row() -> None:
    assert after_rows('{"a": "b\n{', None) == 9


def test_after_first() -> None:
    assert after_first('"a\nb",c\nd,e\n', ",") == 8
    assert after_first('"a\nb,c', ",") == 0


@given(st.text(st.sampled_from('ab",\n\r '), max_size=40))
@example('"a\r\nb",c\r\nd')
@example('a"b,"c\nd"e\nf')
def test_a_cut_changes_no_row(text: str) -> None:
    """What the reader of the standard library sees in the pieces is what it sees in the whole."""
    end = after_rows(text, ",")
    if text[end - 1 : end] == "\r" and text[end : end + 1] == "\n":
        end = 0  # never cut there: see after_rows
    assert rows(text[:end]) + rows(text[end:]) == rows(text)
    assert end == 0 or text[end - 1] in "\r\n"


@given(st.text(st.sampled_from('ab",\n '), max_size=40))
def test_nothing_that_has_ended_is_left_over(text: str) -> None:
    rest = text[after_rows(text, ",") :]
    assert "\n" not in rest or '"' in rest
    # What is left is one row that has not ended: with another line end behind it, it is still no more than one.
    assert len(rows(rest)) <= 1


@pytest.mark.parametrize("piece", ['"', '""', 'a"', '","', '"a', '"a",', "a,"])
def test_a_megabyte_without_end_is_given_up_without_going_back(piece: str) -> None:
    """Each piece could be taken in several ways by a pattern that backtracks, and would never be done."""
    text = piece * 200_000
    assert after_rows(text, ",") == 0
    assert after_rows(f"{text}\n", ",") in {0, len(text) + 1}
