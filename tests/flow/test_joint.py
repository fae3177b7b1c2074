"""What all nodes carry out alike."""

from ctibridge.flow.joint import Known


def test_who_calls_is_not_shown() -> None:
    assert "4989" not in repr(Known("c1", "+4989123", "acme", shared=False))
