import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ctibridge.delivery import encode, schema, wire
from ctibridge.domain.private import Private
from tests.delivery import examples
from tests.delivery.test_encode import GOLDEN

SCHEMA = schema.events()


def follows(value: Any, shape: dict[str, Any]) -> bool:
    """A checker for the few words that our schemas use; an unknown word fails, so that it cannot be overlooked."""
    return all(RULES[word](value, rule) for word, rule in shape.items())


def _always(_: Any, __: Any) -> bool:
    return True


KINDS = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
RULES: dict[str, Callable[[Any, Any], bool]] = {
    "$ref": lambda value, name: follows(value, SCHEMA["$defs"][name.rsplit("/", 1)[1]]),
    "anyOf": lambda value, shapes: any(follows(value, one) for one in shapes),
    "oneOf": lambda value, shapes: sum(follows(value, one) for one in shapes) == 1,
    "type": lambda value, kind: isinstance(value, KINDS[kind]),
    "enum": lambda value, allowed: value in allowed,
    "const": lambda value, only: bool(value == only),
    "required": lambda value, names: all(name in value for name in names),
    "properties": lambda value, shapes: all(follows(value[name], one) for name, one in shapes.items() if name in value),
    "items": lambda value, shape: all(follows(one, shape) for one in value),
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
    "minimum": lambda value, least: bool(value >= least),
} | dict.fromkeys(("title", "description", "format", "default"), _always)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_golden_events_follow_the_schema(path: Any) -> None:
    event = json.loads(path.read_text())
    assert follows(event, {key: SCHEMA[key] for key in ("oneOf",)})
    assert not follows(event | {"type": "nonsense"}, {"oneOf": SCHEMA["oneOf"]})
    assert not follows(event | {"data": {}}, {"oneOf": SCHEMA["oneOf"]})


def test_control_frames_stand_beside_it() -> None:
    control = {"Welcome", "Pong", "People", "Error", "Auth", "ShownFrame", "AckFrame", "SitFrame", "NoteFrame"}
    assert control <= SCHEMA["$defs"].keys()
    assert len(SCHEMA["oneOf"]) == len(wire.EVENTS)


def test_people_and_suggestions_follow_the_schema() -> None:
    found = json.loads(encode.people("c1", Private("frei"), [examples.candidate()]))
    assert follows(found, SCHEMA["$defs"]["People"])
    assert not follows(found | {"data": {"people": []}}, SCHEMA["$defs"]["People"])
    kinds = [one["$ref"].rsplit("/", 1)[1] for one in SCHEMA["oneOf"]]
    assert "Suggestions" in kinds


def test_as_text_it_is_json() -> None:
    assert json.loads(schema.text()) == SCHEMA
