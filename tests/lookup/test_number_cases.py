"""What PBXs of many countries send, and what it is: the table `number_cases.csv`, and what must not change it."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup.numbers import understand
from ctibridge.lookup.settings import DialPlan


class Case(NamedTuple):
    """A row of number_cases.csv. raw: `\\u200e` stands for the character. rewritten: separated by blanks."""

    country: str
    outside_line_prefix: str
    raw: str
    e164: str
    extension: str
    rewritten: str
    why: str

    @property
    def plan(self) -> DialPlan:
        return DialPlan(self.country or None, self.outside_line_prefix or None)

    @property
    def text(self) -> str:
        return re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), self.raw)


def cases() -> list[Case]:
    with Path(__file__).with_name("number_cases.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == Case._fields
    return [Case(*row) for row in rows]


CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[f"line {line} {case.why}" for line, case in enumerate(CASES, start=2)])
def test_the_table(case: Case) -> None:
    understood = understand(case.text, case.plan)
    assert (understood.e164 or "", understood.extension or "") == (case.e164, case.extension)
    assert " ".join(understood.rewritten) == case.rewritten


def test_the_table_is_of_many_countries() -> None:
    assert len(CASES) >= 240
    assert len({case.country for case in CASES if case.country}) >= 32
    assert len({(case.country, case.outside_line_prefix, case.raw) for case in CASES}) == len(CASES)


@given(st.sampled_from(CASES), st.sampled_from("\u200e\u200f\u202a\u202c\u2066\u200b\u2060\ufeff\u00ad"), st.data())
def test_invisible_characters_change_nothing(case: Case, invisible: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(case.text)))
    written = case.text[:place] + invisible + case.text[place:]
    assert understand(written, case.plan) == understand(case.text, case.plan)


@given(st.sampled_from([case for case in CASES if case.e164]), st.sampled_from(["", "0", "9", "*9"]))
def test_no_prefix_of_the_pbx_changes_a_number_with_its_plus(case: Case, prefix: str) -> None:
    assert understand(case.e164, DialPlan(case.country or None, prefix or None)).e164 == case.e164
