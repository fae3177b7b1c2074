"""`python -m bench.desks` measures what it says: nothing gets lost on the way, and each ratio is of one run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.daemon import ROOT

pytestmark = pytest.mark.e2e


def measured(path: Path, *words: str) -> tuple[dict[str, dict[str, Any]], str]:
    """The figures by name, and what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.desks", *words, "--json", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
    return {figure["name"]: figure for figure in figures}, done.stdout


def test_desks_that_sleep_are_closed_and_come_back_and_nobody_loses_an_event(tmp_path: Path) -> None:
    plan = "--desks", "10", "--rate", "400", "--block", "10", "--rounds", "1", "--stall", "2"
    figures, said = measured(tmp_path / "figures", "--only", "slow", *plan)
    for name in (
        "events lost by readers",
        "readers that were closed",
        "events lost by sleepers",
        "sleepers not closed with 4008",
        "sleepers that did not resume",
    ):
        assert figures[name]["value"] == 0, said
    slept = figures["frame, p50: a fifth sleeps"]
    assert slept["value"] > 0
    assert slept["floor"] > 0
    assert "ratio" in said


def test_after_a_restart_all_desks_resume_with_what_they_lacked(tmp_path: Path) -> None:
    figures, said = measured(tmp_path / "figures", "--only", "return", "--desks", "40")
    assert figures["desks that did not resume"]["value"] == 0, said
    assert figures["events lost"]["value"] == 0, said
    # Five that each had forgotten, and the end of a call that nobody saw.
    assert figures["events lost"]["note"].startswith(f"{40 * 6} ")


def test_memory_and_the_cost_of_keeping_stand_beside_their_floors(tmp_path: Path) -> None:
    plan = "--desks", "20", "--stored", "20", "--rate", "200", "--block", "1", "--rounds", "2"
    figures, said = measured(tmp_path / "figures", "--only", "memory", "--only", "keeping", *plan)
    assert figures["tails cut short, as too much waited"]["value"] == 0, said
    assert figures["frame, p50: with the outbox"]["floor"] > 0
    assert "connected and idle, 20 desks" in figures
