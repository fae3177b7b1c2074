"""Work for the workers: rows of one account each, in pieces that fit into memory, with what the store knows of them.

Comes in: the spill file. Goes out: prepared rows, account by account, in the order that was asked for.
"""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import aiosqlite
import msgspec

from ctibridge.lookup.adapters.importing import runs
from ctibridge.lookup.adapters.importing.people_merge import Account, PeopleMerge
from ctibridge.lookup.adapters.importing.preparing import (
    Prepared,
    Task,
    needs_sites,
    people_of,
    prepare,
    unpack_prepared,
)
from ctibridge.lookup.adapters.importing.reading import Job, Source
from ctibridge.lookup.adapters.importing.runs import Delimited
from ctibridge.lookup.adapters.importing.spill import SCATTERED, Group, Packed, RawRow, Spill, pack, unpack
from ctibridge.lookup.adapters.importing.workers import Workers
from ctibridge.lookup.cells import Parse

# Bytes of rows that are prepared at once: some 10,000 people.
UNIT = 2_000_000
# With more bytes than these it costs less to ask for everybody of the account than to read in the rows who is meant.
EVERYBODY = 200_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of an account that is too large for one task. count: of its parts."""

    account: str
    count: int
    packed: Packed = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """One piece by part. data: the groups, one behind the other."""

    groups: list[Group]
    data: bytes = field(repr=False)


class Units:
    """Of one import; a context manager over a spill file of its own."""

    def __init__(
        self, connection: aiosqlite.Connection, job: Job, spill: Spill, workers: Workers, people: PeopleMerge
    ) -> None:
        self._connection = connection
        self._job = job
        self._spill = spill
        self._workers = workers
        self._people = people
        self._parts = Spill(spill.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.__exit__()

    async def split_large(self, accounts: Iterable[str]) -> None:
        """Accounts that are too large for memory, in parts that are not; once, before `each`.

        Raises StoreFault where the disk is full.
        """
        large = [account for account in accounts if self._count(account) > 1]
        async for piece, parts in self._workers.each(split, self._pieces(large)):
            self._parts.add(piece.packed[0], parts.groups, parts.data)

    async def each(self, accounts: Iterable[tuple[str, Account | None]]) -> AsyncGenerator[tuple[Task, Prepared], None]:
        """accounts: with what the store has of each, None for one that is new."""
        async for task, packed in self._workers.each(prepare, self._tasks(accounts)):
            yield task, unpack_prepared(packed)

    async def _pieces(self, accounts: Iterable[str]) -> AsyncIterator[Piece]:
        for account in accounts:
            for packed in self._spill.read(account):
                yield Piece(account, self._count(account), packed)

    async def _tasks(self, accounts: Iterable[tuple[str, Account | None]]) -> AsyncIterator[Task]:
        for account, stored in accounts:
            fresh = await self._people.is_fresh(stored)
            count = self._count(account)
            for part in range(count):
                rows = list(self._parts.read(_key(account, part)) if count > 1 else self._spill.read(account))
                sites = {} if fresh or stored is None else await self._sites(stored, rows, whole=count == 1)
                yield Task(account, rows, sites, self._people.labels.known, fresh, last=part == count - 1)

    def _count(self, account: str) -> int:
        """Of its parts."""
        return max(1, -(-self._spill.size(account) // UNIT))

    async def _sites(self, account: Account, rows: Sequence[Packed], *, whole: bool) -> dict[str, str | None]:
        if not any(needs_sites(self._job.sources[packed[0]]) for packed in rows):
            return {}
        query, values = "SELECT id, site FROM directory_person WHERE account = ?", [account[0]]
        if whole and self._spill.size(account[1]) > EVERYBODY:
            found = await self._connection.execute_fetchall(query, values)
        else:
            people = msgspec.json.encode(sorted(people_of(self._job, rows))).decode()
            some = " AND id IN (SELECT value FROM json_each(?))"
            found = await self._connection.execute_fetchall(query + some, (*values, people))
        return {row[0]: row[1] for row in found}


def split(job: Job, piece: Piece) -> Parts:
    """By the key, so that all rows of one person come together, and a key that comes twice is seen."""
    table, line, data = piece.packed
    source = job.sources[table]
    column = "person" if source.sheet.name == "phones" else "id"
    parse: object = source.parse
    if line and isinstance(parse, Delimited):
        return _split_text(source, parse, column, piece)
    at = source.columns.index(column)
    by_part: dict[int, list[RawRow]] = {}
    for row in unpack(data):
        text = row[1].get(column, "") if source.sheet.families else row[1][at]
        by_part.setdefault(_part(text, source.sheet.take[column], piece.count), []).append(row)
    return _parts(piece, {part: (len(rows), pack(rows)) for part, rows in by_part.items()}, 0)


def _split_text(source: Source, parse: Delimited, column: str, piece: Piece) -> Parts:
    """Line by line; what they say is read later."""
    _, first, data = piece.packed
    take, count = source.sheet.take[column], piece.count
    lines = data.decode().split("\n")
    by_part: dict[int, list[int]] = {}
    for at, text in enumerate(runs.cells(parse, lines, source.columns.index(column))):
        by_part.setdefault(_part(text, take, count), []).append(at)
    packed = {
        part: (len(places), pack(([first + at for at in places], "\n".join([lines[at] for at in places]))))
        for part, places in by_part.items()
    }
    return _parts(piece, packed, SCATTERED)


def _parts(piece: Piece, packed: Mapping[int, tuple[int, bytes]], line: int) -> Parts:
    groups = [Group(_key(piece.account, part), len(data), rows, line) for part, (rows, data) in packed.items()]
    return Parts(groups, b"".join(data for _, data in packed.values()))


def _key(account: str, part: int) -> str:
    return f"{part}/{account}"


def _part(text: str, take: Parse, count: int) -> int:
    try:
        key = str(take(text))
    except ValueError:
        key = ""
    return zlib.crc32(key.encode()) % count
