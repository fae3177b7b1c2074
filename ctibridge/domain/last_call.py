"""The last test call of each trunk and company, as it is kept in `state_dir` for figures and checks.

`write` and `read` are a pair. Nothing in here names a caller, an agent or a number.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

FILE = "selftest.json"
LONGEST = 1 << 20
"""Bytes of it that are read."""
MOST = 1000
"""Calls that are kept, the newest."""
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
    """The newest in the place of the last one of its trunk and company."""
    others = [one for one in calls if (one.trunk, one.account) != (newest.trunk, newest.account)]
    return (*sorted(others, key=lambda one: one.at)[-(MOST - 1) :], newest)


def of_trunk(calls: Iterable[LastCall], trunk: str) -> LastCall | None:
    """The newest of them."""
    return max((one for one in calls if one.trunk == trunk), key=lambda one: one.at, default=None)


def of_account(calls: Iterable[LastCall], account: str) -> LastCall | None:
    """The newest of them."""
    return max((one for one in calls if one.account == account), key=lambda one: one.at, default=None)


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
    texts = isinstance(trunk, str) and isinstance(account, str | None) and isinstance(failed, str | None)
    if not texts or at.tzinfo is None or isinstance(pop_ms, bool) or not isinstance(pop_ms, int | None):
        return None
    return LastCall(trunk, account, at, failed, pop_ms)
