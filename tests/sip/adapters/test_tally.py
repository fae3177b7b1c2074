"""How seldom it is said."""

from ctibridge.sip.adapters.tally import PAUSE, Complaints, Tally


def test_growth_is_said_at_once_and_then_once_a_minute() -> None:
    tally = Tally()
    assert tally.grown(0, 0) == 0
    assert tally.grown(3, 1) == 3
    assert [tally.grown(count, count) for count in range(4, 60)] == [0] * 56
    assert tally.grown(70, 1 + PAUSE) == 67
    assert tally.grown(70, 1000) == 0


def test_a_complaint_is_repeated_once_a_minute_and_a_new_one_is_said_at_once() -> None:
    complaints = Complaints()
    assert complaints.worth("a", "broken", 0)
    assert not complaints.worth("a", "broken", PAUSE - 1)
    assert complaints.worth("b", "broken", 1)
    assert complaints.worth("a", "expired", 2)
    assert complaints.worth("a", "expired", 2 + PAUSE)


def test_the_memory_of_complaints_is_bounded() -> None:
    complaints = Complaints()
    for thing in range(1000):
        complaints.worth(thing, "broken", 0)
    assert len(complaints._said) <= 64
