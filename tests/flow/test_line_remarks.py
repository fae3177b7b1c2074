"""One line for each trunk that has a line which is not heard."""

import pytest

from ctibridge.flow.line_remarks import remarks

GONE = "the registrar does not answer"


def lines(*states: tuple[str, str, int], trunk: str = "pbx") -> list[tuple[str, str, str]]:
    return [(trunk, state, why) for state, why, count in states for _ in range(count)]


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], None),
        ([("registered", "registered", 3)], None),
        ([("deaf", GONE, 12)], f"0 of 12 lines heard: {GONE}"),
        ([("registering", "asks the registrar", 1)], "0 of 1 lines heard: asks the registrar"),
        ([("registered", "registered", 2), ("deaf", "password refused", 1)], "2 of 3 lines heard: password refused"),
        ([("deaf", "a", 1), ("alone", "b", 2)], "0 of 3 lines heard: b (2), a (1)"),
        ([("deaf", "a", 4), ("deaf", "b", 3), ("deaf", "d", 1), ("deaf", "c", 1), ("alone", "e", 1)],
         "0 of 10 lines heard: a (4), b (3), c (1), others (2)"),
        ([("registered", "registered, but not by dialog-info: refused", 1)], None),
    ],
)  # fmt: skip
def test_a_trunk_in_a_line(states: list[tuple[str, str, int]], said: str | None) -> None:
    assert remarks(lines(*states)) == ({} if said is None else {"trunk pbx": f"trunk pbx: {said}"})


def test_each_trunk_by_its_name() -> None:
    both = lines(("registered", "registered", 1), trunk="a") + lines(("deaf", GONE, 1), trunk="b")
    assert remarks(both) == {"trunk b": f"trunk b: 0 of 1 lines heard: {GONE}"}
