"""What desks taught us: whom agents chose for a number, and when a person was spoken to last.

Contacts are in memory, as every pop asks for them, and are written in batches; they only order equals, so a few seconds
of them may be lost. A choice is an agent's word: it is written before he is told that it holds, and read from the
store, joined with the person as he is now. Which numbers have choices is in memory, since nearly all have none.

A store may go without people: then they are asked elsewhere (`people`).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import aiosqlite
import msgspec
import structlog

from ctibridge.domain.erasure import Leaving
from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.schema import BUSY_MS, open_file, open_reader
from ctibridge.lookup.adapters.transaction import transaction
from ctibridge.lookup.choices import Choice, ChoiceRow, Choices
from ctibridge.lookup.contacts import ContactRow, Contacts
from ctibridge.lookup.visibility import Visible

log = structlog.get_logger()
CONTACT_DAYS = 90
MOST_CONTACTS = 100_000
"""In memory, some 200 bytes each; the oldest go first."""
CACHE_KIB = 1_024
AGE_EVERY = 3_600.0
"""Seconds between two looks for what is too old."""
WRITE_EVERY = 5.0
"""Seconds between two batches of contacts."""

_TOO_OLD = {
    table: f"DELETE FROM {table} WHERE at < ?1 - 86400 * "  # noqa: S608 -- our own names
    f"min(?2, coalesce((SELECT value FROM json_each(?3) WHERE key = {table}.account), ?4))"
    for table in ("directory_choice", "directory_contact")
}
_CHOICES = (
    "SELECT c.account, c.person, coalesce(p.disabled, 0), c.by, c.at, c.called_account FROM directory_choice c "
    "JOIN directory_account a ON a.id = c.account JOIN directory_person p ON p.account = a.no AND p.id = c.person "
    "WHERE c.number = ? AND c.account IN (SELECT value FROM json_each(?))"
)
_CHOICES_ALONE = (
    "SELECT account, person, 0, by, at, called_account FROM directory_choice "
    "WHERE number = ? AND account IN (SELECT value FROM json_each(?))"
)
# Only of people who are there: who was purged meanwhile must not come back by this.
_CONTACT = (
    "INSERT OR REPLACE INTO directory_contact SELECT a.id, p.id, ?3 FROM directory_account a "
    "JOIN directory_person p ON p.account = a.no WHERE a.id = ?1 AND p.id = ?2"
)
# The nodes whose stores have people take out who is not there.
_CONTACT_ALONE = "INSERT OR REPLACE INTO directory_contact VALUES (?1, ?2, ?3)"
People = Callable[[Iterable[PersonKey], Visible], Awaitable[Mapping[PersonKey, Person]]]


class Learned:
    """One for the process; every method is called on the loop. `run` writes. choice_days: for so long it is remembered
    whom an agent chose; may change meanwhile."""

    def __init__(self, connection: aiosqlite.Connection, reader: aiosqlite.Connection, choice_days: int) -> None:
        self._connection = connection
        # A write may wait for another process's; who asks must not wait behind it.
        self._reader = reader
        self.choice_days = choice_days
        self.people: People | None = None
        """Who knows them, where this store does not."""
        self._days: Mapping[str, int] = {}
        self._usual_days = CONTACT_DAYS
        self._age_at = 0.0
        self._log_holds = False
        self._chosen: dict[int, set[str]] = {}
        self._contacts: dict[PersonKey, datetime] = {}
        self._unwritten: dict[PersonKey, datetime] = {}
        # Desks choose at the same time, and a batch may be due: they share the connection, and so its transaction.
        self._writing = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, choice_days: int, now: datetime) -> Self:
        """Raises StoreFault, sqlite3.Error. now: aware UTC."""
        async with AsyncExitStack() as opened:
            connection = await open_file(path)
            opened.push_async_callback(connection.close)
            reader = await open_reader(path, cache_kib=CACHE_KIB)
            opened.push_async_callback(reader.close)
            learned = cls(connection, reader, choice_days)
            await learned._read(now)
            opened.pop_all()
        return learned

    async def close(self) -> None:
        try:
            await self._write()
        except sqlite3.Error as error:
            _failed(error)
        async with self._writing, AsyncExitStack() as closing:
            for connection in (self._connection, self._reader):
                closing.push_async_callback(connection.close)

    async def run(self) -> None:
        """Writes what came, for ever."""
        while True:
            await asyncio.sleep(WRITE_EVERY)
            try:
                await self._write()
                if asyncio.get_running_loop().time() >= self._age_at:
                    await self.age(datetime.now(UTC))
                await self._empty_log()
            except sqlite3.Error as error:
                _failed(error)

    def keep_for(self, usual: int, days: Mapping[str, int]) -> None:
        """For so many days calls are kept, of all accounts and of those that have their own; what is learned of them is
        not kept for longer, from the next batch on."""
        self._usual_days, self._days, self._age_at = usual, days, 0.0

    async def age(self, now: datetime) -> None:
        """What is too old leaves. now: aware UTC. Raises sqlite3.Error."""
        await asyncio.shield(self._age(now))

    async def _age(self, now: datetime) -> None:
        days = msgspec.json.encode(self._days).decode()
        async with self._transaction():
            for table, most in (("directory_choice", self.choice_days), ("directory_contact", CONTACT_DAYS)):
                values = (int(now.timestamp()), most, days, self._usual_days)
                await self._forget(_TOO_OLD[table], *values)
            self._chosen = await self._all_chosen()
        for kept in (self._contacts, self._unwritten):
            for person, at in list(kept.items()):
                if now - at > timedelta(days=min(self._days.get(person.account, self._usual_days), CONTACT_DAYS)):
                    del kept[person]
        self._age_at = asyncio.get_running_loop().time() + AGE_EVERY
        await self._empty_log()

    async def _empty_log(self) -> None:
        """What left stands in the file until the log of writes is copied into it. Nobody is waited for: where somebody
        reads or writes just now, the next batch tries again."""
        if self._log_holds:
            async with self._writing:
                await self._connection.execute("PRAGMA busy_timeout = 0")
                ((busy, *_),) = await self._connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                await self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            self._log_holds = bool(busy)

    def has_choices(self, number: str, visible: Visible) -> bool:
        """May somebody of these accounts have been chosen for this number (E.164 or short)?"""
        if not self._chosen:
            return False
        return not visible.accounts.isdisjoint(self._chosen.get(number_key.pack(number), ()))

    async def choices(self, number: str, visible: Visible) -> Choices:
        """Those of people whom these accounts have now. Raises sqlite3.Error, and what `people` raises."""
        given = number_key.pack(number), msgspec.json.encode(sorted(visible.accounts)).decode()
        if (people := self.people) is None:
            return Choices(map(_choice, await self._reader.execute_fetchall(_CHOICES, given)))
        rows = list(map(_choice, await self._reader.execute_fetchall(_CHOICES_ALONE, given)))
        known = await people({PersonKey(row.account, row.person) for row in rows}, visible)
        there = ((row, known.get(PersonKey(row.account, row.person))) for row in rows)
        return Choices(replace(row, disabled=person.disabled) for row, person in there if person is not None)

    async def choose(self, choice: Choice) -> None:
        """Durable when it returns; which earlier ones of the call it replaces: `choices.Choice`. Raises
        sqlite3.Error."""
        if self.choice_days:
            # Whoever asked may be gone before it is done; a transaction left open would lock out every writer.
            await asyncio.shield(self._choose(choice))

    async def _choose(self, choice: Choice) -> None:
        number, oldest = number_key.pack(choice.number), choice.at - timedelta(days=self.choice_days)
        async with self._transaction():
            if choice.call is not None:
                await self._connection.execute(
                    "DELETE FROM directory_choice WHERE number = ? AND call = ? AND (account = ? OR by = ?)",
                    (number, choice.call, choice.account, choice.by),
                )
            await self._connection.execute(
                "INSERT INTO directory_choice (number, account, person, called_account, by, at, call) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    choice.account,
                    choice.person,
                    choice.called_account or "",
                    choice.by,
                    int(choice.at.timestamp()),
                    choice.call,
                ),
            )
            await self._forget("DELETE FROM directory_choice WHERE at < ?", int(oldest.timestamp()))
        self._chosen.setdefault(number, set()).add(choice.account)

    def contact(self, person: PersonKey, at: datetime) -> None:
        """The desk speaks with him now."""
        self._contacts.pop(person, None)
        self._contacts[person] = self._unwritten[person] = at
        for kept in (self._contacts, self._unwritten):
            while len(kept) > MOST_CONTACTS:
                del kept[next(iter(kept))]

    def forget(self, accounts: frozenset[str]) -> None:
        """Their people left the store for good, and with them what stood there of this."""
        for kept in (self._contacts, self._unwritten):
            for person in [person for person in kept if person.account in accounts]:
                del kept[person]
        self._chosen = {number: left for number, chosen in self._chosen.items() if (left := chosen - accounts)}

    async def erase(self, leaving: Leaving) -> None:
        """These people and numbers have left the store: what was learned of them stays in memory no longer. Raises
        sqlite3.Error."""
        for kept in (self._contacts, self._unwritten):
            for person in leaving.people & kept.keys():
                del kept[person]
        self._chosen = await self._all_chosen()

    def contacts(self, people: Iterable[PersonKey]) -> Contacts:
        met = ((person, self._contacts.get(person)) for person in people)
        return Contacts(ContactRow(person.account, person.id, at) for person, at in met if at is not None)

    async def _read(self, now: datetime) -> None:
        self._chosen = await self._all_chosen()
        oldest = int((now - timedelta(days=CONTACT_DAYS)).timestamp())
        met = await self._connection.execute_fetchall(
            "SELECT account, person, at FROM (SELECT account, person, at FROM directory_contact WHERE at >= ? "
            "ORDER BY at DESC LIMIT ?) ORDER BY at",
            (oldest, MOST_CONTACTS),
        )
        self._contacts = {PersonKey(row[0], row[1]): _time(row[2]) for row in met}

    async def _all_chosen(self) -> dict[int, set[str]]:
        chosen: dict[int, set[str]] = {}
        for number, account in await self._connection.execute_fetchall(
            "SELECT DISTINCT number, account FROM directory_choice"
        ):
            chosen.setdefault(number, set()).add(account)
        return chosen

    async def _write(self) -> None:
        await asyncio.shield(self._write_batch())

    async def _write_batch(self) -> None:
        if not self._unwritten:
            return
        batch, self._unwritten = self._unwritten, {}
        rows = [(person.account, person.id, int(at.timestamp())) for person, at in batch.items()]
        try:
            async with self._transaction():
                await self._connection.executemany(_CONTACT if self.people is None else _CONTACT_ALONE, rows)
                oldest = max(row[2] for row in rows) - CONTACT_DAYS * 86_400
                await self._forget("DELETE FROM directory_contact WHERE at < ?", oldest)
        except BaseException:
            self._unwritten = {**batch, **self._unwritten}
            raise

    async def _forget(self, statement: str, *values: object) -> None:
        """In the caller's transaction; the next batch empties the log of writes."""
        left = await self._connection.execute(statement, values)
        self._log_holds |= left.rowcount > 0

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """One at a time."""
        async with self._writing, transaction(self._connection):
            yield


def _choice(row: Sequence[Any]) -> ChoiceRow:
    return ChoiceRow(row[0], row[1], bool(row[2]), row[3], _time(row[4]), row[5] or None)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _failed(error: BaseException) -> None:
    log.error("learned.store_failed", error=type(error).__name__, code=getattr(error, "sqlite_errorname", None))
