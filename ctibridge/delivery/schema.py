"""The JSON Schema of the stream, made from the structs that write it."""

from typing import Any

import msgspec

from ctibridge.delivery import frames, wire
from ctibridge.delivery.wire_control import CONTROL
from ctibridge.delivery.wire_webhook import GapEvent, WebhookEvent
from ctibridge.meanings import describe

_CONTROL = (*CONTROL, frames.ClientFrame)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OF_CALLS = (wire.PopData, wire.CallData, wire.WorkedData)


def events() -> dict[str, Any]:
    """One server event; the control frames of both sides stand beside it under `$defs`."""
    return {
        "$schema": _DIALECT,
        "title": "An event of the ctibridge desk stream (CloudEvents 1.0)",
        "oneOf": [{"$ref": f"#/$defs/{event_name(kind)}"} for kind in wire.EVENTS],
        "$defs": parts("#/$defs/{name}"),
    }


def parts(place: str) -> dict[str, Any]:
    """Every frame of both sides, and what they are made of, by name. place: where they will stand, `{name}` in it, so
    that they can point at each other."""
    found = _components([*_CONTROL, wire.Event, *wire.EVENTS.values()], place)
    found |= _of_types(found.pop("Event"), "", place)
    found["WelcomeData"]["properties"]["calls"]["items"] = {"anyOf": [_ref(place, data) for data in _OF_CALLS]}
    found["DetailBody"]["properties"]["pop"] = {"anyOf": [_ref(place, wire.PopData), {"type": "null"}]}
    return dict(sorted(found.items()))


def webhook_parts(place: str) -> dict[str, Any]:
    """What is posted to receivers of webhooks, as `parts`."""
    found = _components([WebhookEvent, GapEvent, *wire.EVENTS.values()], place)
    found |= _of_types(found.pop("WebhookEvent"), "Webhook", place)
    return dict(sorted(found.items()))


def text() -> bytes:
    return msgspec.json.format(msgspec.json.encode(events()), indent=2) + b"\n"


def event_name(kind: str, before: str = "") -> str:
    """Under which an event stands among the parts: `call.ringing` → `CallRinging`."""
    return before + "".join(word.capitalize() for word in kind.split("."))


def _components(shapes: list[Any], place: str) -> dict[str, Any]:
    found = msgspec.json.schema_components(shapes, schema_hook=_raw, ref_template=place)[1]
    describe(found, *shapes)
    return found


def _of_types(envelope: dict[str, Any], before: str, place: str) -> dict[str, Any]:
    return {event_name(kind, before): _of_type(envelope, kind, _ref(place, data)) for kind, data in wire.EVENTS.items()}


def _of_type(envelope: dict[str, Any], kind: str, data: dict[str, str]) -> dict[str, Any]:
    needed = [name for name in envelope["required"] if name != "subject"]
    if wire.EVENTS[kind] is not wire.NoticeData:
        needed.append("subject")
    fixed = {"type": {"const": kind}, "data": data}
    return {**envelope, "title": kind, "properties": envelope["properties"] | fixed, "required": needed}


def _ref(place: str, shape: type) -> dict[str, str]:
    return {"$ref": place.format(name=shape.__name__)}


def _raw(kind: type) -> dict[str, Any]:
    if kind is msgspec.Raw:
        return {}
    raise NotImplementedError(kind)


def word_of(frame: type[msgspec.Struct]) -> str:
    """The `type` of a frame that is no event."""
    return str(frame.__struct_config__.tag)
