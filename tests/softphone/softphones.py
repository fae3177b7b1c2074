"""Is pyVoIP here? Where it is not, its tests are skipped on a person's machine and fail in CI."""

import importlib.util
import os
import sys

import pytest

ABSENT = importlib.util.find_spec("pyVoIP") is None
USABLE = sys.version_info < (3, 13)
"""1.6.8 needs audioop, which left Python with 3.13: there the demo is meant to do without."""

needs_softphone = pytest.mark.skipif(
    not USABLE or (ABSENT and os.environ.get("CI") != "true"), reason="needs the extra softphone (pyVoIP)"
)
