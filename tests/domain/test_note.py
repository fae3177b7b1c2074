import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.note import Note, plain
from ctibridge.domain.private import Private
from tests.delivery.examples import AT
from tests.leaks import canary


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  she calls\tat five \n", "she calls\tat five"),
        ("one\r\ntwo\rthree\x85four\u2028five", "one\ntwo\nthree\nfour\nfive"),
        ("a\x00b\x1bc\x7fd\x9fe", "abcde"),
        ("\u202egnissecca\u202c \u2066x\u2069\u200e\u200f\u061c", "gnissecca x"),
        ("שלום 👩‍💻", "שלום 👩‍💻"),
        ("half\ud800", "half"),
        ("\u202e \x00\n", ""),
    ],
)
def test_what_is_kept_of_a_text(written: str, kept: str) -> None:
    assert plain(written) == kept


@given(st.text())
def test_a_text_that_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_a_note_prints_without_its_text() -> None:
    text = canary("Regula spilled her tea")
    assert text not in repr(Note("ana", Private(text), AT))
