"""What is known of a line from what really happened there: for `check`, for the figures, and over a restart.

`write` and `read` are a pair. Nothing in here names a caller: how a line stands, and when something rang there.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ctibridge.domain.line import LineState

KIND = "line"
"""Of the facts that the store keeps, one for each line by its `key`."""
SEEN = "lines_seen"
"""Of the one fact that tells when the daemon, alive, has looked at its lines last."""


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """why: one line for the administrator; since: when `state` began. registered_since: short absences left out;
    away_since: from when on it is absent, None while it is registered. last_rang: our contact; phone_rang: the line's
    own phone, as its dialog state told; others: contacts beside ours, as the registrar listed them last. None: never,
    or not known."""

    trunk: str
    line: str
    state: LineState
    why: str
    since: datetime
    registered_since: datetime | None = None
    away_since: datetime | None = None
    last_rang: datetime | None = None
    phone_rang: datetime | None = None
    others: int | None = None


def key(trunk: str, line: str) -> str:
    return f"{trunk}/{line}"


def write(one: LineEvidence) -> bytes:
    return json.dumps(
        {
            "trunk": one.trunk,
            "line": one.line,
            "state": one.state,
            "why": one.why,
            "since": one.since.isoformat(),
            "registered_since": _text(one.registered_since),
            "away_since": _text(one.away_since),
            "last_rang": _text(one.last_rang),
            "phone_rang": _text(one.phone_rang),
            "others": one.others,
        }
    ).encode()


def read(text: bytes) -> LineEvidence | None:
    """None for what is no such text: an older or newer program wrote it."""
    try:
        return _read(json.loads(text))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


def _read(found: dict[str, Any]) -> LineEvidence:
    """Raises ValueError and others."""
    since, others = read_moment(found["since"].encode()), found["others"]
    trunk, line, why = found["trunk"], found["line"], found["why"]
    if since is None or not isinstance(others, int | None) or not all(isinstance(s, str) for s in (trunk, line, why)):
        raise TypeError
    times = {name: _moment(found[name]) for name in ("registered_since", "away_since", "last_rang", "phone_rang")}
    return LineEvidence(trunk, line, LineState(found["state"]), why, since, **times, others=others)


def write_moment(at: datetime) -> bytes:
    return at.isoformat().encode()


def read_moment(text: bytes) -> datetime | None:
    """None for what is no time with its zone."""
    try:
        at = datetime.fromisoformat(text.decode())
    except ValueError:
        return None
    return None if at.tzinfo is None else at


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else read_moment(text.encode())
