"""The acts that `directory_audit` keeps, as another process reads them beside a running daemon."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PATIENCE = 2.0
"""Seconds for a lock; whoever reads a WAL waits for nobody but one who brings it up."""
_ACTS = (
    "SELECT at, act, account, agent, actor, detail FROM directory_audit "
    "WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR agent = ?2) ORDER BY at, no"
)
_THERE = "SELECT count(*) FROM sqlite_master WHERE name IN ('directory_audit', 'directory_account')"
_KNOWN = "SELECT EXISTS (SELECT 1 FROM directory_account WHERE id = ?)"


@dataclass(frozen=True, slots=True)
class Act:
    """actor: the user of this machine who did it; at: aware UTC."""

    at: datetime
    name: str
    account: str | None
    agent: str | None
    actor: str
    detail: str | None


def acts(path: Path, account: str | None = None, agent: str | None = None) -> Iterator[Act]:
    """By time, one after the other; None: of all. None at all where there is no store yet. Raises sqlite3.Error."""
    if not path.exists():
        return
    with closing(_connect(path)) as db:
        if db.execute(_THERE).fetchone()[0] == 2:
            for at, *act in db.execute(_ACTS, (account, agent)):
                yield Act(datetime.fromisoformat(at), *act)


def is_account(path: Path, account: str) -> bool:
    """Is it in the directory, be it shared or not? Raises sqlite3.Error."""
    if not path.exists():
        return False
    with closing(_connect(path)) as db:
        return bool(db.execute(_THERE).fetchone()[0] == 2 and db.execute(_KNOWN, (account,)).fetchone()[0])


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE)
