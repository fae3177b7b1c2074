"""`cluster/beat.py`: what a node asks."""

from ctibridge.cluster.beat import Beat
from ctibridge.cluster.view import Info


def test_no_two_requests_name_a_registry_alike() -> None:
    beats = [Beat("a", who, "", count, 5.0, Info()) for who in ("a1", "a2") for count in (1, 2)]
    assert [beat.birth for beat in beats] == ["a1-1", "a1-2", "a2-1", "a2-2"]
