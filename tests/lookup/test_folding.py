import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup.folding import LONGEST_TERM, MOST_TERMS, MOST_WORDS, query_words, terms


def found(name: str, typed: str) -> bool:
    """What every directory does with the two: each typed word begins a term, in one of its spellings."""
    stored = terms(name)
    words = query_words(typed)
    return bool(words) and all(any(term.startswith(word) for term in stored for word in same) for same in words)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Regula Frei", {"regula", "frei"}),
        ("FREI, Regula (IT) 2", {"frei", "regula", "it", "2"}),
        ("Müller", {"muller", "mueller"}),
        ("Weiß Straße", {"weiss", "strasse"}),
        ("Søren Ålborg", {"soren", "soeren", "alborg", "aalborg"}),
        ("Łukasz Đorđević", {"lukasz", "dordevic"}),
        ("Æsa Þórsdóttir", {"aesa", "thorsdottir"}),
        ("İbrahim Işık", {"ibrahim", "isik"}),
        ("Phạm Thị Đào", {"pham", "thi", "dao"}),
        ("O'Neill", {"oneill", "o", "neill"}),
        ("Meier-Schulz", {"meierschulz", "meier", "schulz"}),
        ("Smith-O’Neill", {"smithoneill", "smith", "oneill", "o", "neill"}),
        ("Ελένη Παπαδοπούλου", {"ελενη", "παπαδοπουλου"}),
        ("Фёдор Йорданов", {"федор", "иорданов"}),
        ("أَحْمَد آل الرَّحْمٰن", {"احمد", "ال", "الرحمن"}),
        ("محـمد", {"محمد"}),
        ("שָׁלוֹם", {"שלום"}),
        ("राजेश", {"राजेश"}),
        ("王小明", {"王小明", "小明", "明"}),
        ("田中 太郎", {"田中", "太郎", "田中太郎", "中太郎", "郎"}),
        ("김민수", {"김민수", "민수", "수"}),
        ("王Wang", {"王", "wang"}),
        ("...", set()),
        ("'", set()),
        ("", set()),
    ],
)
def test_terms(name: str, expected: set[str]) -> None:
    assert set(terms(name)) == expected
    assert list(terms(name)) == sorted(terms(name))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Jörg Müller", "muller"),
        ("Jörg Müller", "MUELLER jo"),
        ("Jörg Müller", "mül"),
        ("Jörg Mu\u0308ller", "müller"),  # two code points
        ("Joerg Mueller", "Müller Jörg"),
        ("Joerg Mueller", "mu"),
        ("Weiss", "weiß"),
        ("Siobhán O'Neill", "oneill"),
        ("Siobhán O’Neill", "o'ne"),
        ("Siobhan O'Neill", "neill"),
        ("Siobhan O'Neill", "o neill"),
        ("Ida Smith-O'Neill", "o'neill"),
        ("Anna Meier-Schulz", "schulz"),
        ("Anna Meier-Schulz", "meier-schu"),
        ("Saif al-Rashid", "alrashid"),
        ("Ελένη", "ελενη"),
        ("أحمد", "احمد"),
        ("احمد", "أحمد"),
        ("علی", "علي"),
        ("王小明", "小"),
        ("王 小明", "王小明"),
        ("王小明", "王 小明"),
        ("김 민수", "김민수"),
        ("ジョン・スミス", "スミス"),
        ("กานต์ธีรวัฒน์", "ธีร"),
        ("\u109a'\u1050", "\u109a\u1050"),  # a vowel sign that stands first, found by chance
        ("李-李", "李李"),
    ],
)
def test_what_finds_whom(name: str, typed: str) -> None:
    assert found(name, typed)


@pytest.mark.parametrize(
    ("name", "typed"),
    [("Regula Frei", "egula"), ("Regula Frei", "frei urs"), ("Müller", "moller"), ("王小明", "明小"), ("Frei", "?")],
)
def test_what_does_not(name: str, typed: str) -> None:
    assert not found(name, typed)


def test_the_words_of_a_query_with_their_spellings() -> None:
    assert query_words("  Mü, Jörg mü") == (("mu", "mue"), ("jorg", "joerg"))
    assert query_words(" - ") == ()


names = st.text(st.characters(codec="utf-8", exclude_categories=["Co"]), max_size=14) | st.text(
    "aäößoøå'’-‐. 王明김가ガタกา\u0308\u0301\u200cي", max_size=14
)


@given(names)
def test_every_name_is_found_by_itself_and_by_its_beginning(name: str) -> None:
    words = query_words(name)
    assert bool(words) == bool(terms(name))
    assert not words or found(name, name)
    for end in range(1, len(name)):
        assert not query_words(name[:end]) or found(name, name[:end])


@given(st.text("abcXYZ019 _.,()&", max_size=30))
def test_the_short_way_for_plain_names_gives_the_same(name: str) -> None:
    assert set(terms(f"{name} é")) == {*terms(name), "e"}


@given(st.text(max_size=400))
def test_bounds_hold_for_whatever_is_stored_or_typed(text: str) -> None:
    assert len(terms(text)) <= MOST_TERMS
    assert len(query_words(text)) <= MOST_WORDS
    words = [*terms(text), *(word for same in query_words(text) for word in same)]
    assert all(0 < len(word) <= LONGEST_TERM for word in words)
    assert not any(c in word for word in words for c in "\"\\ '")  # `directory_terms` makes JSON of them as they are
