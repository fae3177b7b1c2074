"""`cluster/reach.py`: a Redis that is away, and a process that was stopped."""

from ctibridge.cluster.lease import Lease
from ctibridge.cluster.reach import Reach


def reach() -> Reach:
    """Met at 10; its lease stands until 14.5."""
    it = Reach(Lease(5.0), 9.0, late=0.5, patience=5.0)
    it.answered(10.0)
    it.awaits(11.0)
    return it


def test_redis_goes_away() -> None:
    it = reach()
    it.seen(12.0 - 0.6)
    it.failed(11.0)
    it.awaits(14.5)
    assert not it.gives_up(14.0)
    assert it.acts(14.0)
    it.seen(14.5)
    assert it.gives_up(14.5)
    assert it.acts(14.5)
    assert not it.gives_up(14.6)


def test_who_was_stopped_waits_for_a_try_of_its_own() -> None:
    it = reach()
    it.failed(10.5)
    it.seen(60.0)
    it.awaits(60.0)
    assert not it.gives_up(60.0)
    assert not it.acts(60.0)
    it.failed(11.0)
    assert not it.gives_up(65.1)
    it.failed(60.0)
    assert it.gives_up(65.1)


def test_who_lost_its_lease_while_it_was_stopped_asks_for_a_lease() -> None:
    """Seen on a busy machine: a woken process had all that piled up to work through, missed the one answer, and acted
    on lots that were others' by then."""
    it = reach()
    it.seen(60.0)
    it.awaits(61.0)
    it.failed(60.0)
    assert not it.gives_up(64.9)
    assert not it.acts(60.5)
    assert it.gives_up(65.0)


def test_a_short_stop_while_redis_is_away_costs_one_more_try_and_no_more() -> None:
    it = reach()
    it.failed(10.5)
    it.seen(14.0)
    it.awaits(14.6)
    it.failed(14.0)
    assert it.gives_up(14.6)


def test_who_was_stopped_alone_does_not_go_on_by_itself() -> None:
    it = reach()
    it.failed(10.5)
    it.awaits(15.0)
    it.seen(15.0)
    assert it.gives_up(15.0)
    it.awaits(16.0)
    assert it.acts(16.4)
    assert not it.acts(60.0)
    it.seen(60.0)
    assert not it.acts(60.0)
    it.failed(60.0)
    it.awaits(61.0)
    assert it.acts(60.5)


def test_a_redis_that_never_answered_gets_more_time() -> None:
    it = Reach(Lease(5.0), 0.0, late=0.5, patience=5.0)
    it.failed(0.0)
    assert not it.gives_up(4.9)
    assert it.gives_up(5.0)


def test_who_lost_its_name_has_nothing_to_go_on_with() -> None:
    it = reach()
    it.refused()
    assert not it.acts(11.0)
