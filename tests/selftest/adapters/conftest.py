"""Fixtures of the adapters."""

from pathlib import Path

import pytest

from ctibridge.config import Settings
from tests.cli.test_directory import SAMPLE, run
from tests.selftest.adapters.sample import CONFIG, configured


@pytest.fixture
def sampled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Settings:
    """With the sample directory imported."""
    (tmp_path / "ctibridge.toml").write_text(CONFIG.format(port=9), encoding="utf-8")
    run(tmp_path, "import", str(SAMPLE))
    capsys.readouterr()
    return configured(tmp_path)
