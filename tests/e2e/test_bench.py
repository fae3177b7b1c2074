"""`make bench` measures what it says: both sides pop every call, and the ratio is of these two."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.daemon import ROOT

pytestmark = pytest.mark.e2e


def test_a_short_run_loses_nothing_and_tells_the_ratio(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--calls", "40", "--block", "20", "--people", "50", "--directory", "1000",
         "--no-desks", "--no-nodes", "--json", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=115,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(path.read_text(encoding="utf-8"))
    for side in ("floor", "product"):
        assert (figures[side]["calls"], figures[side]["lost"]) == (40, 0)
    assert figures["ratio"]["p50"] == pytest.approx(figures["product"]["p50"] / figures["floor"]["p50"], rel=0.02)
    assert "ratio" in done.stdout
