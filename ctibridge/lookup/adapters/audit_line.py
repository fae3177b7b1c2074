"""A line in `directory_audit` that changes nothing else: an act upon the store as a whole."""

import sqlite3

from ctibridge.lookup.adapters.acts import Actor

_THERE = "SELECT 1 FROM sqlite_master WHERE name = 'directory_audit'"
_WRITE = "INSERT INTO directory_audit (at, actor, act, account, agent, detail) VALUES (?, ?, ?, NULL, NULL, ?)"


def write(connection: sqlite3.Connection, actor: Actor, act: str, detail: str) -> None:
    """Of a store of any version: an older one stays as it is. Without an audit, nothing. Raises sqlite3.Error."""
    if connection.execute(_THERE).fetchone() is not None:
        connection.execute(_WRITE, (actor.at.isoformat(), actor.name, act, detail))
