"""What is written down of a test call, and what it says of itself."""

from dataclasses import replace

import pytest

from ctibridge.domain.finding import Finding
from ctibridge.selftest.timeline import Cast, Reply, Stopped, Timeline
from tests.selftest.scenes import POP, refused, timeline, without_pop


def test_a_repeated_provisional_answer_is_one() -> None:
    made = Timeline(Cast("c", "d"))
    for at, status in ((0.1, 180), (0.2, 180), (0.3, 200)):
        made.replied(status, at)
    assert made.replies == [Reply(0.1, 180), Reply(0.3, 200)]


def test_the_first_pop_counts_for_time_and_the_newest_for_what_it_says() -> None:
    made = timeline()
    made.popped(replace(POP, at=0.5, language="fr"))
    assert made.pop_ms == 20
    assert made.newest is not None
    assert made.newest.language == "fr"
    assert without_pop().pop_ms is None


def test_time_begins_with_the_invite() -> None:
    assert timeline().since(100.25) == pytest.approx(0.25)
    assert Timeline(Cast("c", "d")).since(100.0) == 0


def test_what_the_pbx_said() -> None:
    assert timeline().ringing == Reply(0.015, 180)
    assert refused(404).ringing is None
    assert refused(403, 407).refused == 403
    assert timeline().refused is None
    assert without_pop().refused is None, "we took it back: 487 is no refusal"
    assert refused(403, 407).challenged
    assert not refused(403).challenged


def test_nothing_of_a_caller_is_printed_by_accident() -> None:
    assert "+41790000017" not in repr(timeline())
    assert Stopped(Finding("call", "no way", "go")).finding.mend == "go"
