"""Numbers as integers, there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup.number_key import EXTENSION_BASE, is_extension, pack, unpack


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("+493023125000", 493023125000),
        ("+999999999999999", 999999999999999),  # the longest that E.164 allows
        ("0042", EXTENSION_BASE + 10042),
        ("0", EXTENSION_BASE + 10),
        ("000000", EXTENSION_BASE + 1000000),
        ("999999", EXTENSION_BASE + 1999999),
    ],
)
def test_a_number_is_one_integer(number: str, key: int) -> None:
    assert pack(number) == key
    assert unpack(key) == number
    assert is_extension(key) == (not number.startswith("+"))


@pytest.mark.parametrize("text", ["", "+", "+0301234", "1234567", "+1234567890123456", "٤٧١١", "4711\n", "-1", "x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither E\.164"):
        pack(text)


@pytest.mark.parametrize("key", [-1, 0, 9, EXTENSION_BASE, EXTENSION_BASE + 1, EXTENSION_BASE + 20,
                                 EXTENSION_BASE + 2_000_000])  # fmt: skip
def test_what_is_no_key_is_refused(key: int) -> None:
    with pytest.raises(ValueError, match="no key"):
        unpack(key)


def test_leading_zeros_make_another_extension() -> None:
    assert len({pack("42"), pack("042"), pack("0042"), pack("00042")}) == 4


@given(st.from_regex(r"\+[1-9][0-9]{1,14}|[0-9]{1,6}", fullmatch=True).map(str.strip))
def test_unpack_is_the_inverse_of_pack(number: str) -> None:
    assert unpack(pack(number)) == number


@given(st.integers(-10, 2 * EXTENSION_BASE))
def test_a_key_that_is_read_packs_to_itself(key: int) -> None:
    try:
        number = unpack(key)
    except ValueError:
        return
    assert pack(number) == key
