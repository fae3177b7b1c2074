"""The directory in SQLite, for reading: through aiosqlite, off the loop, except for one question of 4 µs.

What raises, raises sqlite3.Error, OSError or ValueError (a closed connection): `Lookup` answers without the store then.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self

import aiosqlite
import msgspec

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup import snapshot as snapshots
from ctibridge.lookup.adapters import records
from ctibridge.lookup.adapters.schema import StoreFault, open_file
from ctibridge.lookup.claims import Claim, Claimants, ClaimRow
from ctibridge.lookup.holders import Holders
from ctibridge.lookup.snapshot import Snapshot

FAULTS = (sqlite3.Error, OSError, ValueError, msgspec.MsgspecError)
_VERSION = "SELECT version FROM directory_change"
# SQLite takes 32,766 parameters; a number of so many candidates was `shared` long before.
_PEOPLE_AT_ONCE = 500
# What more people have is nobody's id, in whatever company: the rest need not be read.
MOST_CLAIMANTS = 1_000


class DirectoryStore(Protocol):
    """What the look-up asks of a directory, wherever it is kept."""

    def version(self) -> int:
        """Rises whenever the directory changes. Called on the loop for every call: must cost microseconds."""

    async def snapshot(self) -> Snapshot:
        """The small tables, all of one version."""

    async def holders(self, number: str) -> Holders:
        """Who holds this number (E.164 or short), over all accounts."""

    async def claimants(self, claims: Iterable[Claim], number: str | None, called_account: str | None) -> Claimants:
        """Whose records have what is claimed, in the account called and in those of the number's holders. Upper and
        lower case are alike. What more than MOST_CLAIMANTS have, nobody has."""

    async def people(self, keys: Iterable[PersonKey]) -> Mapping[PersonKey, Person]:
        """The records of these people, as far as they exist."""

    async def close(self) -> None: ...


class SqliteStore:
    """One connection in a thread for the queries, one on the loop that only asks whether anything changed."""

    def __init__(self, connection: aiosqlite.Connection, watcher: sqlite3.Connection) -> None:
        self._connection = connection
        self._watcher = watcher
        self._seen: int | None = None
        self._version = 0

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens the store, and makes it where there is none. Raises StoreFault naming the file and the mend."""
        connection = await open_file(path)
        try:
            # Never waits: where the file is locked, the question is asked again at the next call.
            watcher = sqlite3.connect(path, timeout=0, isolation_level=None)
            watcher.execute("PRAGMA query_only = ON")
        except sqlite3.Error as error:
            await connection.close()
            raise StoreFault(f"{path}: {error}") from None
        except BaseException:
            await connection.close()
            raise
        return cls(connection, watcher)

    async def close(self) -> None:
        self._watcher.close()
        await self._connection.close()

    def version(self) -> int:
        """`data_version` moves with every commit to the file, by any process; only then the counter itself is read."""
        seen = self._watcher.execute("PRAGMA data_version").fetchone()[0]
        if seen != self._seen:
            self._version = int(self._watcher.execute(_VERSION).fetchone()[0])
            self._seen = seen
        return self._version

    async def snapshot(self) -> Snapshot:
        # One transaction: all tables as of one moment, whoever writes meanwhile.
        try:
            await self._connection.execute("BEGIN")
            (version,) = next(iter(await self._connection.execute_fetchall(_VERSION)))
            rows = [list(await self._connection.execute_fetchall(query)) for query in _SMALL_TABLES]
        finally:
            await self._connection.execute("COMMIT")
        # Ten thousand sites are some 50 ms of work: not on the loop.
        return await asyncio.to_thread(_build, int(version), rows)

    async def holders(self, number: str) -> Holders:
        return Holders(map(records.number, await self._connection.execute_fetchall(records.NUMBER, (number,))))

    async def claimants(self, claims: Iterable[Claim], number: str | None, called_account: str | None) -> Claimants:
        found: list[ClaimRow] = []
        for claim in claims:
            asked = (claim.value.value, called_account, number, MOST_CLAIMANTS + 1)
            rows = list(await self._connection.execute_fetchall(records.CLAIMED[claim.kind], asked))
            if len(rows) <= MOST_CLAIMANTS:
                found += [records.claimed(claim, row) for row in rows]
        return Claimants(found)

    async def people(self, keys: Iterable[PersonKey]) -> Mapping[PersonKey, Person]:
        wanted = sorted((key.account, key.id) for key in keys)
        found: dict[PersonKey, Person] = {}
        for start in range(0, len(wanted), _PEOPLE_AT_ONCE):
            some = wanted[start : start + _PEOPLE_AT_ONCE]
            values = ", ".join(["(?, ?)"] * len(some))
            query = f"{records.PERSON} WHERE (account, id) IN (VALUES {values})"
            rows = await self._connection.execute_fetchall(query, [part for key in some for part in key])
            found.update((person.key, person) for person in map(records.person, rows))
        return found


_SMALL_TABLES = (
    records.ACCOUNT,
    records.AGENT,
    records.SHARE,
    records.GRANT,
    records.SERVICE_NUMBER,
    records.SITE,
)


def _build(version: int, tables: Sequence[Sequence[records.Row]]) -> Snapshot:
    accounts, agents, shares, grants, service_numbers, sites = tables
    return snapshots.build(
        version,
        accounts=map(records.account, accounts),
        agents=map(records.agent, agents),
        shares=map(records.share, shares),
        grants=map(records.grant, grants),
        service_numbers=map(records.service_number, service_numbers),
        sites=map(records.site, sites),
    )
