"""One desk as it goes to another node: bytes and back.

With its epoch and sequence go the newest events, its calls with their pops, and facts: of its calls, and how far the
webhooks have come with it. What cannot be read is nobody's desk: it begins anew.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, cast

import msgspec
from msgspec import Meta

from ctibridge.delivery import kept_text
from ctibridge.delivery.kept import KEPT_EVENTS, KeptCall, KeptDesk, KeptEvent
from ctibridge.delivery.kept_text import CallRow
from ctibridge.delivery.wire import EventType

VERSION = 1
MOST_CALLS = 1000
MOST_FACTS = 4 * MOST_CALLS
ROOM = 8 << 20
"""Bytes of events, and as many of pops; the oldest stay behind."""
MOST_BYTES = 32 << 20
_CENTURY = 3_155_760_000
Ahead = Annotated[float, Meta(ge=-_CENTURY, le=_CENTURY)]
"""Seconds by which a calendar is ahead of another; no two are further apart."""


@dataclass(frozen=True, slots=True)
class Fact:
    """As `Outbox.keep_fact` has it."""

    kind: str
    key: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MovingDesk:
    """desk: its calls oldest first, with their pops; its floor is that of `events`, which are gapless up to its
    sequence. ahead: seconds by which the calendar of all its times is ahead of one that both nodes know; None: not
    known."""

    desk: KeptDesk
    events: tuple[KeptEvent, ...] = ()
    facts: tuple[Fact, ...] = ()
    ahead: float | None = None


class _Event(msgspec.Struct, array_like=True):
    kind: str
    call: str | None
    at: datetime
    accounts: str | None
    data: bytes


class _Call(msgspec.Struct, array_like=True):
    call: str
    accounts: str | None
    facts: bytes
    pop_accounts: str | None
    pop: bytes | None


class _Fact(msgspec.Struct, array_like=True):
    kind: str
    key: str
    body: bytes


class _Desk(msgspec.Struct, array_like=True):
    version: int
    agent: str
    epoch: Annotated[str, Meta(min_length=1, max_length=64)]
    sequence: Annotated[int, Meta(ge=0)]
    acked: Annotated[int, Meta(ge=0)]
    events: Annotated[list[_Event], Meta(max_length=KEPT_EVENTS)]
    calls: Annotated[list[_Call], Meta(max_length=MOST_CALLS)]
    facts: Annotated[list[_Fact], Meta(max_length=MOST_FACTS)]
    ahead: Ahead | None = None

    def __repr__(self) -> str:
        return "_Desk(•••)"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Desk)


def written(moving: MovingDesk) -> bytes:
    """Where there is too much, the oldest events stay behind, then the oldest calls lose their pops."""
    desk = moving.desk
    return _encoder.encode(
        _Desk(
            VERSION,
            desk.agent,
            desk.epoch,
            desk.sequence,
            desk.acked,
            [_event(one) for one in _newest(moving.events)],
            [_call(one) for one in _with_pops(desk.calls)],
            [_Fact(one.kind, one.key, one.body) for one in moving.facts[-MOST_FACTS:]],
            moving.ahead,
        )
    )


def read(body: bytes) -> MovingDesk | None:
    """None for what is no such text, or of another version."""
    if len(body) > MOST_BYTES:
        return None
    try:
        found = _decoder.decode(body)
        if found.version != VERSION or len(found.events) > found.sequence or found.acked > found.sequence:
            return None
        return _moving(found)
    except (ValueError, RecursionError):  # msgspec's own faults are ValueErrors
        return None


def _moving(found: _Desk) -> MovingDesk:
    first = found.sequence - len(found.events) + 1
    events = tuple(
        KeptEvent(
            found.agent,
            found.epoch,
            sequence,
            cast("EventType", one.kind),
            one.call,
            one.at,
            kept_text.accounts(one.accounts),
            one.data,
        )
        for sequence, one in enumerate(found.events, first)
    )
    rows = (CallRow(one.call, one.accounts, one.facts, one.pop_accounts, one.pop) for one in found.calls)
    calls = tuple(kept_text.read(found.agent, row) for row in rows)
    desk = KeptDesk(found.agent, found.epoch, found.sequence, first, found.acked, calls)
    return MovingDesk(desk, events, tuple(Fact(one.kind, one.key, one.body) for one in found.facts), found.ahead)


def _newest(events: tuple[KeptEvent, ...]) -> list[KeptEvent]:
    room, newest = ROOM, list[KeptEvent]()
    for event in reversed(events[-KEPT_EVENTS:]):
        room -= len(event.data)
        if room < 0:
            break
        newest.append(event)
    return newest[::-1]


def _with_pops(calls: tuple[KeptCall, ...]) -> list[KeptCall]:
    room, newest = ROOM, list[KeptCall]()
    for call in reversed(calls[-MOST_CALLS:]):
        room -= 0 if call.pop is None else len(call.pop.data)
        newest.append(call if room >= 0 else replace(call, pop=None))
    return newest[::-1]


def _event(event: KeptEvent) -> _Event:
    return _Event(event.kind, event.call, event.at, kept_text.accounts_text(event.accounts), event.data)


def _call(kept: KeptCall) -> _Call:
    row = kept_text.written(kept)
    return _Call(row.call, row.accounts, row.facts, row.pop_accounts, row.pop)
