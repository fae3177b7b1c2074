"""The webhooks' part of the AsyncAPI document: what is posted to a receiver of the `cloudevents` form.

Source: bindings `http` 0.3.0 of AsyncAPI, CloudEvents 1.0 (HTTP, structured mode), Standard Webhooks 1.0.0.
"""

from ctibridge.delivery import schema, stream_text, wire
from ctibridge.delivery.asyncapi_message import Frames, Message, Part, described, operation

CONTENT_TYPE = "application/cloudevents+json"
GAP = "webhook.gap"
EVENTS = [Message(schema.event_name(word, "Webhook"), word, stream_text.SERVER[word]) for word in wire.EVENTS]
LOSS = Message("GapEvent", GAP, "Events of this desk will not come: the newest ones follow.")

_HEADERS = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "The event's `id`, the same at each try."},
        "webhook-timestamp": {"type": "string", "description": "Unix seconds of this try.", "pattern": "^[0-9]+$"},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,` and base64 of HMAC-SHA256 over id, timestamp and body, joined by dots, with the "
            "secret's key.",
        },
    },
}
SERVER = {
    "host": "{host}",
    "protocol": "https",
    "description": "A `[[webhook]]` of the configuration; http only on the daemon's own machine.",
    "variables": {"host": {"default": "tool.example.net", "description": "Of its `url`"}},
}


def channel(said: Frames, gaps: Frames) -> Part:
    """said: examples of what desks are sent; gaps: of `webhook.gap`."""
    first = {frame["type"]: (name, frame | {"desk": "ana"}) for name, frame in reversed(list(said.items()))}
    posted = [described(one, dict([first[one.word]]), CONTENT_TYPE) for one in EVENTS]
    posted.append(described(LOSS, gaps, CONTENT_TYPE))
    return {
        "address": None,
        "title": "A receiver of webhooks",
        "description": stream_text.WEBHOOKS,
        "servers": [{"$ref": "#/servers/receiver"}],
        "messages": {one.name: part | {"headers": _HEADERS} for one, part in zip([*EVENTS, LOSS], posted, strict=True)},
    }


def posting() -> Part:
    names = [one.name for one in (*EVENTS, LOSS)]
    made = operation("send", "webhook", "Each event of the desks that the receiver is to hear of.", names)
    return made | {"bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}}}
