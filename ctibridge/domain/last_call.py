"""The last test call of each trunk and company, as it is kept in `state_dir` for figures and checks.

`write` and `read` are a pair. Nothing in here names a caller, an agent or a number.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

FILE = "selftest.json"
LONGEST = 1 << 20
"""Bytes of it that are read."""
MOST = 1000
"""Calls that are kept, the newest."""
LATEST_MS = 3_600_000
"""Milliseconds until a pop: no test call takes an hour."""
DAILY = timedelta(hours=26)
"""The timer calls each morning, at a time of chance within half an hour, and a call takes its time."""


@dataclass(frozen=True, slots=True)
class LastCall:
    """account: that was called, None where it was no company's number; at: aware UTC; failed: a word for what failed
    first, None where all was as it should be; pop_ms: from our INVITE to the desk, None where nothing popped."""

    trunk: str
    account: str | None
    at: datetime
    failed: str | None
    pop_ms: int | None


def kept(calls: Iterable[LastCall], newest: LastCall) -> tuple[LastCall, ...]:
    """The newest behind all others, in the place of the last one of its trunk and company. By their order, not by their
    time: a clock that was put back would keep a wrong one as the newest for ever."""
    others = [one for one in calls if (one.trunk, one.account) != (newest.trunk, newest.account)]
    return (*others[-(MOST - 1) :], newest)


def of_trunk(calls: Sequence[LastCall], trunk: str) -> LastCall | None:
    """The newest of them."""
    return next((one for one in reversed(calls) if one.trunk == trunk), None)


def of_account(calls: Sequence[LastCall], account: str) -> LastCall | None:
    """The newest of them."""
    return next((one for one in reversed(calls) if one.account == account), None)


def told(call: LastCall) -> str:
    """One line for a person."""
    popped = "" if call.pop_ms is None else f", popped after {call.pop_ms:,} ms"
    how = "good" if call.failed is None else f"failed ({call.failed})"
    return f"{call.at:%Y-%m-%d %H:%M} UTC by trunk {call.trunk}: {how}{popped}"


def write(calls: Iterable[LastCall]) -> bytes:
    return json.dumps([asdict(one) | {"at": one.at.isoformat()} for one in calls], indent=1).encode()


def read(text: bytes) -> tuple[LastCall, ...]:
    """Without what is no call: an older or newer program wrote it."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(found, list):
        return ()
    return tuple(call for one in found[:MOST] if (call := _call(one)) is not None)


def _call(one: Any) -> LastCall | None:
    try:
        trunk, account, failed, pop_ms = one["trunk"], one["account"], one["failed"], one["pop_ms"]
        at = datetime.fromisoformat(one["at"])
    except (TypeError, LookupError, ValueError):
        return None
    texts = _is_text(trunk) and all(one is None or _is_text(one) for one in (account, failed))
    timed = pop_ms is None or (type(pop_ms) is int and 0 <= pop_ms <= LATEST_MS)
    if not texts or not timed or at.utcoffset() != timedelta(0):
        return None
    return LastCall(trunk, account, at, failed, pop_ms)


def _is_text(value: Any) -> bool:
    """As `write` has it: what a metric's label and a terminal can hold."""
    return isinstance(value, str) and value.isprintable()
