"""The labelled case file, which bench/accuracy.py scores: each case by its story."""

from collections import Counter

import msgspec
import pytest

from bench.accuracy import Case, read, score
from ctibridge.domain.resolution import Status

CASES = read()


@pytest.mark.parametrize("case", CASES, ids=[case.caller for case in CASES])
def test_case(case: Case) -> None:
    assert case.verdict(case.question()()) == (case.status, case.first)


def test_the_file_is_large_and_has_something_of_everything() -> None:
    assert len(CASES) >= 120
    assert len({case.caller for case in CASES}) == len(CASES)
    assert Counter(case.status for case in CASES).keys() == set(Status) - {Status.WITHHELD}
    assert min(Counter(case.status for case in CASES).values()) >= 15
    assert {row.grade.value for case in CASES for row in case.rows} == {"exact", "rewritten", "extension", "suffix"}
    assert all(any(getattr(case, what) for case in CASES) for what in ("claims", "choices", "contacts", "short"))


def test_a_wrong_case_costs_accuracy_and_is_told_by_its_story() -> None:
    wrong = msgspec.structs.replace(CASES[0], first="acme/nobody")
    found = score([wrong, *CASES[1:4]], repeats=1)
    assert found.accuracy == 0.75
    assert found.wrong == (f"{wrong.caller}: identified, acme/nobody expected; identified, acme/a1 said",)
    assert 0 < found.p50 <= found.p99


def test_a_line_with_an_unknown_field_is_no_case() -> None:
    with pytest.raises(msgspec.ValidationError, match="labell"):
        msgspec.json.decode(b'{"caller": "x", "status": "unknown", "first": null, "labell": 1}', type=Case)
