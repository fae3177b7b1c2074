"""The stream as an AsyncAPI 3.0 document, made from the structs that read and write it, and from the close codes.

Source of its words: the AsyncAPI specification 3.0.0 and its bindings `ws` 0.1.0. Schemas are AsyncAPI Schema Objects
(JSON Schema draft 7); ours use nothing that came later.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, get_args

import msgspec

from ctibridge.delivery import frames, schema, stream_text, wire
from ctibridge.delivery.close_code import MEANING, CloseCode
from ctibridge.delivery.wire_control import CONTROL

VERSION = "1.0"
"""Of the stream; grows with each compatible change (docs/stream-changelog.md). An incompatible one makes another."""
MEDIA_TYPE = "application/vnd.aai.asyncapi+json;version=3.0.0"

Document = dict[str, Any]
Frames = Mapping[str, Document]
_SCHEMAS = "#/components/schemas/{name}"
_ANSWERED_BY = {
    "auth": ["Welcome"],
    "ping": ["Pong"],
    "search": ["People", "Error"],
    "today": ["Today", "Error"],
    "colleagues": ["Colleagues", "Error"],
    "select": ["Suggestions", "Error"],
}


class Message(NamedTuple):
    """name: under which its schema stands; word: its `type`."""

    name: str
    word: str
    summary: str


EVENTS = [Message(schema.event_name(word), word, stream_text.SERVER[word]) for word in wire.EVENTS]
ANSWERS = [Message(one.__name__, word, stream_text.SERVER[word]) for one in CONTROL if (word := schema.word_of(one))]
ASKED = [
    Message(one.__name__, word, stream_text.DESK[word])
    for one in get_args(frames.ClientFrame)
    if (word := schema.word_of(one))
]


def document(said: Frames, asked: Frames) -> Document:
    """said: examples by name of what the server sends; asked: of what a desk sends."""
    messages = {one.name: _message(one, said) for one in (*EVENTS, *ANSWERS)}
    messages |= {one.name: _message(one, asked) for one in ASKED}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:ctibridge:stream:v1",
        "info": {
            "title": "ctibridge desk stream",
            "version": VERSION,
            "description": stream_text.STREAM,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {"desk": _desk(messages)},
        "operations": _operations(),
        "components": {"schemas": schema.parts(_SCHEMAS), "securitySchemes": {"token": _TOKEN}},
    }


def text(said: Frames, asked: Frames) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document(said, asked)), indent=2) + b"\n"


_TOKEN = {
    "type": "apiKey",
    "in": "password",
    "description": "Of `ctibridge token issue`, or of a proxy that signs in; it stands in the first frame, `auth`.",
}
_WEBSOCKET = {
    "bindingVersion": "0.1.0",
    "method": "GET",
    "headers": {
        "type": "object",
        "properties": {
            "Sec-WebSocket-Protocol": {"const": "ctibridge.v1", "description": "Selected where it is offered."},
            "Origin": {
                "type": "string",
                "description": "Programs send none. A page's has to be ours or in `[web] allowed_origins`, else 403.",
            },
        },
    },
}


def _servers() -> Document:
    here = {"host": {"default": "127.0.0.1:8137", "description": "`[web] listen`"}}
    proxied = {"host": {"default": "desk.example.net", "description": "`[web] public_url`"}}
    return {
        "loopback": {"host": "{host}", "protocol": "ws", "description": "On its own machine.", "variables": here},
        "proxied": {"host": "{host}", "protocol": "wss", "description": "Behind a proxy.", "variables": proxied},
    }


def _desk(messages: Document) -> Document:
    return {
        "address": "/v1/desk",
        "title": "One agent's desk",
        "description": "Text frames, one JSON object each; those of a client at most 64 KiB, else it ends with 1009.",
        "messages": messages,
        "bindings": {"ws": _WEBSOCKET},
        "x-close-codes": {str(int(code)): _ending(code) for code in CloseCode},
    }


def _ending(code: CloseCode) -> Document:
    return {"name": code.name.lower(), "meaning": MEANING[code]}


def _message(one: Message, written: Frames) -> Document:
    examples = [{"name": name, "payload": frame} for name, frame in written.items() if frame["type"] == one.word]
    return {
        "name": one.word,
        "title": one.word,
        "summary": one.summary,
        "contentType": "application/json",
        "payload": {"$ref": _SCHEMAS.format(name=one.name)},
        "examples": examples,
    }


def _operations() -> Document:
    """As the daemon sees it: it sends what a client reads."""
    said = {
        "events": _operation("send", "Events: CloudEvents 1.0, numbered without gaps.", [one.name for one in EVENTS]),
        "answers": _operation("send", "What a desk is greeted with and answered.", [one.name for one in ANSWERS]),
    }
    return said | {f"{one.word}_by_desk": _asked(one) for one in ASKED}


def _asked(one: Message) -> Document:
    made = _operation("receive", one.summary, [one.name])
    if one.word == "auth":
        made["security"] = [{"$ref": "#/components/securitySchemes/token"}]
    if one.word in _ANSWERED_BY:
        made["reply"] = {"channel": _DESK, "messages": _messages(_ANSWERED_BY[one.word])}
    return made


_DESK = {"$ref": "#/channels/desk"}


def _operation(action: str, summary: str, names: Iterable[str]) -> Document:
    return {"action": action, "channel": _DESK, "summary": summary, "messages": _messages(names)}


def _messages(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/desk/messages/{name}"} for name in names]
