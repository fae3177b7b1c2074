"""Short numbers that follow from the plan of a site."""

import pytest

from ctibridge.lookup.adapters.importing.extension_plan import Plan
from ctibridge.lookup.number_key import pack

WORK, FAX = 2, 5


def plan(text: str) -> Plan:
    found = Plan.read(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "number", "short"),
    [
        ("4000-4999", "+49302312 4711", ["4711"]),
        ("4000-4999", "+49302312 3999", []),
        ("4000-4999", "+49302312 5000", []),
        ("4000", "+49302312 4000", ["4000"]),
        ("70", "+49302312 4770", ["70"]),
        ("00-09;4000-4999", "+49302312 4709", ["09", "4709"]),  # a leading zero is a digit like any other
        ("0000-9999", "+49302312 0042", ["0042"]),
    ],
)
def test_the_last_digits_that_are_in_the_plan(text: str, number: str, short: list[str]) -> None:
    number = number.replace(" ", "")
    assert sorted(plan(text).short_numbers(pack(number))) == sorted(pack(one) for one in short)


@pytest.mark.parametrize("text", [None, "", " ; "])
def test_no_plan(text: str | None) -> None:
    assert Plan.read(text) is None


def test_the_label_stays_and_a_fax_derives_nothing() -> None:
    told = {(pack("+493023124711"), WORK, 0): (0, None), (pack("+493023124712"), FAX, 0): (0, None)}
    assert plan("4000-4999").derive(told, FAX) == {(pack("4711"), WORK): (0, None)}


def test_a_short_number_derives_nothing_and_is_not_derived_again() -> None:
    told = {(pack("+493023124711"), WORK, 0): (0, None), (pack("4711"), 0, 1): (1, 5)}
    assert plan("4000-4999").derive(told, FAX) == {}


def test_of_two_numbers_with_one_end_the_better_known_one_counts_in_any_order() -> None:
    told = {
        (pack("+493023124711"), WORK, 0): (0, None),
        (pack("+498923124711"), WORK, 1): (1, 7),
        (pack("+496923124711"), WORK, 1): (1, 5),
    }
    forth, back = dict(told), dict(reversed(told.items()))
    assert plan("4000-4999").derive(forth, FAX) == plan("4000-4999").derive(back, FAX) == {(pack("4711"), WORK): (1, 7)}
