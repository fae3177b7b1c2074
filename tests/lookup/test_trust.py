from datetime import timedelta

import pytest

from ctibridge.domain.screen_pop import Signal
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.matching import matches
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.trust import signals
from tests.lookup.examples import AT, MOBILE


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([2], [2]),
        ([0], [0]),
        ([30], [30]),
        ([31], []),
        ([-1], [0]),  # a clock elsewhere runs ahead
        ([90, 5, 12], [5]),
        ([], []),
    ],
)
def test_a_number_that_changed_within_thirty_days(days: list[int], expected: list[int]) -> None:
    rows = [NumberRow("acme", f"p{day}", "mobile", changed_at=AT - timedelta(days=day, minutes=1)) for day in days]
    found = signals(matches([*rows, NumberRow("acme", "p", "work")], Understood(MOBILE), None), AT)
    assert found == tuple(Signal("number_changed_recently", day) for day in expected)


def test_what_the_network_doubts_and_what_contradicts_is_said() -> None:
    row = NumberRow("acme", "p", "mobile", changed_at=AT - timedelta(days=2))
    found = matches([row], Understood(MOBILE), None)
    assert [one.kind for one in signals(found, AT, "failed", contradicted=True)] == [
        "number_changed_recently",
        "attestation_failed",
        "claim_contradicts_number",
    ]


@pytest.mark.parametrize("attestation", ["A", "B", "C", "passed", "none", "not-checked"])
def test_what_the_network_says_otherwise_is_no_warning(attestation: str) -> None:
    assert signals((), AT, attestation) == ()
