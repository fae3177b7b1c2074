"""When the files last told of an account, and how many of their numbers can never match: for those who look after it.

A room of its own in the store, made with the first import: an older ctibridge does not know it and does no harm to it.
Reasons are the importer's own words; no number and no person stands in it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiosqlite
import msgspec

from ctibridge.lookup.adapters.importing.preparing import Prepared
from ctibridge.lookup.adapters.tables import FROM_PLAN

ROOM = "imports"
VERSION = 1
_NOW = "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')"
TABLES = (
    """CREATE TABLE IF NOT EXISTS import_journal (
    account TEXT PRIMARY KEY, at TEXT NOT NULL, numbers INTEGER NOT NULL, unmatchable TEXT NOT NULL  -- JSON, by reason
) WITHOUT ROWID""",
    f"INSERT OR IGNORE INTO schema_version VALUES ('{ROOM}', {VERSION})",  # noqa: S608 - our own words
)
# An import that tells no number of an account leaves what is known of its numbers.
_WRITE = f"""
INSERT INTO import_journal VALUES (?1, {_NOW}, ?2, ?3) ON CONFLICT (account) DO UPDATE SET at = excluded.at,
numbers = iif(?4, excluded.numbers, numbers), unmatchable = iif(?4, excluded.unmatchable, unmatchable)
"""  # noqa: S608 - our own words


@dataclass(slots=True)
class Told:
    """Of one account, by one import. numbers: that can match; unmatchable: the others by reason, without faxes."""

    numbers: int = 0
    unmatchable: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Entry:
    """at: when files last told of people or numbers of the account (aware UTC). numbers, unmatchable: as the last
    import said that told any."""

    at: datetime
    numbers: int
    unmatchable: Mapping[str, int]


class Journal:
    """Of one import that writes: what is noted goes into the transaction of its account."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._told: dict[str, Told] = {}

    def note(self, account: str, prepared: Prepared) -> None:
        """Rows of one account that were taken; called again for more of it."""
        if not prepared.owners and not prepared.unusable:
            return
        told = self._told.setdefault(account, Told())
        told.numbers += sum(phone[3] != FROM_PLAN for phone in prepared.phones)
        told.unmatchable.update(reason for *_, reason, fax in prepared.unusable if not fax)

    async def write(self) -> None:
        """What was noted since the last time."""
        if not self._told:
            return
        for statement in TABLES:
            await self._connection.execute(statement)
        rows = [_row(account, told) for account, told in self._told.items()]
        await self._connection.executemany(_WRITE, rows)
        self._told.clear()


def _row(account: str, told: Told) -> tuple[str, int, str, bool]:
    lost = msgspec.json.encode(told.unmatchable).decode()
    return account, told.numbers, lost, bool(told.numbers or told.unmatchable)


async def entries(connection: aiosqlite.Connection) -> dict[str, Entry]:
    """By account; empty where no import has kept any. Raises sqlite3.Error."""
    there = await connection.execute_fetchall("SELECT 1 FROM sqlite_master WHERE name = 'import_journal'")
    if not list(there):
        return {}
    rows = await connection.execute_fetchall("SELECT account, at, numbers, unmatchable FROM import_journal")
    return {
        account: Entry(datetime.fromisoformat(at), numbers, msgspec.json.decode(lost, type=dict[str, int]))
        for account, at, numbers, lost in rows
    }
