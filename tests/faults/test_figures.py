from tests.faults.figures import figures, pops, spread, starts
from tests.faults.record import Life, Record
from tests.faults.test_judge import night


def test_a_spread() -> None:
    assert spread([]) == "none"
    assert spread([0.3, 0.1, 0.2]) == "n 3, median 0.200, 99 % 0.300, most 0.300 s"


def test_of_a_record() -> None:
    record = night()
    record.lives.append(Life(50))
    assert starts(record) == [1, 1]
    assert sorted(round(late, 2) for late in pops(record)) == [0.02, 0.02, 0.05, 1.1]
    assert "ready     n 2, median 1.000" in figures(record, {"more": "said"})
    assert "more      said" in figures(record, {"more": "said"})
    assert "none" in figures(Record())
