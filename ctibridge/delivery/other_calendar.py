"""A desk comes from a node whose calendar is another one: its times as ours would have had them.

How long ago a call ended decides whether it is listed, told and kept. Nodes know by how much their calendars are ahead
of Redis's, and what one gives to the next says so. Pure.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from ctibridge.delivery.kept import KeptCall
from ctibridge.delivery.moving import MovingDesk

APART = 60.0
"""Seconds; less is left as it was said: no list shows it, and both times are as good."""


def shift(theirs: float | None, ours: float | None) -> timedelta | None:
    """What has to be added to their times. Both: seconds ahead of a third calendar, None: not known. None: nothing."""
    if theirs is None or ours is None or abs(ours - theirs) <= APART:
        return None
    return timedelta(seconds=ours - theirs)


def call(kept: KeptCall, by: timedelta | None) -> KeptCall:
    if by is None:
        return kept
    one = kept.call
    answered_at, ended_at = _later(one.answered_at, by), _later(one.ended_at, by)
    return replace(
        kept,
        call=replace(one, rang_at=one.rang_at + by, answered_at=answered_at, ended_at=ended_at),
        at=kept.at + by,
        shown_at=_later(kept.shown_at, by),
        work=None if kept.work is None else replace(kept.work, at=kept.work.at + by),
        notes=tuple(replace(note, at=note.at + by) for note in kept.notes),
    )


def desk(moving: MovingDesk, ours: float | None) -> MovingDesk:
    """With all its calls. Its events stay: with their times they were sent, and are sent again. ours: as `MovingDesk`
    has its `ahead`. Raises OverflowError where a time comes out that no calendar has."""
    by = shift(moving.ahead, ours)
    calls = tuple(call(one, by) for one in moving.desk.calls)
    return moving if by is None else replace(moving, desk=replace(moving.desk, calls=calls))


def _later(at: datetime | None, by: timedelta) -> datetime | None:
    return None if at is None else at + by
