"""Our id of a call."""

from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.call_id import RANDOM_BYTES, call_id, keyed_call_id

MILLISECONDS = st.integers(0, 2**48 - 1)
RANDOM = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


def test_the_example_of_the_ulid_specification() -> None:
    assert call_id(1469918176385, bytes(10))[:10] == "01ARYZ6S41"


def test_the_ends_of_its_range() -> None:
    assert call_id(0, bytes(10)) == "0" * 26
    assert call_id(2**48 - 1, b"\xff" * 10) == "7" + "Z" * 25


@given(MILLISECONDS, RANDOM, MILLISECONDS, RANDOM)
def test_it_sorts_by_time_and_then_by_chance(early: int, one: bytes, late: int, two: bytes) -> None:
    assert (call_id(early, one) < call_id(late, two)) == ((early, one) < (late, two))


@given(MILLISECONDS, RANDOM)
def test_26_letters_that_nobody_confuses(milliseconds: int, randomness: bytes) -> None:
    made = call_id(milliseconds, randomness)
    assert len(made) == 26
    assert not set(made) & set("ILOU")


WORDS = st.lists(st.text(max_size=5), max_size=4)


@given(WORDS, WORDS)
def test_the_same_words_are_the_same_call_and_others_another(one: list[str], other: list[str]) -> None:
    assert (keyed_call_id(b"key", one) == keyed_call_id(b"key", other)) == (one == other)


def test_without_the_key_nobody_makes_it() -> None:
    made = {keyed_call_id(key, ["pbx", "call-1"]) for key in (b"one", b"two", b"k" * 64)}
    assert len(made) == 3
    assert all(len(each) == 26 and not set(each) & set("ILOU") for each in made)
