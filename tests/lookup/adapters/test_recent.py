from ctibridge.lookup.adapters.recent import Recent, Remembered
from ctibridge.lookup.holders import NOBODY

NOTHING = Remembered(NOBODY, {})


def test_what_is_remembered_is_of_one_version() -> None:
    recent = Recent()
    recent.put("+49", NOTHING, 1)
    assert recent.get("+49", 1) is NOTHING
    assert recent.get("+49", 2) is None
    recent.put("+33", NOTHING, 2)
    assert recent.get("+49", 2) is None
    assert len(recent) == 1


def test_what_was_read_before_the_change_does_not_come_back() -> None:
    recent = Recent()
    recent.put("+33", NOTHING, 2)
    recent.put("+49", NOTHING, 1)
    assert recent.get("+49", 1) is None
    assert recent.get("+33", 2) is NOTHING


def test_numbers_that_did_not_ring_lately_leave_first() -> None:
    recent = Recent(size=2)
    recent.put("a", NOTHING, 1)
    recent.put("b", NOTHING, 1)
    recent.get("a", 1)
    recent.put("c", NOTHING, 1)
    assert recent.get("b", 1) is None
    assert recent.get("a", 1) is recent.get("c", 1) is NOTHING
