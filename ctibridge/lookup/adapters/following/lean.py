"""Does a store go without people, as they are in Redis? Asked by who is about to need them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ctibridge.lookup.adapters.following import tables

PATIENCE = 5.0
"""Seconds for a lock."""


def is_lean(path: Path) -> bool:
    """Of a store that is there. Raises sqlite3.Error."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=PATIENCE)) as db:
        return tables.is_lean(db)
