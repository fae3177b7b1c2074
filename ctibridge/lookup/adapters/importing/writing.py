"""Staged rows into the store, account by account: each is as before or as in the files, never in between.

Accounts go in transactions of some 10,000 rows; one account is never split over two. Rows are made ready by the workers
while others are written.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Self

import aiosqlite

from ctibridge.domain.private import Number
from ctibridge.lookup.adapters import kept_out
from ctibridge.lookup.adapters.change_log import ChangeLog
from ctibridge.lookup.adapters.importing.differences import Changes
from ctibridge.lookup.adapters.importing.journal import Journal
from ctibridge.lookup.adapters.importing.merge import OF_ACCOUNT, REPLACED, SMALL, TableMerge, own_column
from ctibridge.lookup.adapters.importing.people_merge import Account, PeopleMerge, Told
from ctibridge.lookup.adapters.importing.preparing import Prepared, Task
from ctibridge.lookup.adapters.importing.reading import Job
from ctibridge.lookup.adapters.importing.staging import Counts, LeftOut, Staging, Tell, ToldProgress, Unusable
from ctibridge.lookup.adapters.importing.units import Units
from ctibridge.lookup.adapters.importing.workers import Workers
from ctibridge.lookup.adapters.tables import FROM_PHONES, STORED
from ctibridge.lookup.cells import Value
from ctibridge.lookup.progress import Progress
from ctibridge.lookup.sheets import Refused

# Rows in one transaction, as far as accounts allow: a writing daemon waits a tenth of a second for so many.
TRANSACTION = 10_000


class ErasedMeanwhile(Exception):
    """Whom the rows name may have left the store since they were read; they must not bring him back."""


class Writing:
    """Of one import; a context manager. writes: False for a dry run, which compares and counts, without a lock.

    done, total: accounts.
    """

    def __init__(
        self,
        connection: aiosqlite.Connection,
        job: Job,
        staging: Staging,
        workers: Workers,
        replaced: str | None,
        files: Sequence[Counts],
        *,
        writes: bool,
    ) -> None:
        self._connection = connection
        self._job = job
        self._staging = staging
        self._staged = staging.staged
        self._replaced = replaced
        self._files = files
        self._counts = {counts.sheet.name: counts for counts in files}
        self._writes = writes
        self._tables = TableMerge(connection, writes=writes)
        given = self._staged.columns.get("people", ())
        self._people = PeopleMerge(connection, job.references, given, writes=writes)
        self._units = Units(connection, job, self._staged.spill, workers, self._people)
        self._log = ChangeLog(connection)
        self._journal = Journal(connection)
        self._stored: dict[str, int] = {}
        self._sites = self._by_account("sites")
        self._accounts = self._in_order()
        self._checked = self._is_split = False
        self.numbers = Changes()
        self.done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._units.__exit__()

    @property
    def kept(self) -> int:
        """Shares and grants that stay narrower than the files say."""
        return self._tables.kept

    @property
    def total(self) -> int:
        return len(self._accounts)

    async def check(self, tell: Tell, progress: ToldProgress) -> None:
        """Tells what is wrong in the rows, and writes nothing."""
        await self._read_accounts()
        await self._split_large()
        async with aclosing(self._each_unit()) as units:
            async for task, prepared in units:
                self._tell_faults(task, prepared, tell)
                self.done += task.last
                self._tell_progress("checking accounts", progress)
        self.done = 0
        self._checked = True

    async def run(self, tell: Tell, progress: ToldProgress) -> None:
        """Raises sqlite3.Error, ErasedMeanwhile; what was done by then stays."""
        await self._read_accounts()
        await self._tables.begin()
        if self._replaced is not None:
            await self._name_known()
        await self._split_large()
        try:
            async with aclosing(self._each_unit()) as units:
                await self._write(_Ready(units), tell, progress)
        finally:
            if self._connection.in_transaction:
                await self._connection.execute("ROLLBACK")

    # -- transactions --------------------------------------------------------------------------------------------------

    async def _write(self, ready: "_Ready", tell: Tell, progress: ToldProgress) -> None:
        # The small tables go with the first accounts: a small import is one transaction, whole or not at all.
        for number, accounts in enumerate(self._batches()):
            # The workers are waited for before the store is locked.
            await ready.wait(self._has_rows(accounts))
            await self._begin()
            if not number:
                await self._write_small()
            for account in accounts:
                await self._write_account(account, ready, tell)
            await self._commit()
            self.done += len(accounts)
            self._tell_progress("writing accounts", progress)

    def _batches(self) -> list[list[str]]:
        """Accounts in groups of some 10,000 rows; at least one, for the small tables."""
        sizes = self._staged.spill.rows()
        found: list[list[str]] = [[]]
        room = TRANSACTION
        for account in self._accounts:
            size = sizes.get(account, 0)
            if found[-1] and size > room:
                found.append([])
                room = TRANSACTION
            found[-1].append(account)
            room -= size
        return found

    async def _begin(self) -> None:
        if self._writes:
            await self._connection.execute("BEGIN IMMEDIATE")
            # The rows were sorted out while the store was open to others.
            if await kept_out.load(self._connection) != self._job.references.kept_out:
                raise ErasedMeanwhile

    async def _commit(self) -> None:
        if self._writes:
            await self._log.write()
            await self._journal.write()
            await self._connection.execute("COMMIT")

    async def _read_accounts(self) -> None:
        rows = await self._connection.execute_fetchall("SELECT id, no FROM directory_account")
        self._stored = {row[0]: row[1] for row in rows}

    def _in_order(self) -> list[str]:
        """Accounts of which the files tell, in the order of the store's tables: new rows then go behind old ones."""
        told = {*self._sites, *self._staged.spill.rows()}
        if self._replaced is not None:
            told.add(self._replaced)
        return [account for account in self._job.references.countries if account in told]

    def _by_account(self, kind: str) -> Mapping[str, Sequence[Sequence[Value]]]:
        """Staged rows of a small kind."""
        found: dict[str, list[Sequence[Value]]] = {}
        for row in self._staged.small.get(kind, {}).values():
            found.setdefault(str(row[STORED[kind].key.index("account")]), []).append(row)
        return found

    # -- small tables --------------------------------------------------------------------------------------------------

    async def _write_small(self) -> None:
        for kind in SMALL:
            if kind in self._counts:
                rows = list(self._staged.small.get(kind, {}).values())
                self._count(kind, await self._tables.whole(kind, rows, self._staged.columns[kind]))
                if self._replaced is not None and kind in REPLACED:
                    self._count(kind, await self._tables.remove_rest(kind, self._replaced))
        if self._writes:
            await self._read_accounts()

    async def _name_known(self) -> None:
        """What the files name of the account that they replace, as far as it is in memory."""
        for kind, rows in self._staged.small.items():
            at = STORED[kind].key.index(own_column(STORED[kind]))
            await self._tables.name(kind, [str(key[at]) for key in rows])
        await self._name_kept()

    async def _name_kept(self) -> None:
        for kind, keys in self._staged.kept.items():
            await self._tables.name(kind, keys)

    # -- one account ---------------------------------------------------------------------------------------------------

    async def _write_account(self, account: str, ready: "_Ready", tell: Tell) -> None:
        stored = self._account(account)
        moved = await self._write_sites(account)
        fresh: bool | None = None
        last = not self._has_rows([account])
        while not last:
            task, prepared = await ready.take()
            self._tell_faults(task, prepared, tell)
            self._journal.note(account, prepared)
            if fresh is None:  # as it is now, with the store locked
                fresh = task.fresh and await self._people.is_fresh(stored)
            self._note(stored, await self._write_unit(account, stored, prepared, fresh=fresh))
            last = task.last
        if stored is not None and moved and self._writes and not fresh:
            self._note(stored, await self._people.follow_plans(stored, moved))
        if stored is not None and account == self._replaced:
            await self._remove_rest(stored)

    async def _write_unit(self, account: str, stored: Account | None, prepared: Prepared, *, fresh: bool) -> Told:
        for kind, rows in prepared.tables.items():
            self._count(kind, await self._tables.of_account(kind, account, rows, self._staged.columns[kind]))
        if account == self._replaced:
            await self._name_unit(prepared)
        if fresh or stored is None:
            return await self._people.fill(stored, prepared)
        return await self._people.merge(stored, prepared)

    async def _write_sites(self, account: str) -> set[str]:
        """Returns the sites whose extension plan differs from before."""
        if "sites" not in self._counts:
            return set()
        before = await self._plans(account)
        rows = self._sites.get(account, ())
        self._count("sites", await self._tables.of_account("sites", account, rows, self._staged.columns["sites"]))
        if account == self._replaced:
            self._count("sites", await self._tables.remove_rest("sites", account))
        after = await self._plans(account)
        return {site for site in before.keys() | after.keys() if before.get(site) != after.get(site)}

    async def _plans(self, account: str) -> Mapping[str, str | None]:
        query = "SELECT name, extensions FROM directory_site WHERE account = ?"
        return {row[0]: row[1] for row in await self._connection.execute_fetchall(query, (account,))}

    async def _remove_rest(self, stored: Account) -> None:
        await self._name_kept()
        for kind in OF_ACCOUNT:
            if kind in self._counts and kind != "sites":
                self._count(kind, await self._tables.remove_rest(kind, stored[1]))
        if "people" in self._counts:
            self._note(stored, await self._people.remove_rest(stored))
        if "phones" in self._counts:
            self._note(stored, await self._people.remove_untold_numbers(stored))

    async def _name_unit(self, prepared: Prepared) -> None:
        await self._tables.name("people", prepared.owners[: len(prepared.people)])
        await self._tables.name("phones", [prepared.owners[at - 1] for at in prepared.told])
        for kind, rows in prepared.tables.items():
            at = STORED[kind].key.index(own_column(STORED[kind]))
            await self._tables.name(kind, [row[at] for row in rows])

    # -- what is counted and told --------------------------------------------------------------------------------------

    def _count(self, kind: str, changes: Changes) -> None:
        if changes != Changes():
            self._log.note_tables()
        self._add(kind, changes)

    def _note(self, stored: Account | None, told: Told) -> None:
        if stored is not None:
            self._log.note_people(stored[0], told.ids)
        self._add("people", told.people)
        self._add("phones", told.numbers.get(FROM_PHONES, Changes()))
        for changes in told.numbers.values():
            self.numbers += changes

    def _add(self, kind: str, changes: Changes) -> None:
        counts = self._counts.get(kind)
        if counts is not None:
            counts.new += changes.new
            counts.changed += changes.changed
            counts.removed += changes.removed

    def _tell_faults(self, task: Task, prepared: Prepared, tell: Tell) -> None:
        # They were told by `check`.
        if self._checked:
            return
        for table, line, reason, key in prepared.refused:
            counts = self._files[table]
            refused = Refused(counts.file, line, reason, key)
            self._staging.refuse(refused, counts)
        for table, line, person, text, reason, fax in prepared.unusable:
            tell(Unusable(self._files[table].file, line, task.account, person, Number(text), reason, fax))
        for table in prepared.erased:
            self._files[table].erased += 1
        for table, line, person, label in prepared.left_out:
            tell(LeftOut(self._files[table].file, line, task.account, person, label))

    def _tell_progress(self, step: str, progress: ToldProgress) -> None:
        progress(Progress(step, self.done, self.total, self._staging.rows))

    async def _split_large(self) -> None:
        if not self._is_split:
            self._is_split = True
            await self._units.split_large(self._accounts)

    # -- small questions -----------------------------------------------------------------------------------------------

    def _account(self, account: str) -> Account | None:
        number = self._stored.get(account)
        return None if number is None else (number, account)

    def _has_rows(self, accounts: Sequence[str]) -> bool:
        return any(self._staged.spill.size(account) for account in accounts)

    def _each_unit(self) -> AsyncGenerator[tuple[Task, Prepared], None]:
        accounts = [account for account in self._accounts if self._has_rows([account])]
        return self._units.each([(account, self._account(account)) for account in accounts])


class _Ready:
    """Prepared rows, in order, of which the next ones may be waited for before they are taken."""

    def __init__(self, units: AsyncGenerator[tuple[Task, Prepared], None]) -> None:
        self._units = units
        self._next: tuple[Task, Prepared] | None = None

    async def wait(self, comes: bool) -> None:
        if comes and self._next is None:
            self._next = await anext(self._units)

    async def take(self) -> tuple[Task, Prepared]:
        taken, self._next = self._next, None
        return await anext(self._units) if taken is None else taken
