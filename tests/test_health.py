"""What is degraded, in words."""

from ctibridge.health import Health


def test_not_ready_before_it_started() -> None:
    health = Health()
    assert health.reasons() == ["starting"]
    health.started()
    assert health.reasons() == []


def test_what_is_ill_stays_so_until_it_is_well() -> None:
    health = Health()
    health.started()
    health.ill("store", "the store is full")
    health.ill("store", "the store is read-only")
    health.ill("redis", "Redis does not answer")
    assert health.reasons() == ["the store is read-only", "Redis does not answer"]
    health.well("store")
    health.well("store")
    assert health.reasons() == ["Redis does not answer"]
