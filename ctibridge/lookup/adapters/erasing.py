"""One person, or one number, leaves the directory for good, on somebody's order (GDPR 17).

Comes in: who, and who orders it. Goes out: what went, by kind. The directory's part is one transaction with the order
and its line in the audit; what desks were told is carried out by who runs them (the daemon, else the command), who
reads in the order by what it is found, and empties the order when all is gone. A mark stays, a keyed hash: by it an
import knows whom it has to leave out.

A room of its own in the store, made with the first order: an older ctibridge does not know it and does no harm to it.
"""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import aiosqlite
import msgspec

from ctibridge.domain.erasure import Extension, Leaving
from ctibridge.domain.person import PersonKey
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters import kept_out
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.importing.importer import BUSY_MS
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.purge import LOG_MS, empty_log, raise_version, remove_people
from ctibridge.lookup.adapters.schema import StoreFault, open_file, words
from ctibridge.lookup.adapters.transaction import transaction
from ctibridge.lookup.number_forms import written

ROOM = "erasing"
VERSION = 1
# what: the order, until it is done.
TABLES = (
    """CREATE TABLE IF NOT EXISTS directory_erasure (
    no INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, what BLOB, done TEXT
)""",
    *kept_out.TABLES,
    f"INSERT OR IGNORE INTO schema_version VALUES ('{ROOM}', {VERSION})",  # noqa: S608 - our own words
)
_NOW = "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')"
_PERSON = """
SELECT p.no, p.name, p.email, a.no FROM directory_person p JOIN directory_account a ON a.no = p.account
WHERE a.id = ? AND p.id = ?
"""
# What stands of a person by his id, wherever his record is. His own copy of a service's list goes by the trigger.
_BY_ID = (
    ("requests", "DELETE FROM directory_request WHERE account = ? AND requested_for = ?"),
    ("items", "DELETE FROM directory_configuration_item WHERE account = ? AND person = ?"),
    (
        "services",
        """UPDATE directory_service SET people = (
    SELECT nullif(json_group_array(value), '[]') FROM json_each(people) WHERE value <> ?2
) WHERE account = ?1 AND people <> '*' AND id IN (
    SELECT service FROM directory_coverage WHERE account = ?1 AND person = ?2
)""",
    ),
    ("choices", "DELETE FROM directory_choice WHERE account = ? AND person = ?"),
    ("contacts", "DELETE FROM directory_contact WHERE account = ? AND person = ?"),
)
_COVERED = "DELETE FROM directory_coverage WHERE account = ? AND person = ?"
_LED = (
    "UPDATE directory_person SET manager = NULL WHERE manager = ?2 "
    "AND account = (SELECT no FROM directory_account WHERE id = ?1)"
)
_HELD = "SELECT DISTINCT number FROM directory_phone WHERE person = ?"
_HELD_BY_OTHERS = "SELECT 1 FROM directory_phone WHERE number = ?1 AND person <> ?2 AND account = ?3 LIMIT 1"
_CHOICES_OF_NUMBER = "DELETE FROM directory_choice WHERE number = ?1 AND (?2 IS NULL OR account = ?2)"
_ACCOUNTS_WITH = "SELECT no, id FROM directory_account WHERE ?1 IS NULL OR id = ?1"
_AUDIT = "INSERT INTO directory_audit (at, actor, act, account, agent, detail) VALUES (?, ?, ?, ?, NULL, ?)"


class Unknown(ValueError):
    """Nobody like that is in the store."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who, or what number, is to leave. name: for whoever is asked; None: nothing of his is in the directory (any
    more). account: None: a number, wherever it stands."""

    leaving: Leaving
    account: str | None
    name: str | None = field(default=None, repr=False)

    @property
    def person(self) -> PersonKey | None:
        return next(iter(self.leaving.people), None)


@dataclass(frozen=True, slots=True)
class Order:
    """One that is not carried out everywhere yet."""

    no: int
    leaving: Leaving = field(repr=False)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Leaving)


class Erasing:
    """An async context manager over its own connection. prefixes: what the PBXs put before external numbers."""

    def __init__(self, path: Path, connection: aiosqlite.Connection, prefixes: Iterable[str]) -> None:
        self._path = path
        self._connection = connection
        self._prefixes = tuple(prefixes)

    @classmethod
    async def open(cls, path: Path, prefixes: Iterable[str] = ()) -> Self:
        """Raises StoreFault."""
        return cls(path, await open_file(path, busy_ms=BUSY_MS), prefixes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def person(self, account: str, person: str) -> Subject:
        """As he is known now; also one whose record has left already: desks may have been told of him. Raises Unknown
        for an account that is not there, StoreFault."""
        async with self._faults():
            await self._check_account(account)
            key = PersonKey(account, person)
            found = await self._rows(_PERSON, account, person)
            if not found:
                return Subject(Leaving(frozenset({key})), account)
            no, name, email, account_no = found[0]
            keys = [row[0] for row in await self._rows(_HELD, no)]
            own = [key for key in keys if not await self._is_others(key, no, account_no)]
            leaving = replace(self._of_numbers(own, account), people=frozenset({key}))
            return Subject(replace(leaving, names=frozenset(filter(None, (name, email)))), account, name)

    async def number(self, number: str, account: str | None) -> Subject:
        """number: E.164, or short. Raises Unknown for an account that is not there, and for a service number, which is
        nobody's; StoreFault."""
        async with self._faults():
            if account is not None:
                await self._check_account(account)
            service = await self._rows("SELECT account FROM directory_service_number WHERE number = ?", number)
            if service:
                raise Unknown(f"that is a service number of {service[0][0]}: change service_numbers.csv and import it")
            return Subject(self._of_numbers([number_key.pack(number)], account), account)

    async def order(self, subject: Subject, actor: Actor, *, keep_out: bool) -> tuple[int, Counter[str]]:
        """The directory's part is done and the rest ordered when it returns: (number of the order, what went by kind).
        Raises StoreFault, and then nothing was changed."""
        async with self._faults():
            async with transaction(self._connection):
                for statement in TABLES:
                    await self._connection.execute(statement)
                gone = await self._erase(subject)
                no = await self._write_order(subject, actor)
                if keep_out:
                    at = actor.at.date().isoformat()
                    await kept_out.add(self._connection, subject.leaving.people, no, at)
                await raise_version(self._connection)
                # The log of changes names people, and whoever follows it reads all anew now.
                await self._connection.execute("DELETE FROM directory_changed_person")
            index_file.forget(self._path)
            await empty_log(self._connection, LOG_MS)
        return no, gone

    async def count(self, subject: Subject) -> Counter[str]:
        """What would go of the directory. Raises StoreFault."""
        async with self._faults():
            await self._connection.execute("BEGIN IMMEDIATE")
            try:
                return await self._erase(subject)
            finally:
                await self._connection.execute("ROLLBACK")

    async def pending(self) -> list[Order]:
        """Oldest first. Raises StoreFault."""
        async with self._faults():
            if not await self._rows("SELECT 1 FROM sqlite_master WHERE name = 'directory_erasure'"):
                return []
            rows = await self._rows("SELECT no, what FROM directory_erasure WHERE done IS NULL ORDER BY no")
            return [Order(no, Leaving() if what is None else _decoder.decode(what)) for no, what in rows]

    async def is_done(self, no: int) -> bool:
        """Raises StoreFault."""
        async with self._faults():
            return bool(await self._rows("SELECT 1 FROM directory_erasure WHERE no = ? AND done IS NOT NULL", no))

    async def done(self, no: int) -> None:
        """It is carried out everywhere: what stood in the order is overwritten, and the log of writes has none of it
        either. Raises StoreFault where somebody reads the store for so long that it has; then it is tried again."""
        async with self._faults():
            await self._connection.execute("UPDATE directory_erasure SET what = NULL WHERE no = ?", (no,))
            await self._empty_log()
            await self._connection.execute(f"UPDATE directory_erasure SET done = {_NOW} WHERE no = ?", (no,))  # noqa: S608

    async def lift(self, account: str, person: str, actor: Actor) -> bool:
        """The next import may take him again. False: nobody like that is kept out. Raises StoreFault."""
        async with self._faults(), transaction(self._connection):
            lifted = await kept_out.remove(self._connection, PersonKey(account, person))
            if lifted:
                line = actor.at.isoformat(), actor.name, "lift erasure", account, None
                await self._connection.execute(_AUDIT, line)
            return lifted

    async def note(self, act: str, account: str, actor: Actor) -> None:
        """A line in the audit, and no person in it. Raises StoreFault."""
        async with self._faults(), transaction(self._connection):
            await self._connection.execute(_AUDIT, (actor.at.isoformat(), actor.name, act, account, None))

    # ------------------------------------------------------------------------------------------------------------------

    def _of_numbers(self, keys: Iterable[int], account: str | None) -> Leaving:
        numbers, extensions = [], []
        for key in sorted(keys):
            text = number_key.unpack(key)
            if not number_key.is_extension(key):
                numbers.append(written(text, self._prefixes))
            elif account is not None:
                extensions.append(Extension(account, text))
        return Leaving(numbers=tuple(numbers), extensions=tuple(extensions))

    async def _is_others(self, key: int, person: int, account: int) -> bool:
        """Somebody else's, too: a short number of his company, any other one anywhere."""
        if number_key.is_extension(key):
            return bool(await self._rows(_HELD_BY_OTHERS, key, person, account))
        accounts = await self._rows("SELECT no FROM directory_account")
        for (no,) in accounts:
            if await self._rows(_HELD_BY_OTHERS, key, person, no):
                return True
        return False

    async def _erase(self, subject: Subject) -> Counter[str]:
        person = subject.person
        return await (self._erase_number(subject) if person is None else self._erase_person(person))

    async def _erase_person(self, person: PersonKey) -> Counter[str]:
        gone: Counter[str] = Counter()
        ids = person.account, person.id
        for kind, statement in _BY_ID:
            gone[kind] += (await self._connection.execute(statement, ids)).rowcount
        for statement in (_COVERED, _LED):
            await self._connection.execute(statement, ids)
        found = await self._rows(_PERSON, *ids)
        if found:
            ((numbers,),) = await self._rows("SELECT count(*) FROM directory_phone WHERE person = ?", found[0][0])
            gone["people"], gone["numbers"] = 1, numbers
            await remove_people(self._connection, [found[0][0]])
            # Words of his name that an older version had folded otherwise.
            words_of = "DELETE FROM directory_term WHERE account = ? AND person = ?"
            await self._connection.execute(words_of, (found[0][3], found[0][0]))
        return gone

    async def _erase_number(self, subject: Subject) -> Counter[str]:
        gone: Counter[str] = Counter()
        texts = [*(one.e164 for one in subject.leaving.numbers), *(one.digits for one in subject.leaving.extensions)]
        for key in map(number_key.pack, texts):
            for no, _ in await self._rows(_ACCOUNTS_WITH, subject.account):
                statement = "DELETE FROM directory_phone WHERE account = ? AND number = ?"
                gone["numbers"] += (await self._connection.execute(statement, (no, key))).rowcount
            chosen = await self._connection.execute(_CHOICES_OF_NUMBER, (key, subject.account))
            gone["choices"] += chosen.rowcount
        return gone

    async def _write_order(self, subject: Subject, actor: Actor) -> int:
        at = actor.at.isoformat()
        what = _encoder.encode(subject.leaving)
        cursor = await self._connection.execute(
            "INSERT INTO directory_erasure (at, actor, what) VALUES (?, ?, ?)", (at, actor.name, what)
        )
        no = int(cursor.lastrowid or 0)
        kind = "number" if subject.person is None else "person"
        await self._connection.execute(_AUDIT, (at, actor.name, "erase", subject.account, f"{kind}, erasure {no}"))
        return no

    async def _empty_log(self) -> None:
        await self._connection.execute(f"PRAGMA busy_timeout = {LOG_MS}")
        ((busy, _, _),) = await self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        await self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        if busy:
            raise StoreFault(f"{self._path}: another program reads it; it is erased when that has ended")

    async def _check_account(self, account: str) -> None:
        if not await self._rows("SELECT 1 FROM directory_account WHERE id = ?", account):
            raise Unknown(f"account {account!r} is not known")

    async def _rows(self, query: str, *values: Any) -> Sequence[Any]:
        return list(await self._connection.execute_fetchall(query, values))

    @asynccontextmanager
    async def _faults(self) -> AsyncIterator[None]:
        """Not SQLite's own words alone: the file and the mend."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreFault(f"{self._path}: {words(error)}") from None
