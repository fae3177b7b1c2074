"""Where a person's entries lie, and that they are found again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.shared import layout as layouts
from ctibridge.lookup.adapters.shared.layout import (
    SHARDS,
    Holder,
    Layout,
    Range,
    bits_for,
    digits_of,
    holder,
    identified,
    named,
    number_of,
    tag_of,
    tags,
)
from ctibridge.lookup.adapters.shared.record import Phone, Record
from ctibridge.lookup.holders import NumberRow

LAYOUT = Layout("cti", "a1b2c3", 6)
KEY = PersonKey("acme", "p17")
MOBILE, SHORT = 5491123456789, number_key.pack("0042")
RECORD = Record(
    "Regula Müller",
    email="Regula@acme.example",
    employee_id="A-17",
    phones=(
        Phone(MOBILE, 1, True, None),
        Phone(MOBILE, "desk", False, 5),
        Phone(MOBILE, 5, False, None),
        Phone(SHORT, 2, False, None),
    ),
)
MEMBERS = LAYOUT.members(KEY, RECORD)

e164 = st.from_regex(re.compile(r"\+[1-9][0-9]{1,14}"), fullmatch=True)
short = st.from_regex(re.compile(r"[0-9]{1,6}"), fullmatch=True)


def within(asked: Range) -> set[bytes]:
    """As ZRANGEBYLEX answers."""
    return {member for key, member in MEMBERS if key == asked.key and asked.least <= member < asked.end}


@given(st.one_of(e164, short))
def test_digits_lead_back_to_the_number(number: str) -> None:
    packed = number_key.pack(number)
    assert len(digits_of(packed)) == 8
    assert number_of(digits_of(packed)) == packed


@given(e164, st.integers(7, 15), e164)
def test_the_end_of_a_number_is_the_beginning_of_its_member(number: str, length: int, other: str) -> None:
    tail = number[1:][-length:]
    for each in number, other:
        digits = digits_of(number_key.pack(each))
        if len(tail) >= layouts.TAIL:
            asked = LAYOUT.ending(tail)
            assert (asked.least <= digits + b"acme\0" < asked.end) == each[1:].endswith(tail)
            assert not each[1:].endswith(tail) or LAYOUT.numbers(number_key.pack(each), "acme") == asked.key


@given(short, st.integers(7, 15))
def test_a_short_number_is_nobodys_tail(number: str, length: int) -> None:
    asked = LAYOUT.ending(number.rjust(length, "0"))
    assert not asked.least <= digits_of(number_key.pack(number)) < asked.end


def test_who_holds_a_number_and_who_lists_it_as_a_fax() -> None:
    (telephone,) = within(LAYOUT.holding(MOBILE, "acme"))
    (fax,) = within(LAYOUT.listing_as_fax(MOBILE, "acme"))
    assert within(LAYOUT.holding(MOBILE)) == {telephone, fax} == within(LAYOUT.ending("3456789"))
    assert holder(telephone) == Holder(MOBILE, "acme", False, "p17", False, ((False, "desk"), (True, 1)))
    assert holder(fax).fax
    assert set(holder(telephone).rows(Grade.EXACT)) == {
        NumberRow("acme", "p17", "mobile", False, True, "+5491123456789"),
        NumberRow("acme", "p17", "desk", False, False, "+5491123456789"),
    }
    assert within(LAYOUT.holding(MOBILE, "acm")) == within(LAYOUT.holding(MOBILE + 1)) == set()
    assert [holder(one).number for one in within(LAYOUT.holding(SHORT, "acme"))] == [SHORT]
    assert LAYOUT.holding(SHORT, "acme").key != LAYOUT.holding(SHORT, "fleuron").key


def test_words_and_ids_lead_to_him_by_what_they_begin_with() -> None:
    for typed in ("r", "reg", "mueller", "muller"):
        assert {named(one) for one in within(LAYOUT.word("acme", typed, whole=False))} == {"p17"}
    assert within(LAYOUT.word("acme", "reg", whole=True)) == within(LAYOUT.word("fleuron", "reg", whole=False)) == set()
    assert len(within(LAYOUT.word("acme", "regula", whole=True))) == 1
    for typed in ("a", "a-17", "regula@"):
        assert {identified(one) for one in within(LAYOUT.id("acme", typed, whole=False))} == {("p17", False)}
    assert within(LAYOUT.id("acme", "a-1", whole=True)) == set()
    assert within(LAYOUT.claim("acme", "employee_id", "a-17")) == within(LAYOUT.id("acme", "a-17", whole=True))
    assert within(LAYOUT.claim("acme", "support_id", "a-17")) == set()


def test_who_has_left_says_so_in_each_entry() -> None:
    left = LAYOUT.members(KEY, Record("R", disabled=True, employee_id="A-17", phones=(Phone(MOBILE, 1, False, None),)))
    by_kind = {key.split(":")[3]: member for key, member in left}
    assert holder(by_kind["n"]).disabled
    assert identified(by_kind["i"]) == ("p17", True)


def test_nobody_has_nothing() -> None:
    assert LAYOUT.members(KEY, None) == LAYOUT.members(KEY, Record("")) == set()


def test_every_key_is_among_all_and_under_a_tag_of_ours() -> None:
    every = set(LAYOUT.all(["acme"]))
    keys = {key for key, _ in MEMBERS} | {LAYOUT.people(KEY)}
    assert keys <= every
    assert {tag_of(key) for key in every} <= set(tags("cti"))
    assert len(tags("cti")) == len(LAYOUT.heres()) == SHARDS


def test_a_large_directory_lies_in_all_shards() -> None:
    large = Layout("cti", "a", 12)
    assert {tag_of(large.people(PersonKey("acme", str(number)))) for number in range(2_000)} == set(tags("cti"))


@pytest.mark.parametrize(("numbers", "bits"), [(0, 6), (64, 6), (2_000_000, 15), (10**12, 24)])
def test_buckets_for_so_many_numbers(numbers: int, bits: int) -> None:
    assert bits_for(numbers) == bits


@pytest.mark.parametrize("member", [b"", b"12345678", b"12345678acme\0tp17", digits_of(MOBILE) + b"acme\0tp17\0\xc1"])
def test_what_is_no_member_is_an_error(member: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's words, or ours
        holder(member)
