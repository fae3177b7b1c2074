"""The directory in SQLite, for reading: through aiosqlite, off the loop, except for one question of 4 µs.

What raises, raises sqlite3.Error, OSError or ValueError (a closed connection): `Lookup` answers without the store then.
Whoever is asked for, only the accounts of a `Visible` are read: what an agent may not see costs no time either.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Protocol, Self

import aiosqlite
import msgspec

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import number_key
from ctibridge.lookup import snapshot as snapshots
from ctibridge.lookup.adapters import migrations, queries, records
from ctibridge.lookup.adapters.migrations import Tell
from ctibridge.lookup.adapters.schema import StoreFault, open_file, open_reader
from ctibridge.lookup.adapters.searching import Searching
from ctibridge.lookup.claims import Claim, Claimants
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.snapshot import Changes, Snapshot
from ctibridge.lookup.visibility import Visible

FAULTS = (sqlite3.Error, OSError, ValueError, msgspec.MsgspecError)
# A number of so many people of one account names nobody, and an id of so many is nobody's: the rest need not be read.
MOST_HOLDERS = 64
MOST_CLAIMANTS = 1_000
# Beyond these, reading all anew is faster than person by person.
MOST_CHANGES = 50_000
# Of a tail fewer digits say nothing, and by these it is found.
SHORTEST_TAIL = 7
CACHE_KIB = 32_768


class DirectoryStore(Protocol):
    """What the look-up asks of a directory, wherever it is kept."""

    def version(self) -> int:
        """Rises whenever the directory changes. Called on the loop for every call: must cost microseconds."""

    def tables_version(self) -> int:
        """The version at which anything of the snapshot changed last; as cheap. As long as it is that of a snapshot,
        `snapshot.at(version)` is what `snapshot()` would read."""

    async def snapshot(self) -> Snapshot:
        """The small tables, all of one version."""

    async def holders(self, number: Understood, called_account: str | None, visible: Visible) -> Holders:
        """Who of these accounts holds this number, or one of its other spellings; a short number only in the account
        called; a tail in that one too, or in all where none was called. Of one account and one number at most
        MOST_HOLDERS people, and of one tail as many rows."""

    async def claimants(self, claims: Iterable[Claim], visible: Visible) -> Claimants:
        """Whose records in these accounts have what is claimed. Upper and lower case of plain letters are alike, except
        in a request. What more than MOST_CLAIMANTS of one account have, nobody of it has."""

    async def people(self, keys: Iterable[PersonKey], visible: Visible) -> Mapping[PersonKey, Person]:
        """The records of these people, as far as they exist and may be seen."""

    async def search(self, text: str, accounts: Sequence[str], visible: Visible, limit: int) -> tuple[Person, ...]:
        """At most `limit` people of these accounts whom the text may mean (`lookup.search`), if they may be seen.

        Those who have left come last; else those of the first account, which is the called one, come first, then those
        whom it fits best, then by name. Cancelled, it stops.
        """

    async def changes(self, version: int) -> Changes | None:
        """Who changed after that version; None where that is not known, or too many did: read all anew."""

    async def close(self) -> None: ...


class SqliteStore:
    """Three connections in threads, so that no pop waits behind a search or the small tables; and one on the loop that
    only asks whether anything changed."""

    def __init__(
        self, pops: aiosqlite.Connection, rest: aiosqlite.Connection, searching: Searching, watcher: sqlite3.Connection
    ) -> None:
        self._pops = pops
        self._rest = rest
        self._searching = searching
        self._watcher = watcher
        self._one_transaction = asyncio.Lock()
        self._seen: int | None = None
        self._versions = (0, 0)

    @classmethod
    async def open(cls, path: Path, tell: Tell = migrations.nobody) -> Self:
        """Opens the store, makes it where there is none, brings it up where it is older (`tell` hears of it).

        Raises StoreFault naming the file and the mend.
        """
        async with AsyncExitStack() as opened:
            rest = await open_file(path, tell=tell)
            opened.push_async_callback(rest.close)
            await rest.execute("PRAGMA query_only = ON")
            pops = await open_reader(path, cache_kib=CACHE_KIB)
            opened.push_async_callback(pops.close)
            searching = await Searching.open(path)
            opened.push_async_callback(searching.close)
            watcher = opened.enter_context(closing(_watcher(path)))
            opened.pop_all()
        return cls(pops, rest, searching, watcher)

    async def close(self) -> None:
        """Each, also where another one fails: a connection left open has a thread that keeps the process."""
        self._watcher.close()
        async with AsyncExitStack() as closing_all:
            for part in (self._rest, self._pops, self._searching):
                closing_all.push_async_callback(part.close)

    def version(self) -> int:
        return self._look()[0]

    def tables_version(self) -> int:
        return self._look()[1]

    def _look(self) -> tuple[int, int]:
        """`data_version` moves with every commit to the file, by any process; only then the counters are read."""
        seen = self._watcher.execute("PRAGMA data_version").fetchone()[0]
        if seen != self._seen:
            version, tables = self._watcher.execute(VERSIONS).fetchone()
            self._versions = (int(version), int(tables))
            self._seen = seen
        return self._versions

    async def snapshot(self) -> Snapshot:
        # Whoever asked may be gone before it is read; a transaction left open would shut out all who ask later.
        version, tables, rows = await asyncio.shield(self._small_tables())
        # Ten thousand sites are some 50 ms of work: not on the loop.
        return await asyncio.to_thread(build, int(version), int(tables), rows)

    async def _small_tables(self) -> tuple[int, int, list[list[records.Row]]]:
        """One transaction: all tables as of one moment, whoever writes meanwhile."""
        async with self._one_transaction:
            await self._rest.execute("BEGIN")
            try:
                ((version, tables),) = await self._rest.execute_fetchall(VERSIONS)
                return version, tables, [list(await self._rest.execute_fetchall(query)) for query in SMALL_TABLES]
            finally:
                await self._rest.execute("COMMIT")

    async def holders(self, number: Understood, called_account: str | None, visible: Visible) -> Holders:
        seen = sorted(visible.accounts)
        called = [account for account in seen if account == called_account]
        rows = await self._numbers(whole(number), seen)
        if number.extension is not None:
            rows += await self._numbers({number.extension: Grade.EXTENSION}, called)
        if number.tail is not None and len(number.tail) >= SHORTEST_TAIL:
            asked = seen if called_account is None else called
            given = (_json(asked), int(number.tail[-SHORTEST_TAIL:]), MOST_HOLDERS, number.tail)
            found = await self._pops.execute_fetchall(queries.SUFFIX, given) if asked else ()
            rows += [records.number(row, Grade.SUFFIX) for row in found]
        return Holders(rows)

    async def _numbers(self, numbers: Mapping[str, Grade], accounts: Sequence[str]) -> list[NumberRow]:
        if not numbers or not accounts:
            return []
        grades = list(numbers.values())
        given = (_json(accounts), _json(list(map(number_key.pack, numbers))), MOST_HOLDERS)
        found = await self._pops.execute_fetchall(queries.HOLDERS, given)
        return [records.number(row, grades[row[6]]) for row in found]

    async def claimants(self, claims: Iterable[Claim], visible: Visible) -> Claimants:
        accounts = _json(sorted(visible.accounts))
        return Claimants(
            [
                records.claimed(claim, row)
                for claim in claims
                for row in await self._pops.execute_fetchall(
                    queries.CLAIMED[claim.kind], (accounts, claim.value.value, MOST_CLAIMANTS)
                )
            ]
        )

    async def people(self, keys: Iterable[PersonKey], visible: Visible) -> Mapping[PersonKey, Person]:
        return await _people(self._pops, keys, visible)

    async def requested_for(self, request: str, visible: Visible) -> list[PersonKey]:
        """For whom a request with this id is in these accounts, whether or not the file has him."""
        given = (_json(sorted(visible.accounts)), request)
        return [PersonKey(*row) for row in await self._pops.execute_fetchall(queries.REQUESTED_FOR, given)]

    async def search(self, text: str, accounts: Sequence[str], visible: Visible, limit: int) -> tuple[Person, ...]:
        seen = [account for account in dict.fromkeys(accounts) if account in visible.accounts]
        found = await self._searching.find(text, seen, accounts[0] if accounts else None, limit)
        people = await _people(self._rest, found, visible)
        return tuple(people[key] for key in found if key in people)

    async def changes(self, version: int) -> Changes | None:
        rows = list(await self._rest.execute_fetchall(queries.CHANGES, (version, MOST_CHANGES + 1)))
        current, logged_from = rows[0][:2]
        if logged_from > version or version > current or len(rows) > MOST_CHANGES:
            return None
        return Changes(current, frozenset(PersonKey(row[2], row[3]) for row in rows if row[2] is not None))


VERSIONS = "SELECT version, tables FROM directory_change"
SMALL_TABLES = (
    records.ACCOUNT,
    records.AGENT,
    records.SHARE,
    records.GRANT,
    records.SERVICE_NUMBER,
    records.SITE,
    records.ANNOUNCEMENT,
    records.CONTEXT_ACCOUNT,
    records.PURGED,
)


def _watcher(path: Path) -> sqlite3.Connection:
    try:
        # Never waits: where the file is locked, the question is asked again at the next call.
        watcher = sqlite3.connect(path, timeout=0, isolation_level=None)
        watcher.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise StoreFault(f"{path}: {error}") from None
    return watcher


def whole(number: Understood) -> dict[str, Grade]:
    """The spellings of a number that anybody may have, each once, with how near it is to what was dialled."""
    exact = {} if number.e164 is None else {number.e164: Grade.EXACT}
    return dict.fromkeys(number.rewritten, Grade.REWRITTEN) | exact


async def _people(
    connection: aiosqlite.Connection, keys: Iterable[PersonKey], visible: Visible
) -> dict[PersonKey, Person]:
    wanted = sorted((key.account, key.id) for key in keys if key.account in visible.accounts)
    if not wanted:
        return {}
    rows = await connection.execute_fetchall(queries.PEOPLE, (_json(wanted),))
    return {person.key: person for person in map(records.person, rows)}


def build(version: int, tables: int, rows: Sequence[Sequence[records.Row]]) -> Snapshot:
    """rows: of each of SMALL_TABLES; version, tables: as VERSIONS asks for them, in the same transaction."""
    accounts, agents, shares, grants, service_numbers, sites, announcements, context, purged = rows
    return snapshots.build(
        version,
        accounts=map(records.account, accounts),
        agents=map(records.agent, agents),
        shares=map(records.share, shares),
        grants=map(records.grant, grants),
        service_numbers=map(records.service_number, service_numbers),
        sites=map(records.site, sites),
        announcements=map(records.announcement, announcements),
        tables=tables,
        context_accounts=[row[0] for row in context],
        purged=[(row[0], row[1]) for row in purged],
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
