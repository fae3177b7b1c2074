import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ctibridge.delivery import schema, wire
from ctibridge.delivery.wire_control import CONTROL
from tests.delivery.golden_files import GOLDEN

WRITTEN = {path.stem: json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))}
EVENTS = [name for name, frame in WRITTEN.items() if "specversion" in frame]
CONTROLS = [name for name, frame in WRITTEN.items() if "specversion" not in frame]

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


@pytest.mark.parametrize("name", EVENTS)
def test_golden_events_follow_the_schema(name: str) -> None:
    event = WRITTEN[name]
    assert follows(event, {key: SCHEMA[key] for key in ("oneOf",)})
    assert not follows(event | {"type": "nonsense"}, {"oneOf": SCHEMA["oneOf"]})
    assert not follows(event | {"data": {}}, {"oneOf": SCHEMA["oneOf"]})


@pytest.mark.parametrize("name", CONTROLS)
def test_golden_control_frames_follow_the_schema(name: str) -> None:
    frame = WRITTEN[name]
    shape = SCHEMA["$defs"][frame["type"].capitalize()]
    assert follows(frame, shape)
    assert not follows(frame | {"type": "nonsense"}, shape)
    assert not follows(frame | {"data": {}}, shape)


def test_what_stands_beside_a_call_has_a_pop_or_none() -> None:
    detail = WRITTEN["welcome"]["data"]["details"][1]
    shape = SCHEMA["$defs"]["DetailBody"]
    assert follows(detail, shape)
    assert follows(detail | {"pop": None}, shape)
    assert not follows(detail | {"pop": {"call": detail["pop"]["call"]}}, shape)
    assert not follows(detail | {"work": {"state": "lost", "by": None, "at": "2026-11-21T18:00:00Z"}}, shape)


def test_every_event_and_control_frame_is_written_down() -> None:
    assert {WRITTEN[name]["type"] for name in EVENTS} == set(wire.EVENTS)
    assert {WRITTEN[name]["type"] for name in CONTROLS} == {one.__struct_config__.tag for one in CONTROL}
    assert len(SCHEMA["oneOf"]) == len(wire.EVENTS)


def test_client_frames_stand_beside_it() -> None:
    frames = {"Auth", "ShownFrame", "AckFrame", "SitFrame", "NoteFrame", "TakeFrame", "DoneFrame", "TodayFrame"}
    assert frames | {"PingFrame", "SelectFrame", "SearchFrame", "ColleaguesFrame"} <= SCHEMA["$defs"].keys()


def test_as_text_it_is_json() -> None:
    assert json.loads(schema.text()) == SCHEMA


def test_a_desk_is_not_told_of_webhooks() -> None:
    assert [name for name in SCHEMA["$defs"] if "Webhook" in name or "Gap" in name] == []
    posted = schema.webhook_parts("#/$defs/{name}")
    assert posted["WebhookCallRinging"]["properties"]["desk"]["type"] == "string"
    assert posted["WebhookNotice"]["required"][-1] != "subject"
    assert "GapEvent" in posted
