"""`cluster/lease.py`: a node's own belief ends before Redis's."""

from hypothesis import given
from hypothesis import strategies as st

from ctibridge.cluster.lease import Lease


def test_it_stands_from_when_it_was_asked_for() -> None:
    lease = Lease(5.0)
    assert not lease.stands(0.0)
    lease.renew(10.0)
    assert (lease.stands(14.4), lease.stands(14.5)) == (True, False)


def test_a_late_answer_does_not_shorten_it() -> None:
    lease = Lease(5.0)
    lease.renew(10.0)
    lease.renew(9.0)
    assert lease.until == 14.5


def test_an_answer_older_than_the_lease_proves_nothing() -> None:
    lease = Lease(5.0)
    assert (lease.covers(10.0, 14.4), lease.covers(10.0, 14.5)) == (True, False)


def test_it_may_end_at_once() -> None:
    lease = Lease(5.0)
    lease.renew(10.0)
    lease.end()
    assert not lease.stands(10.0)


@given(lease=st.floats(0.5, 60), sent=st.floats(0, 1e6), way=st.floats(0, 30), rate=st.floats(0.95, 1.05))
def test_it_ends_before_redis_forgets_it(lease: float, sent: float, way: float, rate: float) -> None:
    """Even where this machine's clock is slow by a twentieth, as none is."""
    mine = Lease(lease)
    mine.renew(sent)
    assert (mine.until - sent) / rate < way + lease
