"""Messages of an AsyncAPI document, and how its parts point at each other."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Part = dict[str, Any]
Frames = Mapping[str, Part]
"""Examples by their names."""
SCHEMAS = "#/components/schemas/{name}"


class Message(NamedTuple):
    """name: under which it and its schema stand; word: its `type`."""

    name: str
    word: str
    summary: str


def described(one: Message, written: Frames, content_type: str = "application/json") -> Part:
    """written: those of its type are its examples."""
    return {
        "name": one.word,
        "title": one.word,
        "summary": one.summary,
        "contentType": content_type,
        "payload": {"$ref": SCHEMAS.format(name=one.name)},
        "examples": [{"name": name, "payload": frame} for name, frame in written.items() if frame["type"] == one.word],
    }


def operation(action: str, channel: str, summary: str, names: Iterable[str]) -> Part:
    """action: `send` or `receive`, as the daemon sees it; names: of messages of that channel."""
    return {"action": action, "channel": at(channel), "summary": summary, "messages": messages(channel, names)}


def at(channel: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{channel}"}


def messages(channel: str, names: Iterable[str]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]
