"""Frames as they are written down, one a file: the examples of the stream's documents (`ctibridge schema asyncapi`).
CTIBRIDGE_GOLDEN=write writes them anew."""

import json
import os
from importlib.resources import files
from pathlib import Path

GOLDEN = Path(str(files("ctibridge.delivery.adapters"))) / "examples"
"""What the server sends; what a desk sends stands in its folder `desk`."""


def check(name: str, frame: bytes) -> None:
    """Values, names, and the order of the names."""
    path = GOLDEN / f"{name}.json"
    if os.environ.get("CTIBRIDGE_GOLDEN") == "write":
        path.write_text(json.dumps(json.loads(frame), indent=2, ensure_ascii=False) + "\n")
    assert json.dumps(json.loads(frame)) == json.dumps(json.loads(path.read_text()))
