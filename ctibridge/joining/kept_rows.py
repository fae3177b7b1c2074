"""A desk's call as fields of a hash in Redis, and back: what stands of it, and its pop, which is written where it has
changed alone."""

import msgspec
import structlog

from ctibridge.delivery import kept_text, other_calendar
from ctibridge.delivery.kept import KeptCall
from ctibridge.delivery.kept_text import CallRow
from ctibridge.delivery.moving import Ahead

_POP = "/pop"
"""Behind the call's id."""
log = structlog.get_logger()


class _Row(msgspec.Struct, array_like=True):
    """ahead: as in `written`."""

    accounts: str | None
    facts: bytes
    ahead: Ahead | None = None


class _Pop(msgspec.Struct, array_like=True):
    accounts: str | None
    data: bytes


_rows, _pops = msgspec.msgpack.Decoder(_Row), msgspec.msgpack.Decoder(_Pop)
_encode = msgspec.msgpack.Encoder().encode


def written(kept: KeptCall, ahead: float | None) -> list[str | bytes]:
    """Fields and values. ahead: seconds by which our calendar is ahead of Redis's; None: not known."""
    row = kept_text.written(kept)
    fields: list[str | bytes] = [row.call, _encode(_Row(row.accounts, row.facts, ahead))]
    if row.pop is not None:
        fields += [row.call + _POP, _encode(_Pop(row.pop_accounts, row.pop))]
    return fields


def names(call: str) -> tuple[str, str]:
    """All fields that it may have."""
    return call, call + _POP


def read(agent: str, reply: list[bytes], ahead: float | None) -> tuple[KeptCall, ...]:
    """All of a desk, oldest first, by our calendar. reply: of HGETALL. What cannot be read, of another version, is left
    out."""
    fields = {name.decode(errors="replace"): body for name, body in zip(reply[::2], reply[1::2], strict=True)}
    calls = (name for name in fields if not name.endswith(_POP))
    found = [kept for name in calls if (kept := _read(agent, name, fields, ahead)) is not None]
    return tuple(sorted(found, key=lambda kept: (kept.call.rang_at, kept.call.id)))


def _read(agent: str, call: str, fields: dict[str, bytes], ahead: float | None) -> KeptCall | None:
    try:
        row = _rows.decode(fields[call])
        pop = _pops.decode(fields[call + _POP]) if call + _POP in fields else _Pop(None, b"")
        kept = kept_text.read(agent, CallRow(call, row.accounts, row.facts, pop.accounts, pop.data or None))
        return other_calendar.call(kept, other_calendar.shift(row.ahead, ahead))
    except (ValueError, KeyError, OverflowError):  # a time that no calendar has
        log.warning("call_unreadable", call=call)
        return None
