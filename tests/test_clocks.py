"""`clocks.py`: time and chance as the machines are given them."""

from datetime import UTC, datetime, timedelta

from ctibridge import clocks


def test_the_calendar_is_aware_and_both_clocks_are_read_together() -> None:
    before = clocks.utc_now()
    now = clocks.moment()
    assert before.tzinfo is UTC
    assert before <= now.at <= clocks.utc_now()


def test_names_of_calls_are_fresh_and_sortable_by_time() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    one, same, later = (clocks.fresh_call_id(when) for when in (at, at, at + timedelta(seconds=1)))
    assert one != same
    assert one[:10] == same[:10] < later[:10]


def test_a_loop_is_new_each_time() -> None:
    one, other = clocks.new_event_loop(), clocks.new_event_loop()
    assert one is not other
    one.close()
    other.close()
