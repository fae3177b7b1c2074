"""What the number index lacks, from the store: who changed after a version, as they are now; or, of few, everybody.

On a connection of its own, off the loop, in pieces that are small enough to be taken in between two calls.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from sys import intern
from typing import Any, Self

import aiosqlite

from ctibridge.lookup.adapters.queries import FAX_LABEL
from ctibridge.lookup.adapters.schema import open_reader
from ctibridge.lookup.index import Held

# Changed people are read four times as fast as with two megabytes; it is given back behind them.
CACHE_KIB = 32_768
# Half a millisecond of work on either side.
_AT_ONCE = 250

_STATE = """
SELECT change.version, change.logged_from, ifnull(newest.stamp, ''), ifnull(asked.stamp, '')
FROM directory_change change LEFT JOIN directory_stamp newest ON newest.version = change.version
LEFT JOIN directory_stamp asked ON asked.version = ?1
"""
_MORE_THAN = "SELECT count(*) FROM (SELECT 1 FROM directory_person LIMIT ? + 1)"
_CHANGED = "SELECT DISTINCT account, id FROM directory_changed_person WHERE version > ?1"
_EVERYBODY = "SELECT account, id FROM directory_person WHERE ?1 IS NULL"
# An account that is no more has no name here, but perhaps one in the index. A fax never matches.
_PEOPLE = f"""
SELECT changed.account, account.id, changed.id, person.no, label.name, person.disabled, phone.imported, phone.number
FROM ({{}}) changed LEFT JOIN directory_account account ON account.no = changed.account
LEFT JOIN directory_person person ON person.account = changed.account AND person.id = changed.id
LEFT JOIN directory_phone phone ON phone.person = person.no AND phone.account = person.account
    AND phone.label <> {FAX_LABEL}
LEFT JOIN directory_label label ON label.no = phone.label
"""  # noqa: S608 - our own words
_OTHER = "other"

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class State:
    """version: of the directory, with its stamp; logged_from: who changed after it is known; then: the stamp of the
    version that was asked for. An unknown stamp is empty."""

    version: int
    logged_from: int
    stamp: str
    then: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One person as he is now. numbers: packed; here: False where he has left."""

    account: str
    person: str
    here: bool
    numbers: tuple[tuple[int, Held], ...]


class IndexChanges:
    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, store: Path) -> Self:
        """Of a store that `schema.open_file` has opened before. Raises StoreFault."""
        return cls(await open_reader(store, cache_kib=CACHE_KIB))

    async def close(self) -> None:
        await self._connection.close()

    @asynccontextmanager
    async def moment(self, version: int | None) -> AsyncIterator[State]:
        """All that is read within is of one moment. version: whose stamp is wanted."""
        await self._connection.execute("BEGIN")
        try:
            ((*state,),) = await self._connection.execute_fetchall(_STATE, (version,))
            yield State(*state)
        finally:
            await self._connection.execute("COMMIT")

    async def has_more_than(self, people: int) -> bool:
        ((count,),) = await self._connection.execute_fetchall(_MORE_THAN, (people,))
        return int(count) > people

    async def people(self, since: int | None, names: Mapping[int, str]) -> AsyncGenerator[Iterator[Changed], None]:
        """Pieces: who changed after that version; None: everybody. names: of accounts that may be gone, by number.

        Each person comes once, whole.
        """
        query = _PEOPLE.format(_EVERYBODY if since is None else _CHANGED)
        begun: list[Row] = []
        async with self._connection.execute(query, (since,)) as cursor:
            while rows := [*begun, *map(tuple, await cursor.fetchmany(_AT_ONCE))]:
                # The last one's rows may go on in the next piece.
                kept = 0 if len(rows) == len(begun) else _last_of(rows)
                begun = rows[len(rows) - kept :]
                yield _changed(rows[: len(rows) - kept], names)
        await self._connection.execute("PRAGMA shrink_memory")


def _last_of(rows: list[Row]) -> int:
    """How many rows at the end are of one person."""
    last = rows[-1][:3]
    return next((count for count, row in enumerate(reversed(rows)) if row[:3] != last), len(rows))


def _changed(rows: Iterable[Row], names: Mapping[int, str]) -> Iterator[Changed]:
    for (no, name, person), his in groupby(rows, lambda row: row[:3]):
        account = name if name is not None else names.get(no)
        if account is not None:
            all_his = list(his)
            account = intern(account)
            yield Changed(account, person, all_his[0][3] is not None, tuple(_numbers(account, person, all_his)))


def _numbers(account: str, person: str, rows: Iterable[Row]) -> Iterator[tuple[int, Held]]:
    for *_, label, disabled, imported, number in rows:
        if number is not None:
            yield number, (account, person, intern(label or _OTHER), bool(disabled), bool(imported))
