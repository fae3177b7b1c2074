"""What the daemon knows of its lines, as another process reads it: neither waits for the other."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.domain import line_evidence
from ctibridge.domain.line_evidence import LineEvidence

PATIENCE = 2.0
"""Seconds for a lock; whoever reads a WAL waits for nobody but one who brings it up."""

_BODIES = "SELECT body FROM desk_fact WHERE kind = ? AND typeof(body) = 'blob'"
"""As it was written; a column of SQLite takes anything."""


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """lines: those that could be read. seen: when the daemon looked at them last; None: never."""

    lines: tuple[LineEvidence, ...] = ()
    seen: datetime | None = None


def read(state_dir: Path) -> KeptEvidence:
    """Empty where no daemon has run yet. Raises sqlite3.Error."""
    path = state_dir / FILE
    if not path.exists():
        return KeptEvidence()
    where = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(where, uri=True, isolation_level=None, timeout=PATIENCE)) as db:
        texts = db.execute(f"{_BODIES} ORDER BY key", (line_evidence.KIND,)).fetchall()
        seen = db.execute(_BODIES, (line_evidence.SEEN,)).fetchone()
    found = (line_evidence.read(text) for (text,) in texts)
    lines = tuple(one for one in found if one is not None)
    return KeptEvidence(lines, None if seen is None else line_evidence.read_moment(seen[0]))
