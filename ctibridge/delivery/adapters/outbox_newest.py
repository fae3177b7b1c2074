"""When the newest event of `desks.db` happened, for those who look whether the clock went back."""

import sqlite3
from datetime import UTC, datetime

from ctibridge.delivery.adapters.outbox_tables import SEQUENCE_BITS

# By each desk's newest sequence: the key finds it, and no event is read.
_NEWEST = f"SELECT max(e.at) FROM desk d JOIN desk_event e ON e.key = (d.no << {SEQUENCE_BITS} | d.sequence)"  # noqa: S608


def newest_event(connection: sqlite3.Connection) -> datetime | None:
    """Aware UTC; None where there is no event. Raises sqlite3.Error."""
    (at,) = connection.execute(_NEWEST).fetchone()
    return None if at is None else datetime.fromtimestamp(at, UTC)
