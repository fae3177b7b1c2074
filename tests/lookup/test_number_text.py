"""Text to digits, before any plan is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup.number_text import LONGEST, Written, digits, read, seen


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("+49 30 23125000", Written("+493023125000")),
        ("tel:4711", Written("4711")),
        ("tel://4711", Written("4711")),
        ("SIP:4711@pbx", Written("4711")),
        ("tel:123;phone-context=+49-30", Written("123", "+4930")),
        ("tel:123;PHONE-CONTEXT=+49(30);x=1", Written("123", "+4930")),
        ("tel:123;phone-context=example.com", Written("123")),
        ("tel:+4930123;ext=45", Written("+4930123", None, "45")),
        ("+4930123 x45", Written("+4930123", None, "45")),
        ("+4930123,,45#", Written("+4930123", None, "45")),
        ("%2B4930123", Written("+4930123")),
        ("*824711", Written("4711")),
        ("0800 FLOWERS", Written("08003569377", vanity=True)),
        ("\u202a+4930123\u202c", Written("+4930123")),
    ],
)
def test_read(raw: str, written: Written) -> None:
    assert read(raw) == written


@pytest.mark.parametrize(
    "raw",
    [
        "", "+", "++", " ", "alice", "030 BUERO GmbH & Co", "08 FLOWERS", "0800 FL", "0800 FLOWERSANDMORE",
        "4711@anonymous.invalid", "*67123456", "\u200e*67123456", "266696687", "0000", "9" * (LONGEST + 1), "%", "%00",
    ],
)  # fmt: skip
def test_what_is_no_number(raw: str) -> None:
    assert read(raw) is None


def test_half_a_surrogate_pair_is_no_digit() -> None:
    assert digits("\ud80030") is None


def test_only_formats_are_not_seen() -> None:
    assert seen("\u200e030\u00a0\u0661\ufeff") == "030\u00a0\u0661"


def test_a_text_is_not_printed() -> None:
    assert "4930" not in repr(read("tel:23125;phone-context=+4930;ext=12"))


@given(st.text())
def test_digits_are_digits(text: str) -> None:
    plain = digits(text)
    assert plain is None or set(plain) <= set("+0123456789")


@given(st.text(max_size=LONGEST + 8))
def test_any_text_is_read_to_digits_or_nothing(text: str) -> None:
    written = read(text)
    assert written is None or (written.digits.strip("+").isdecimal() and written.digits.isascii())


@given(st.text(alphabet="+0123456789٠۹ -()./\u200e\u202c\u00ad", max_size=40))
def test_what_is_only_digits_reads_the_same_again(text: str) -> None:
    plain = digits(text)
    assert plain is not None
    assert digits(plain) == plain
