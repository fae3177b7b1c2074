"""The stream's document as a judge: does what a daemon really said stand in it?"""

import json
from functools import cache
from typing import Any

from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from ctibridge.delivery.adapters import stream_files

Json = dict[str, Any]
STREAM: Json = json.loads(stream_files.described().body)


def faults(frame: Json) -> list[str]:
    """Of a frame that a desk was sent; its own text is not repeated."""
    errors = _said(frame["type"]).iter_errors(frame)
    return [f"{frame['type']}: {error.json_path} is against {error.validator}" for error in errors]


@cache
def _said(word: str) -> Draft7Validator:
    names = [
        message["$ref"].rpartition("/")[2]
        for operation in ("events", "answers")
        for message in STREAM["operations"][operation]["messages"]
    ]
    messages = STREAM["channels"]["desk"]["messages"]
    (payload,) = (messages[name]["payload"] for name in names if messages[name]["name"] == word)
    return Draft7Validator({"allOf": [payload], "components": STREAM["components"]})
