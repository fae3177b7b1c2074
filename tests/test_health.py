"""What is degraded, in words."""

from ctibridge.health import Health


def test_not_ready_before_it_started() -> None:
    health = Health()
    assert health.reasons() == ["starting"]
    health.started()
    assert health.reasons() == []


def test_a_remark_is_said_behind_the_reasons_and_keeps_nobody_from_being_ready() -> None:
    health = Health()
    health.remark("trunk pbx", "trunk pbx: 0 of 2 lines heard")
    assert health.status() == "starting; trunk pbx: 0 of 2 lines heard"
    health.started()
    assert health.both() == ([], ["trunk pbx: 0 of 2 lines heard"])
    assert health.status() == "ready; trunk pbx: 0 of 2 lines heard"
    health.well("trunk pbx")
    assert (health.both(), health.status()) == (([], []), "ready")


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
