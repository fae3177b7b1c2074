"""What `desks.db` has of one person, for himself: read beside a running daemon, a desk at a time.

Comes in: by what he is known. Goes out: events, calls and facts that speak of him, and who was told of him when.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from ctibridge.delivery import disclosed
from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.outbox_tables import MOST_SEQUENCE, event_key
from ctibridge.delivery.erased import Level, Traces

Values = dict[str, Any]
PATIENCE = 5.0
"""Seconds for a lock."""
_EVENTS = "SELECT key, kind, call, at, data FROM desk_event WHERE key BETWEEN ? AND ? ORDER BY key"
_CALLS = "SELECT call, rang_at, facts, pop FROM desk_call WHERE desk = ? ORDER BY rang_at"
_SIGHTS = "SELECT agent, call, how, at FROM desk_sight WHERE account = ? AND person = ? ORDER BY at, agent"


def told_of(path: Path, traces: Traces, account: str, person: str) -> Values:
    """`events`, `calls`, `facts` and `seen_by`; empty where there is no file yet. Raises sqlite3.Error (TooNew),
    msgspec.DecodeError."""
    found: Values = {"events": [], "calls": [], "facts": [], "seen_by": []}
    if not path.exists():
        return found
    with closing(_connect(path)) as db:
        has_sights = outbox_tables.ask_version(db) == outbox_tables.VERSION
        desks = db.execute("SELECT no, agent FROM desk ORDER BY agent").fetchall()
        levels = _levels(db, desks, traces)
        for no, agent in desks:
            found["events"] += _events(db, no, agent, traces, levels, account, person)
            found["calls"] += _calls(db, no, agent, levels, account, person)
        found["facts"] = list(_facts(db, levels))
        if has_sights:
            found["seen_by"] = list(_sights(db, account, person))
    return found


def _levels(db: sqlite3.Connection, desks: list[tuple[int, str]], traces: Traces) -> dict[str, Level]:
    """A note, and the end of a call, name nobody: they are of whom the pop named."""
    levels: dict[str, Level] = {}
    for no, _ in desks:
        texts = [(call, data) for _, _, call, _, data in db.execute(_EVENTS, _span(no)) if call is not None]
        for call, _, facts, pop in db.execute(_CALLS, (no,)):
            texts += [(call, body) for body in (facts, pop) if body is not None]
        for call, body in texts:
            if level := traces.level(bytes(body)):
                levels[call] = max(level, levels.get(call, level))
    return levels


def _events(
    db: sqlite3.Connection,
    no: int,
    agent: str,
    traces: Traces,
    levels: dict[str, Level],
    account: str,
    person: str,
) -> Iterator[Values]:
    for _, kind, call, at, data in db.execute(_EVENTS, _span(no)):
        level = levels.get(call, Level.NOT) or traces.level(data)
        if level:
            told = disclosed.data(data, account, person, level)
            yield {"at": _time(at), "desk": agent, "type": kind, "call": call, "data": told}


def _calls(
    db: sqlite3.Connection, no: int, agent: str, levels: dict[str, Level], account: str, person: str
) -> Iterator[Values]:
    for call, rang_at, facts, pop in db.execute(_CALLS, (no,)):
        level = levels.get(call)
        if level is None:
            continue
        kept: Values = msgspec.json.decode(bytes(facts))
        told: Values = {key: kept[key] for key in ("line", "answered_at", "ended_at", "outcome") if key in kept}
        notes = kept.get("notes", []) if level is Level.HIS else []
        last = None if pop is None else disclosed.data(bytes(pop), account, person, level)
        yield {"call": call, "desk": agent, "rang_at": _time(rang_at), **told, "notes": notes, "last_told": last}


def _facts(db: sqlite3.Connection, levels: dict[str, Level]) -> Iterator[Values]:
    for kind, call, body in db.execute("SELECT kind, key, body FROM desk_fact ORDER BY kind, key"):
        if levels.get(call) is Level.HIS:
            yield {"kind": kind, "call": call, "data": disclosed.fact(bytes(body))}


def _sights(db: sqlite3.Connection, account: str, person: str) -> Iterator[Values]:
    for agent, call, how, at in db.execute(_SIGHTS, (account, person)):
        yield {"agent": agent, "call": call, "how": how, "at": _time(at)}


def _span(desk: int) -> tuple[int, int]:
    return event_key(desk, 0), event_key(desk, MOST_SEQUENCE)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE)
