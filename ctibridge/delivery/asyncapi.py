"""The stream as an AsyncAPI 3.0 document, made from the structs that read and write it, and from the close codes.

Source of its words: the AsyncAPI specification 3.0.0 and its bindings `ws` 0.1.0. Schemas are AsyncAPI Schema Objects
(JSON Schema draft 7); ours use nothing that came later.
"""

from typing import NamedTuple, get_args

import msgspec

from ctibridge.delivery import asyncapi_webhook, frames, schema, stream_text, wire
from ctibridge.delivery.asyncapi_message import SCHEMAS, Frames, Message, Part, at, described, messages, operation
from ctibridge.delivery.close_code import MEANING, CloseCode
from ctibridge.delivery.wire_control import CONTROL

VERSION = "1.1"
"""Of the stream; grows with each compatible change (docs/stream-changelog.md). An incompatible one makes another."""
MEDIA_TYPE = "application/vnd.aai.asyncapi+json;version=3.0.0"

_ANSWERED_BY = {
    "auth": ["Welcome"],
    "ping": ["Pong"],
    "search": ["People", "Error"],
    "today": ["Today", "Error"],
    "colleagues": ["Colleagues", "Error"],
    "select": ["Suggestions", "Error"],
}

EVENTS = [Message(schema.event_name(word), word, stream_text.SERVER[word]) for word in wire.EVENTS]
ANSWERS = [Message(one.__name__, word := schema.word_of(one), stream_text.SERVER[word]) for one in CONTROL]
ASKED = [
    Message(one.__name__, word := schema.word_of(one), stream_text.DESK[word]) for one in get_args(frames.ClientFrame)
]


class Examples(NamedTuple):
    """Of what the server sends, what a desk sends, and of `webhook.gap`."""

    said: Frames
    asked: Frames
    gaps: Frames


def document(examples: Examples) -> Part:
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
        "servers": {**_servers(), "receiver": asyncapi_webhook.SERVER},
        "channels": {"desk": _desk(examples), "webhook": asyncapi_webhook.channel(examples.said, examples.gaps)},
        "operations": _operations(),
        "components": {
            "schemas": schema.parts(SCHEMAS) | schema.webhook_parts(SCHEMAS),
            "securitySchemes": {"token": _TOKEN},
        },
    }


def text(examples: Examples) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document(examples)), indent=2) + b"\n"


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


def _servers() -> Part:
    here = {"host": {"default": "127.0.0.1:8137", "description": "`[web] listen`"}}
    proxied = {"host": {"default": "desk.example.net", "description": "`[web] public_url`"}}
    return {
        "loopback": {"host": "{host}", "protocol": "ws", "description": "On its own machine.", "variables": here},
        "proxied": {"host": "{host}", "protocol": "wss", "description": "Behind a proxy.", "variables": proxied},
    }


def _desk(examples: Examples) -> Part:
    said = {one.name: described(one, examples.said) for one in (*EVENTS, *ANSWERS)}
    return {
        "address": "/v1/desk",
        "title": "One agent's desk",
        "description": "Text frames, one JSON object each; those of a client at most 64 KiB, else it ends with 1009.",
        "servers": [{"$ref": "#/servers/loopback"}, {"$ref": "#/servers/proxied"}],
        "messages": said | {one.name: described(one, examples.asked) for one in ASKED},
        "bindings": {"ws": _WEBSOCKET},
        "x-close-codes": {str(int(code)): _ending(code) for code in CloseCode},
    }


def _ending(code: CloseCode) -> Part:
    return {"name": code.name.lower(), "meaning": MEANING[code]}


def _operations() -> Part:
    """As the daemon sees it: it sends what a client reads."""
    events, answers = ([one.name for one in kind] for kind in (EVENTS, ANSWERS))
    said = {
        "events": operation("send", "desk", "Events: CloudEvents 1.0, numbered without gaps.", events),
        "answers": operation("send", "desk", "What a desk is greeted with and answered.", answers),
        "webhook": asyncapi_webhook.posting(),
    }
    return said | {f"{one.word}_by_desk": _asked(one) for one in ASKED}


def _asked(one: Message) -> Part:
    made = operation("receive", "desk", one.summary, [one.name])
    if one.word == "auth":
        made["security"] = [{"$ref": "#/components/securitySchemes/token"}]
    if one.word in _ANSWERED_BY:
        made["reply"] = {"channel": at("desk"), "messages": messages("desk", _ANSWERED_BY[one.word])}
    return made
