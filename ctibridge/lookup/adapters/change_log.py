"""Which version the directory has, and whom each version changed: what a running daemon follows.

Comes in: what one transaction changed. All is written in that transaction.
"""

from collections.abc import Collection

import aiosqlite

# More people than this in one import: whoever follows reads all anew, which is faster by then.
MOST_LOGGED = 100_000
# How many older entries stay for those who were away.
MOST_KEPT = 100_000


class ChangeLog:
    """Of one import: transaction by transaction, what changed in it is noted, then written."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._people: set[tuple[int, str]] = set()
        self._any = self._tables = False
        self._logged = 0
        self._pruned = False

    def note_tables(self) -> None:
        """Something changed that is no person and no number."""
        self._any = self._tables = True

    def note_people(self, account: int, people: Collection[str]) -> None:
        """These, of one account; when there are too many of them nobody need be remembered."""
        self._any |= bool(people)
        if self._logged + len(self._people) <= MOST_LOGGED:
            self._people.update((account, person) for person in people)

    async def write(self) -> None:
        """What was noted since the last time, as one version; nothing where nothing was."""
        if self._any:
            await self._write()
        self._people.clear()
        self._any = self._tables = False

    async def _write(self) -> None:
        ((version,),) = await self._connection.execute_fetchall("SELECT version + 1 FROM directory_change")
        await self._connection.execute("UPDATE directory_change SET version = ?", (version,))
        if self._tables:
            await self._connection.execute("UPDATE directory_change SET tables = version")
        self._logged += len(self._people)
        if self._logged > MOST_LOGGED:
            await self._forget(version)
        elif self._people:
            await self._prune()
            rows = sorted((version, account, person) for account, person in self._people)
            await self._connection.executemany("INSERT INTO directory_changed_person VALUES (?, ?, ?)", rows)

    async def _forget(self, version: int) -> None:
        await self._connection.execute("UPDATE directory_change SET logged_from = ?", (version,))
        await self._connection.execute("DELETE FROM directory_changed_person WHERE version <= ?", (version,))

    async def _prune(self) -> None:
        """Once an import: so many stay that with its own there are at most twice as many."""
        if self._pruned:
            return
        self._pruned = True
        rows = await self._connection.execute_fetchall(
            "SELECT version, count(*) FROM directory_changed_person GROUP BY version ORDER BY version DESC"
        )
        left = MOST_KEPT
        for version, count in rows:
            left -= count
            if left < 0:
                await self._forget(version)
                return
