"""What rang at our own lines and is over since a moment ago."""

from ctibridge.flow.lately import KEPT, MOST, Lately, Past
from ctibridge.sip.events import RingEnd
from tests.flow.cluster import ring


def past(call: str) -> Past:
    return Past(call, 1, ("ana",), ring("a", "6001"), RingEnd.CANCELLED)


def test_it_is_kept_for_a_while_in_its_order() -> None:
    lately = Lately()
    lately.over(past("c1"), 10.0)
    lately.over(past("c2"), 11.0)
    assert [one.call for one in lately.all(10.0 + KEPT)] == ["c1", "c2"]
    assert [one.call for one in lately.all(10.5 + KEPT)] == ["c2"]
    lately.over(past("c3"), 12.0 + KEPT)
    assert [one.call for one in lately.all(12.0 + KEPT)] == ["c3"]


def test_of_too_many_the_newest_are_kept() -> None:
    lately = Lately()
    for number in range(MOST + 1):
        lately.over(past(f"{number}"), 1.0)
    assert [one.call for one in lately.all(1.0)] == [f"{number}" for number in range(1, MOST + 1)]
