"""Frames as they are written down in `golden/`, one a file. CTIBRIDGE_GOLDEN=write writes them anew."""

import json
import os
from pathlib import Path

GOLDEN = Path(__file__).with_name("golden")


def check(name: str, frame: bytes) -> None:
    """Values, names, and the order of the names."""
    path = GOLDEN / f"{name}.json"
    if os.environ.get("CTIBRIDGE_GOLDEN") == "write":
        path.write_text(json.dumps(json.loads(frame), indent=2, ensure_ascii=False) + "\n")
    assert json.dumps(json.loads(frame)) == json.dumps(json.loads(path.read_text()))
