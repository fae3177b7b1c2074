from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.domain.moment import Moment


def test_a_wall_clock_that_jumps_moves_no_deadline() -> None:
    before = Moment(datetime(2026, 11, 21, 12, tzinfo=UTC), 100.0)
    after = Moment(before.at - timedelta(hours=1), 100.5)
    assert after.at < before.at
    assert after.clock > before.clock


def test_a_moment_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Moment(datetime(2026, 11, 21, tzinfo=UTC), 0.0).clock = 1.0  # type: ignore[misc]
