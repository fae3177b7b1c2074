import pytest

from ctibridge.cli.checks.wording import counted, named, size


def test_long_lists_are_cut() -> None:
    assert named(["b", "a"]) == "a, b"
    assert named(str(at) for at in range(1, 10)) == "1, 2, 3, 4, 5, 6, 7, 8 and 1 more"


def test_one_is_no_plural() -> None:
    assert (counted(1, "agent"), counted(1200, "agent"), counted(0, "agent")) == ("1 agent", "1,200 agents", "0 agents")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (5 << 20, "5 MiB"), (1 << 30, "1.0 GiB"), (2700 << 20, "2.6 GiB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text
