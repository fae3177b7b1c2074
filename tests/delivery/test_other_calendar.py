"""Times of a desk that comes from a node whose calendar is another one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.delivery import other_calendar
from ctibridge.delivery.kept import KeptDesk
from ctibridge.delivery.moving import MovingDesk
from ctibridge.domain.work import Work, WorkState
from tests.delivery import examples as ex
from tests.delivery.kept_examples import at, event, kept, note

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("theirs", "ours", "by"),
    [
        (0.0, 3600.0, HOUR),
        (3600.0, 0.0, -HOUR),
        (-1800.0, 1800.0, HOUR),
        (7200.0, 7230.0, None),
        (None, 3600.0, None),
        (3600.0, None, None),
    ],
)
def test_by_how_much(theirs: float | None, ours: float | None, by: timedelta | None) -> None:
    assert other_calendar.shift(theirs, ours) == by


def test_all_times_of_a_call_are_ours_then() -> None:
    one = kept(of=ex.ended(ex.call(1)), notes=(note("she calls back"),), shown_at=at(3))
    one = replace(one, work=Work("ana", WorkState.TAKEN, at(4)))
    ours = other_calendar.call(one, HOUR)
    assert ours.call.ended_at is not None
    assert one.call.ended_at is not None
    assert ours.call.ended_at - one.call.ended_at == ours.call.rang_at - one.call.rang_at == HOUR
    assert (ours.at - one.at, ours.shown_at, ours.notes[0].at - one.notes[0].at) == (HOUR, at(3) + HOUR, HOUR)
    assert ours.work == Work("ana", WorkState.TAKEN, at(4) + HOUR)
    assert other_calendar.call(ours, -HOUR) == one
    assert other_calendar.call(one, None) is one


def test_what_was_sent_stays_as_it_was_sent() -> None:
    desk = MovingDesk(KeptDesk("ana", "e1", 1, 1, 0, (kept(1),)), (event(1),), ahead=0.0)
    ours = other_calendar.desk(desk, 3600.0)
    assert ours.desk.calls == (other_calendar.call(kept(1), HOUR),)
    assert ours.events == desk.events
    assert other_calendar.desk(desk, 0.0) is desk
    with pytest.raises(OverflowError):
        other_calendar.desk(replace(desk, ahead=-3e9 * 100), 0.0)
