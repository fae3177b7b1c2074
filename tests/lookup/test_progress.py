import pytest

from ctibridge.lookup.progress import Progress


@pytest.mark.parametrize(
    ("done", "total", "share"),
    [(0, 10, 0.0), (5, 10, 0.5), (10, 10, 1.0), (11, 10, 1.0), (5, None, None), (0, 0, None)],
)
def test_share(done: int, total: int | None, share: float | None) -> None:
    assert Progress("people.csv", done, total, 0).share == share
