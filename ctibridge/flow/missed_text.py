"""A missed call as JSON text, over a restart: who waits for a call back, and who calls him. `write` and `read` are a
pair.

The text names the caller by what he is known again, often a number: it goes into the store and nowhere else, and of one
that cannot be read nothing is repeated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from ctibridge.calls.missed_call import AtDesk, MissedCall, Spoken
from ctibridge.domain.work import Work

_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class _Kept:
    """Of a MissedCall all but what follows from its desks."""

    id: str
    caller: str | None = field(repr=False)
    account: str | None
    desks: dict[str, AtDesk]
    spoken: Spoken | None
    work: Work | None
    shared: bool


_kept = msgspec.json.Decoder(_Kept)


def write(one: MissedCall) -> bytes:
    return _json.encode(_Kept(one.id, one.caller, one.account, one.desks, one.spoken, one.work, one.shared))


def read(text: bytes) -> MissedCall | None:
    """None for what is no such text: an older or newer program wrote it."""
    try:
        one = _kept.decode(text)
    except (ValueError, RecursionError):
        # msgspec's own faults are ValueErrors; bytes that are no UTF-8, and brackets without end, are not its own.
        return None
    if not _is_sound(one):
        return None
    return MissedCall(one.id, one.caller, one.account, one.desks, one.spoken, one.work, one.shared)


def read_all(texts: Mapping[str, bytes]) -> tuple[list[MissedCall], list[str]]:
    """By call. Returns the calls, and of which the text cannot be read."""
    calls = {call: read(text) for call, text in texts.items()}
    return [one for one in calls.values() if one is not None], [call for call, one in calls.items() if one is None]


def _is_sound(one: _Kept) -> bool:
    """It rang somewhere, is one call, and each time has a zone: without one it could not be compared with any other."""
    calls = {desk.call.id for desk in one.desks.values()}
    if one.spoken is not None:
        calls.add(one.spoken.call)
    return bool(one.desks) and calls == {one.id} and all(at.tzinfo is not None for at in _times(one))


def _times(one: _Kept) -> Iterator[datetime]:
    for desk in one.desks.values():
        call = desk.call
        yield from (at for at in (call.rang_at, call.answered_at, call.ended_at) if at is not None)
    yield from (each.at for each in (one.spoken, one.work) if each is not None)
