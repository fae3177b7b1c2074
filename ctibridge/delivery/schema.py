"""The JSON Schema of the stream, made from the structs that write it."""

from typing import Any

import msgspec

from ctibridge.delivery import frames, wire
from ctibridge.delivery.wire_control import CONTROL

_CONTROL = (*CONTROL, frames.ClientFrame)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OF_CALLS = ("PopData", "CallData", "WorkedData")


def events() -> dict[str, Any]:
    """One server event; the control frames of both sides stand beside it under `$defs`."""
    shapes = [*_CONTROL, wire.Event, *wire.EVENTS.values()]
    _, parts = msgspec.json.schema_components(shapes, schema_hook=_raw, ref_template="#/$defs/{name}")
    envelope = parts.pop("Event")
    names = {kind: _title(kind) for kind in wire.EVENTS}
    parts.update({names[kind]: _of_type(envelope, kind, data) for kind, data in wire.EVENTS.items()})
    parts["WelcomeData"]["properties"]["calls"]["items"] = {"anyOf": [_ref(name) for name in _OF_CALLS]}
    parts["DetailBody"]["properties"]["pop"] = {"anyOf": [_ref("PopData"), {"type": "null"}]}
    return {
        "$schema": _DIALECT,
        "title": "An event of the ctibridge desk stream (CloudEvents 1.0)",
        "oneOf": [_ref(name) for name in names.values()],
        "$defs": dict(sorted(parts.items())),
    }


def text() -> bytes:
    return msgspec.json.format(msgspec.json.encode(events()), indent=2) + b"\n"


def _of_type(envelope: dict[str, Any], kind: str, data: type[msgspec.Struct]) -> dict[str, Any]:
    fixed = {"type": {"const": kind}, "data": _ref(data.__name__)}
    needed = [name for name in envelope["required"] if name != "subject"]
    if data is not wire.NoticeData:
        needed.append("subject")
    return {**envelope, "title": kind, "properties": envelope["properties"] | fixed, "required": needed}


def _title(kind: str) -> str:
    """`call.ringing` → `CallRinging`."""
    return "".join(word.capitalize() for word in kind.split("."))


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _raw(kind: type) -> dict[str, Any]:
    if kind is msgspec.Raw:
        return {}
    raise NotImplementedError(kind)
