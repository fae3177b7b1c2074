"""Which copy of the directory is right."""

import pytest

from ctibridge.lookup.following import Standing, Step, goes_on, step

HEAD = Standing("h", 7, "s7", 6, 3)


@pytest.mark.parametrize(
    ("mine", "empty", "wanted"),
    [
        (HEAD, False, Step.FOLLOW),
        (Standing("h", 5, "s5"), False, Step.FOLLOW),
        (Standing("h", 7, "other"), False, Step.ASIDE),  # as many changes, and not the same
        (Standing("h", 9, "s9"), False, Step.RAISE),  # ours go on from the head
        (Standing("h", 11, "branch"), False, Step.RAISE),
        (Standing("g", 7, "s7"), False, Step.ASIDE),
        (Standing(), False, Step.ASIDE),  # a directory from before the cluster
        (Standing(), True, Step.RELOAD),
    ],
)
def test_beside_a_head(mine: Standing, empty: bool, wanted: Step) -> None:
    assert step(mine, HEAD, {7: "s7"}, empty=empty) is wanted


def test_ahead_of_a_head_that_is_not_in_our_past_the_head_is_right() -> None:
    assert step(Standing("h", 9, "s9"), HEAD, {7: "mine"}, empty=False) is Step.ASIDE
    assert step(Standing("h", 9_000, "s"), HEAD, {}, empty=False) is Step.ASIDE


@pytest.mark.parametrize(
    ("mine", "empty", "wanted"),
    [
        (Standing(), True, Step.WAIT),
        (Standing(), False, Step.BEGIN),
        (HEAD, False, Step.BEGIN),
        (HEAD, True, Step.BEGIN),  # of a history in which nothing was imported yet
    ],
)
def test_without_a_head(mine: Standing, empty: bool, wanted: Step) -> None:
    assert step(mine, None, {}, empty=empty) is wanted


def test_only_the_next_change_behind_ours_goes_on() -> None:
    assert goes_on(HEAD, 8, "s7")
    assert not goes_on(HEAD, 8, "other")
    assert not goes_on(HEAD, 9, "s7")
    assert not goes_on(HEAD, 7, "s7")
