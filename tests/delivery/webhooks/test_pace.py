import pytest

from ctibridge.delivery.webhooks.pace import AT_ONCE, LONGEST, LONGEST_ASKED, Pace, again_after


def test_sixteen_at_once_while_all_is_well_and_one_while_it_fails() -> None:
    pace = Pace()
    assert pace.room(AT_ONCE - 1, 100.0)
    assert not pace.room(AT_ONCE, 100.0)
    pace.failed(100.0, 100.0, 0.0)
    assert not pace.room(0, 100.9)
    assert pace.room(0, 101.0)
    assert not pace.room(1, 101.0)
    pace.well()
    assert pace.room(AT_ONCE - 1, 101.0)


def test_it_waits_longer_each_time_and_never_longer_than_five_minutes() -> None:
    pace, now, waits = Pace(), 0.0, []
    for _ in range(12):
        pace.failed(now, now, 0.0)
        waits.append(pace.until - now)
        now = pace.until
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_chance_only_makes_it_longer() -> None:
    pace = Pace()
    pace.failed(0.0, 0.0, 1.0)
    assert pace.until == 1.25


def test_those_that_were_on_the_way_together_fail_once() -> None:
    pace = Pace()
    assert pace.failed(10.0, 12.0, 0.0)
    assert not any(pace.failed(10.0 + late / 10, 12.5, 0.0) for late in range(15))
    assert (pace.failures, pace.until) == (1, 13.0)
    assert pace.failed(13.0, 13.5, 0.0)
    assert pace.failures == 2


@pytest.mark.parametrize(("asked", "waits"), [(0.0, 1.0), (30.0, 30.0), (10 * LONGEST_ASKED, LONGEST_ASKED)])
def test_what_the_receiver_asks_for_is_kept_up_to_an_hour(asked: float, waits: float) -> None:
    pace = Pace()
    pace.failed(0.0, 0.0, 0.0, asked)
    assert pace.until == waits


def test_after_a_thousand_failures_it_still_counts() -> None:
    pace = Pace()
    for at in range(0, 1000 * 400, 400):
        pace.failed(at, at, 0.0)
    assert pace.until - 999 * 400 == LONGEST


def test_one_that_is_stopped_is_asked_for_nothing() -> None:
    pace = Pace()
    pace.stopped = True
    assert not pace.room(0, 1e9)


def test_an_event_that_was_refused_waits_for_itself() -> None:
    assert [again_after(tries, 0.0) for tries in (1, 2, 3, 4)] == [1, 2, 4, 8]
