"""Calls of each kind, replayed to what is told at each desk (house style: recorded calls with telling names).

They are written, not recorded: no transfer could be recorded where they were made. Each says where the order of its
events comes from; what real PBXs sent of plain calls stands in `test_captures.py`.
"""

from pathlib import Path

import pytest

from tests.calls.replay import RECORDINGS, Replay, load

PATHS = sorted(RECORDINGS.glob("*.toml"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_is_told_at_the_desks(path: Path) -> None:
    recording = load(path)
    replay = Replay(recording)
    for step in recording["step"]:
        what = {name: value for name, value in step.items() if name != "says"}
        assert replay.play(step) == step.get("says", []), what


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_is_left_behind(path: Path) -> None:
    recording = load(path)
    replay = Replay(recording)
    for step in recording["step"]:
        replay.play(step)
    last = recording["step"][-1]["at"]
    assert replay.play({"at": last, "event": "stop"}) == [], "each recording tells its call to the end"
    replay.play({"at": last + 61.0, "event": "wait"})
    assert (len(replay.calls), replay.calls.deadline) == (0, None)


def test_each_kind_is_there_and_says_where_it_comes_from() -> None:
    names = " ".join(path.stem for path in PATHS)
    kinds = ("attended", "blind", "pickup", "internal", "ring-group", "round", "declined", "both-views", "withheld")
    assert all(kind in names for kind in kinds)
    assert all(load(path)["source"].startswith("written") for path in PATHS)
