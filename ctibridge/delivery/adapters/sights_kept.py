"""The sights in `desks.db`, as another process reads them beside a running daemon: by time, a page at a time, so that a
million of them fill no memory, and no long read keeps the daemon from emptying its log."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.kept import Sight

PAGE = 2_000
PATIENCE = 2.0
"""Seconds for a lock."""
_COLUMNS = "at, call, agent, account, person, how"
_PAGE = f"SELECT {_COLUMNS} FROM desk_sight WHERE ({_COLUMNS}) > (?, ?, ?, ?, ?, ?)"  # noqa: S608 -- our own names
_ORDER = f" ORDER BY {_COLUMNS} LIMIT ?"


@dataclass(frozen=True, slots=True)
class Wanted:
    """None: all. since <= at < until, aware."""

    account: str | None = None
    agent: str | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def sights(state_dir: Path, wanted: Wanted) -> Iterator[Sight]:
    """By time. None where no daemon has run yet, or none that kept them. Raises sqlite3.Error (TooNew)."""
    path = state_dir / FILE
    if not path.exists():
        return
    query, values = _query(wanted)
    begin = 0.0 if wanted.since is None else wanted.since.timestamp()
    last: tuple[object, ...] = (begin, "", "", "", "", "")
    with closing(_connect(path)) as db:
        if outbox_tables.ask_version(db) != outbox_tables.VERSION:
            return
        while rows := db.execute(query, (*last, *values, PAGE)).fetchall():
            for at, call, agent, account, person, how in rows:
                yield Sight(agent, account, person, call, how, datetime.fromtimestamp(at, UTC))
            last = rows[-1]


def _query(wanted: Wanted) -> tuple[str, list[object]]:
    conditions: dict[str, object] = {
        "account = ?": wanted.account,
        "agent = ?": wanted.agent,
        "person = ?": wanted.person,
        "at < ?": None if wanted.until is None else wanted.until.timestamp(),
    }
    asked = {condition: value for condition, value in conditions.items() if value is not None}
    return _PAGE + "".join(f" AND {condition}" for condition in asked) + _ORDER, list(asked.values())


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE)
