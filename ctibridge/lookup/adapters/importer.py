"""Directory files into the store: all rows are read and checked first, then written in transactions of whole accounts.

Comes in: opened files. Goes out: what became of each. Where anything fails before the writing, nothing is written;
where the disk fails in between, accounts are either as before or as in the files.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiosqlite

from ctibridge.lookup.adapters import merge
from ctibridge.lookup.adapters.merge import Changes
from ctibridge.lookup.adapters.schema import StoreFault, open_file
from ctibridge.lookup.adapters.staging import BATCH, Counts, Fault, Staging
from ctibridge.lookup.sheets import Refused, Row, Table

# Rows in one transaction, as far as accounts allow: a writing daemon waits 30 ms for so many.
TRANSACTION = 10_000
# Another import may be at work; a person waits longer than a daemon (milliseconds).
BUSY_MS = 60_000
# Accounts that a message names.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for.

    account: take only its rows, and agents, who belong to none. replace: of that account, rows that the files do not
    have leave the store, for each kind of file that is given. strict: one refused row refuses all. dry_run: everything
    but the writing.
    """

    account: str | None = None
    replace: bool = False
    strict: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Summary:
    """files: what became of each; numbers: telephone numbers over all files. written is False where nothing was."""

    files: list[Counts] = field(default_factory=list)
    numbers: Changes = field(default_factory=Changes)
    written: bool = False

    @property
    def refused(self) -> int:
        return sum(counts.refused for counts in self.files)

    @property
    def changes(self) -> int:
        files = sum(counts.new + counts.changed + counts.removed for counts in self.files)
        return files + self.numbers.new + self.numbers.changed + self.numbers.removed


class UnknownAccount(ValueError):
    """The account that is wished for is nowhere: a typing error, which would be an import of nothing."""


Tell = Callable[[Fault], None]
Progress = Callable[[Counts], None]


class Importer:
    """One import; a context manager over its own connection."""

    def __init__(self, connection: aiosqlite.Connection, wish: Wish) -> None:
        self._connection = connection
        self._wish = wish
        self._staging = Staging(connection, wish.account)

    @classmethod
    async def open(cls, path: Path, wish: Wish) -> Self:
        """Raises StoreFault."""
        return cls(await open_file(path, busy_ms=BUSY_MS), wish)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def run(self, tables: Sequence[Table], tell: Tell, progress: Progress) -> Summary:
        """tell: every refused row and every number that never matches; progress: after each batch.

        Raises StoreFault where the store fails, UnknownAccount, and what the files' rows raise while they are read.
        """
        summary = Summary([Counts(table.file, table.sheet, table.form) for table in tables])
        try:
            await self._staging.begin()
            for table, counts in zip(tables, summary.files, strict=True):
                for batch in _batches(table):
                    for fault in await self._staging.add(table, counts, batch):
                        tell(fault)
                    progress(counts)
            self._check_account()
            if not (self._wish.strict and summary.refused):
                await self._write(summary)
        except aiosqlite.Error as error:
            raise StoreFault(f"the store failed: {error}; accounts not yet written are as before") from None
        return summary

    def _check_account(self) -> None:
        account, met = self._wish.account, self._staging.accounts
        if account is None or account in met or account in self._staging.known.countries:
            return
        known = sorted({*self._staging.known.countries, *met})
        more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
        raise UnknownAccount(
            f"account {account!r} is neither in these files nor in the store; "
            f"known are {', '.join(known[:MOST_NAMED]) or 'none yet'}{more}"
        )

    async def _write(self, summary: Summary) -> None:
        by_sheet = {counts.sheet.name: counts for counts in summary.files}
        batches = self._batches(await merge.accounts_with_people(self._connection))
        try:
            # The small tables go with the first accounts: a small import is one transaction, whole or not at all.
            await self._connection.execute("BEGIN IMMEDIATE")
            changed = await self._write_small(by_sheet)
            for number, accounts in enumerate(batches):
                if number and not self._wish.dry_run:
                    await self._commit(changed=changed)
                    await self._connection.execute("BEGIN IMMEDIATE")
                    changed = False
                changed |= await self._write_people(accounts, by_sheet, summary)
            if self._wish.dry_run:
                await self._connection.execute("ROLLBACK")
            else:
                await self._commit(changed=changed)
                summary.written = True
        finally:
            if self._connection.in_transaction:
                await self._connection.execute("ROLLBACK")

    async def _commit(self, *, changed: bool) -> None:
        if changed:
            await self._connection.execute("UPDATE directory_change SET version = version + 1")
        await self._connection.execute("COMMIT")

    async def _write_small(self, by_sheet: Mapping[str, Counts]) -> bool:
        changed = False
        for name in merge.SMALL:
            if name in by_sheet:
                changes = await merge.upsert(self._connection, name, self._staging.columns.get(name, ()))
                changed |= _count(by_sheet[name], changes)
                if self._wish.account is not None and self._wish.replace and name in merge.OF_ONE_ACCOUNT:
                    removed = await merge.remove_rest(self._connection, name, self._wish.account)
                    changed |= _count(by_sheet[name], Changes(removed=removed))
        return changed

    async def _write_people(self, accounts: Sequence[str], by_sheet: Mapping[str, Counts], summary: Summary) -> bool:
        await merge.choose_batch(self._connection, accounts)
        changed = False
        if "people" in by_sheet:
            given = self._staging.columns.get("people", ())
            changes = await merge.upsert(self._connection, "people", given, merge.IN_BATCH)
            changed |= _count(by_sheet["people"], changes)
            if self._wish.account is not None and self._wish.replace:
                removed = await merge.remove_rest(self._connection, "people", self._wish.account)
                changed |= _count(by_sheet["people"], Changes(removed=removed))
        found = [await merge.numbers(self._connection, origin) for origin in ("people", "phones")]
        if "phones" in by_sheet and self._wish.account is not None and self._wish.replace:
            found.append(Changes(removed=await merge.remove_other_numbers(self._connection, self._wish.account)))
        followed, gone = await merge.follow_people(self._connection)
        if "phones" in by_sheet:
            for changes in found[1:]:
                _count(by_sheet["phones"], changes)
        for changes in (*found, Changes(removed=gone)):
            summary.numbers = summary.numbers + changes
            changed |= changes != Changes()
        return changed or followed > 0

    def _batches(self, sizes: Mapping[str, int]) -> list[list[str]]:
        """Accounts in groups of some 10,000 rows; one account is never split."""
        replaced = [self._wish.account] if self._wish.replace and self._wish.account is not None else []
        batches: list[list[str]] = []
        room = 0
        for account in dict.fromkeys((*replaced, *sorted(sizes))):
            size = sizes.get(account, 0)
            if not batches or size > room:
                batches.append([])
                room = TRANSACTION
            batches[-1].append(account)
            room -= size
        return batches


def _count(counts: Counts, changes: Changes) -> bool:
    counts.new += changes.new
    counts.changed += changes.changed
    counts.removed += changes.removed
    return changes != Changes()


def _batches(table: Table) -> Iterator[list[Row | Refused]]:
    rows = iter(table.rows)
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch
