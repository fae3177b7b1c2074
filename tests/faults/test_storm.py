"""The largest number within a span."""

from tests.faults.storm import most_in


def test_the_busiest_second() -> None:
    assert most_in(1.0, []) == 0
    assert most_in(1.0, [5.0]) == 1
    assert most_in(1.0, [0.0, 0.9, 1.0, 1.8, 1.85, 7.0]) == 4
    assert most_in(10.0, [3.0, 1.0, 2.0]) == 3
