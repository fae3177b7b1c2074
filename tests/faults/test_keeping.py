"""How many calls a snapshot owes. The rest of the rule is in `test_judge.py`."""

import pytest

from tests.faults import keeping
from tests.faults.judge import complaints
from tests.faults.record import ABANDONED, Clock, Listed, Record
from tests.faults.test_judge import MISSING, ended, greeted, night, snapshot

LOST = "ana acknowledged e.1, and its call is not in the snapshot of f"


@pytest.fixture
def lossy(monkeypatch: pytest.MonkeyPatch) -> Record:
    """Two calls are over at the snapshot, which lacks the older one; a desk keeps two."""
    monkeypatch.setattr(keeping, "LISTED_CALLS", 2)
    record = night()
    snapshot(c1=MISSING)(record)
    return record


def test_a_snapshot_owes_the_newest_thousand_calls_that_are_over(lossy: Record) -> None:
    assert LOST in complaints(lossy)
    lossy.events.insert(2, ended(3, 12, 3))
    assert LOST not in complaints(lossy)


def test_those_count_too_that_only_a_snapshot_showed(lossy: Record) -> None:
    shown = Listed(None, "ringing", None), Listed(None, "ended", ABANDONED)
    lossy.links.insert(0, greeted(9, 1, epoch="g", calls={"c8": shown[0]}))
    assert LOST in complaints(lossy), "it rings"
    lossy.links.insert(2, greeted(8, 22, epoch="h", calls={"c8": shown[1]}))
    assert LOST not in complaints(lossy)


def test_of_what_begins_early_and_ends_late_either_may_count(lossy: Record) -> None:
    lossy.links.insert(0, greeted(9, 10.5, epoch="g", calls={"c8": Listed(None, "ended", ABANDONED)}))
    assert LOST not in complaints(lossy), "by its beginning it is the oldest, by its end it is not"
    lossy.links.insert(0, greeted(8, 9, epoch="h", calls={"c8": Listed(None, "ringing", None)}))
    assert LOST in complaints(lossy), "the other one is the oldest either way"


def test_a_screen_is_owed_what_was_stored_before_it_asked() -> None:
    record = night()
    record.links.append(greeted(4, 32.5, 3, epoch="f", calls=record.links[1].calls, asked_at=31.9))
    assert not any("put back" in one for one in complaints(record))
    record.links[-1] = greeted(4, 32.5, 3, epoch="f", calls=record.links[1].calls, asked_at=32.1)
    assert "ana stood at f.4 and is put back to 3" in complaints(record)


def test_a_desk_that_hears_late_says_nothing_of_when_the_daemon_looked_at_its_calendar() -> None:
    """Seen on a slow machine: the jump stood in the log when the desk was told of a call from before it."""
    record = night()
    snapshot(c1=MISSING)(record)
    record.clocks.append(Clock(9, 86_400, 10.01))
    assert complaints(record) == []
    record.clocks[:] = [Clock(9, 86_400, 9.99)]
    assert LOST in complaints(record)


def test_a_call_is_as_old_as_its_end_by_the_calendar_that_it_ended_by() -> None:
    """It rang by one calendar and ended by another, a day behind: with that day its thirty minutes were over."""
    record = night()
    snapshot(c1=MISSING)(record)
    record.clocks[:] = [Clock(10.5, -86_400, 10.5), Clock(15, 0, 15)]
    assert complaints(record) == []
    record.clocks[:] = [Clock(9, 86_400, 9.5), Clock(15, 0, 15)]
    assert LOST in complaints(record)
