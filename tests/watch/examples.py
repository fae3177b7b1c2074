"""Events of a desk as the daemon writes them, for the tests of this room."""

import json
from datetime import UTC, datetime
from typing import Any

from ctibridge.watch.heard import Heard, Welcome, read
from tests.delivery.golden_files import GOLDEN

AT = datetime(2026, 11, 21, 18, 0, 0, tzinfo=UTC).timestamp()
"""When the examples' call rings, Unix seconds."""


def time(after: float = 0.0) -> str:
    return datetime.fromtimestamp(AT + after, UTC).isoformat().replace("+00:00", "Z")


def frame(file: str, of: str = "c1", *, after: float = 0.0, **data: Any) -> dict[str, Any]:
    """As in `golden/`, of this call. after: seconds between AT and the event; data: parts of it in other words."""
    made: dict[str, Any] = json.loads((GOLDEN / f"{file}.json").read_text())
    if "specversion" in made:
        made["time"] = time(after)
    if "call" in made["data"]:
        made["data"]["call"]["id"] = of
    for key, value in data.items():
        before = made["data"].get(key)
        made["data"][key] = before | value if isinstance(before, dict) and isinstance(value, dict) else value
    return made


def event(file: str, of: str = "c1", **changed: Any) -> Heard:
    made = read(json.dumps(frame(file, of, **changed)))
    assert isinstance(made, Heard)
    return made


def ringing(of: str = "c1", after: float = 0.0, file: str = "call.ringing", **data: Any) -> Heard:
    rang = {"rang_at": time(after)} | data.pop("call", {})
    return event(file, of, after=after, call=rang, **data)


def answered(of: str = "c1", after: float = 4.0) -> Heard:
    return event("call.answered", of, after=after, call={"answered_at": time(after)})


def ended(of: str = "c1", outcome: str = "abandoned", after: float = 8.0, **more: Any) -> Heard:
    told = {"ended_at": time(after), "outcome": outcome} | more
    return event("call.ended", of, after=after, call=told)


def notice(kind: str = "line_deaf", text: str = "Line 6001 is deaf.", **ids: Any) -> Heard:
    return event("notice", kind=kind, text=text, **ids)


def welcome(*calls: Heard, resumed: bool = False, **data: Any) -> Welcome:
    """Of before the events above, at a desk with line 6001, heard; calls: as in these events, or none."""
    line = {"line": "6001", "state": "registered", "trunk": "pbx", "shared": False, "sitting": True}
    told = {"expires_in": None, "details": [], "sequence": 41} | data
    made = frame("welcome", lines=[line], calls=[], resumed=resumed, name="Ana Berger", **told)
    read_one = read(json.dumps(made))
    assert isinstance(read_one, Welcome)
    return Welcome(**{
        name: getattr(read_one, name) for name in Welcome.__struct_fields__ if name != "calls"
    }, calls=tuple(one.data for one in calls))  # fmt: skip
