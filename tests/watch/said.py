"""Events and welcomes as a daemon says them, in a word each."""

from typing import Any

import msgspec

from ctibridge.watch.heard import Heard, Welcome

URL = "https://tool.example/sd?telephone=%2B4930"


def data(call: str, state: str = "ringing", url: str | None = URL, round_: int = 1, **more: Any) -> dict[str, Any]:
    """Of a pop; url None: without links."""
    links = [{"title": "Open", "url": url}] if url is not None else []
    pop = {"caller": {"number": "+49301234567"}, "links": links} | more
    return {"call": {"id": call, "state": state, "round": round_}, **pop}


def event(sequence: int, type_: str, of: dict[str, Any]) -> Heard:
    return msgspec.convert({"type": type_, "id": f"e.{sequence}", "sequence": sequence, "data": of}, Heard)


def ring(sequence: int, call: str, url: str | None = URL, **more: Any) -> Heard:
    return event(sequence, "call.ringing", data(call, url=url, **more))


def updated(sequence: int, call: str, url: str | None = URL, **more: Any) -> Heard:
    return event(sequence, "call.updated", data(call, url=url, **more))


def ended(sequence: int, call: str) -> Heard:
    return event(sequence, "call.ended", {"call": {"id": call, "state": "ended", "outcome": "abandoned"}})


def answered(sequence: int, call: str) -> Heard:
    return event(sequence, "call.answered", {"call": {"id": call, "state": "answered"}})


def welcome(sequence: int = 0, calls: tuple[dict[str, Any], ...] = (), **more: Any) -> Welcome:
    return msgspec.convert({"sequence": sequence, "calls": list(calls)} | more, Welcome)
