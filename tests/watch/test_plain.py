import time
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ctibridge.watch.plain import plain


@pytest.mark.parametrize(
    "name",
    [
        "Regula Frei",
        "Élodie Šťastná",
        "Nguyễn Thị Đào",
        "王小明",
        "أحمد",
        "שָׁלוֹם",
        "राजेश",
        "O'Neill & Söhne <IT>",
        "[bold]",
        "",
    ],
)
def test_honest_names_stay_as_they_are(name: str) -> None:
    assert plain(name) == name


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b]0;owned\x07Anna", "�]0;owned�Anna"),
        ("\x1b[2J\x1b[H", "�[2J�[H"),
        ("\x9b31mred", "�31mred"),  # one character of C1 is as good as ESC [
        ("Anna\x7f\b\b\b\bEvil", "Anna�����Evil"),
        ("Anna\r\nBerta\tx\u2028y\x85z\x0bq", "Anna Berta x y z q"),
        ("  \u00a0 Anna \u3000 Frei  ", "Anna Frei"),
        ("\u202eierF aluge\u202c", "ierF aluge"),
        ("\u2066a\u2067b\u2068c\u2069\u061c\u200e\u200f", "abc"),
        ("An\u200bna\u200d\ufeff\u00ad\u2060", "Anna"),
        ("\U000e0041\U000e0042x\ufe0f\U000e0101", "x"),  # tags and variation selectors carry hidden text
        ("\u3164\u115f\u1160\uffa0\u034f", ""),
        ("\ue000\U0010ffff\ud800\u0378", "����"),
    ],
)
def test_what_a_terminal_obeys_becomes_text(said: str, shown: str) -> None:
    assert plain(said) == shown


def test_marks_have_a_letter_and_are_few() -> None:
    assert plain("\u0301\u0302Anna") == "Anna"
    assert plain("A \u0301b") == "A b"
    assert plain("a" + "\u0301" * 500 + "b") == "a\u0301\u0301\u0301b"
    assert plain("\u1112" + "\u1161" * 500 + "\u11ab") == "\u1112\u1161\u1161\u1161", "a syllable has two"
    assert plain("\u1112\u1161\u11ab\u1100\u116e\u11a8", 4) == "\u1112\u1161\u11ab\u1100\u116e\u11a8"


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abc def", 5, "abc…"),
        ("王小明", 6, "王小明"),
        ("王小明", 5, "王小…"),
        ("王小明", 4, "王…"),
        ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("abc", 1, "…"),
        ("x" + "\u200b" * 100, 5, "x…"),
    ],
)
def test_it_is_cut_by_columns(text: str, most: int, shown: str) -> None:
    assert plain(text, most) == shown


def test_an_endless_name_costs_no_time() -> None:
    for piece in ("A", "\u0301", "\x1b", "\u200b", " "):
        begun = time.perf_counter()
        assert len(plain(piece * 1_000_000)) <= 200
        assert time.perf_counter() - begun < 0.1


@given(st.text(st.characters() | st.sampled_from("\x1b\x9b\u202e\u200b\u0301\u20dd\u1160王\n")), st.integers(1, 50))
def test_whatever_comes_is_one_bounded_line(text: str, most: int) -> None:
    shown = plain(text, most)
    assert not {category(c) for c in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert cell_len(shown) <= most
    assert shown == shown.strip()
    assert plain(shown, most) == shown
