"""Directory files into the store: all rows are read first, then written in transactions of whole accounts.

Comes in: opened files. Goes out: what became of each. Where anything fails before the writing, nothing is written;
where the disk fails in between, each account is either as before or as in the files, and the same import again does
the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import aiosqlite

from ctibridge.lookup.adapters.importing import references
from ctibridge.lookup.adapters.importing.differences import Changes
from ctibridge.lookup.adapters.importing.reading import Job, Source, sort
from ctibridge.lookup.adapters.importing.spill import Spill
from ctibridge.lookup.adapters.importing.staging import IN_MEMORY, Counts, Staging, Tell, ToldProgress
from ctibridge.lookup.adapters.importing.workers import WorkerDied, Workers, cores
from ctibridge.lookup.adapters.importing.writing import ErasedMeanwhile, Writing
from ctibridge.lookup.adapters.schema import StoreFault, open_file
from ctibridge.lookup.phone_labels import EVERY_LABEL, AllowedLabels
from ctibridge.lookup.sheets import Table
from ctibridge.uncollected import uncollected

# Another import may be at work; a person waits longer than a daemon (milliseconds).
BUSY_MS = 60_000
# Of a page cache, and of the write-ahead log between two checkpoints, which cost a sync of the disk each.
_CACHE_KIB = 32_768
_LOG_PAGES = 16_384
# How long the end of a large import waits for readers, to leave a short log behind (milliseconds).
_CHECKPOINT_MS = 1_000
# Smaller imports (bytes of all large files) are done before other processes would have started.
ALONE = 4_000_000
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

    @property
    def replaced(self) -> str | None:
        """The account of which the files are the whole truth."""
        return self.account if self.replace else None


@dataclass(slots=True)
class Summary:
    """files: what became of each; numbers: telephone numbers over all files. kept: shares and grants that stay narrower
    than the files say. written is False where nothing was."""

    files: list[Counts] = field(default_factory=list)
    numbers: Changes = field(default_factory=Changes)
    kept: int = 0
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


class Importer:
    """One import; a context manager over its own connection. allowed: of which numbers it takes."""

    def __init__(self, connection: aiosqlite.Connection, path: Path, wish: Wish, allowed: AllowedLabels) -> None:
        self._connection = connection
        self._path = path
        self._wish = wish
        self._allowed = allowed

    @classmethod
    async def open(cls, path: Path, wish: Wish, allowed: AllowedLabels = EVERY_LABEL) -> Self:
        """Raises StoreFault."""
        connection = await open_file(path, busy_ms=BUSY_MS)
        await connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        await connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        return cls(connection, path, wish, allowed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def run(self, tables: Sequence[Table], tell: Tell, progress: ToldProgress) -> Summary:
        """tell: every refused row and every number that never matches; progress: after each piece of work.

        Raises StoreFault where the store fails, UnknownAccount, and what the files' rows raise while they are read.
        """
        # Millions of rows are made that hold no cycles; looking through them again and again takes half of the time.
        with uncollected():
            return await self._run(tables, tell, progress)

    async def _run(self, tables: Sequence[Table], tell: Tell, progress: ToldProgress) -> Summary:
        summary = Summary([Counts(table.file, table.sheet, table.form) for table in tables])
        writing: Writing | None = None
        try:
            known = await references.load(self._connection)
            sources = tuple(Source(table.file, table.sheet, table.columns, table.parse) for table in tables)
            job = Job(sources, known, self._wish.account, self._allowed)
            with Spill(self._path.parent) as spill:
                staging = Staging(job, spill, keeps=self._wish.replace, tell=tell, progress=progress)
                large = self._take_small(staging, tables, summary)
                staging.close(self._wish.replaced, datetime.now(UTC))
                alone = sum(table.size for _, table in large) <= ALONE
                with Workers(job, 0 if alone else cores()) as workers:
                    await self._take_large(staging, workers, large, summary)
                    self._check_account(staging, job)
                    with self._writing(job, staging, workers, summary) as writing:
                        await self._write(writing, summary, tell, progress)
            return summary
        except aiosqlite.Error as error:
            mend = "make room on its disk" if "full" in str(error) else "mend that"
            raise StoreFault(
                f"{self._path}: {error}; {_state(writing)}; {mend} and run the same import again"
            ) from None
        except ErasedMeanwhile:
            raise StoreFault(f"somebody was erased meanwhile; {_state(writing)}; run the same import again") from None
        except WorkerDied:
            reason = "a process of the import was ended from outside, as it is where memory is short"
            raise StoreFault(f"{reason}; {_state(writing)}; run the same import again") from None

    def _take_small(self, staging: Staging, tables: Sequence[Table], summary: Summary) -> list[tuple[int, Table]]:
        """Returns the others, with their places."""
        large: list[tuple[int, Table]] = []
        for number, table in enumerate(tables):
            if table.sheet.name in IN_MEMORY:
                staging.take_small(table, summary.files[number])
            else:
                large.append((number, table))
        return large

    async def _take_large(
        self, staging: Staging, workers: Workers, large: Sequence[tuple[int, Table]], summary: Summary
    ) -> None:
        by_number = dict(large)
        async for (number, chunk), found in workers.each(sort, staging.pieces(large)):
            staging.take_sorted(number, by_number[number], chunk, found, summary.files[number])

    def _check_account(self, staging: Staging, job: Job) -> None:
        account, met = self._wish.account, staging.staged.met
        if account is None or account in met or account in job.references.countries:
            return
        known = sorted({*job.references.countries, *met})
        more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
        raise UnknownAccount(
            f"account {account!r} is neither in these files nor in the store; "
            f"known are {', '.join(known[:MOST_NAMED]) or 'none yet'}{more}"
        )

    def _writing(self, job: Job, staging: Staging, workers: Workers, summary: Summary) -> Writing:
        wish = self._wish
        return Writing(self._connection, job, staging, workers, wish.replaced, summary.files, writes=not wish.dry_run)

    async def _write(self, writing: Writing, summary: Summary, tell: Tell, progress: ToldProgress) -> None:
        if self._wish.strict:
            await writing.check(tell, progress)
            if summary.refused:
                return
        await writing.run(tell, progress)
        summary.numbers = writing.numbers
        summary.kept = writing.kept
        summary.written = not self._wish.dry_run
        if summary.written:
            await self._connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MS}")
            await self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _state(writing: Writing | None) -> str:
    """What is in the store now."""
    if writing is None or not writing.done:
        return "nothing was imported"
    return f"{writing.done:,} of {writing.total:,} accounts are written, the others are as before"
