"""The JSON names that receivers of webhooks read besides those of the desks (`wire`)."""

from typing import Literal

import msgspec

from ctibridge.delivery.wire import Event
from ctibridge.delivery.wire_context import Time

Why = Literal["dropped", "restarted", "too_old", "refused", "unreadable"]
"""Those of today. In the stream the word is open: a further reason must not need a version 2."""


class WebhookEvent(Event, frozen=True, kw_only=True):
    """An event as a receiver is posted it. To a receiver that hears of some accounts only, the id is a word that counts
    nothing, and the sequence counts what it was sent of this desk. desk: the agent whose desk it is."""

    desk: str


class GapData(msgspec.Struct, frozen=True):
    """Events of this desk will not come. desk: the agent. after, now: ids of the last event before and of the first one
    behind; null to a receiver that hears of some accounts only. why: `dropped` (more than 1,000 events behind),
    `restarted` (the desk began anew), `too_old` (older than `keep`), `refused` (the receiver would not have it),
    `unreadable` (what it says now cannot be known any more); others may come."""

    desk: str
    after: str | None
    now: str | None
    why: str


class GapEvent(msgspec.Struct, frozen=True):
    """CloudEvents 1.0, as every event, without subject and sequence. specversion: of CloudEvents. id: its own. source:
    `/ctibridge/` and the node's name. type: fixed. time: when it was noticed. desk: the agent whose desk it is. data:
    what is lost."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: Literal["webhook.gap"]
    time: Time
    desk: str
    data: GapData
