"""People of one account, with their numbers and the words of their names, into the store.

Where the store has nobody of the account yet, the prepared rows go in as they are, in the order of the store's indexes;
else they are compared, and only what differs is written.
"""

# ruff: noqa: S608 - statements of our own table and column names, and of integers of ours

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiosqlite
import msgspec

from ctibridge.lookup import folding
from ctibridge.lookup.adapters.importing.differences import Changes, Difference, difference
from ctibridge.lookup.adapters.importing.labels import Labels
from ctibridge.lookup.adapters.importing.numbers_merge import SLICE, Merged, NumbersMerge
from ctibridge.lookup.adapters.importing.preparing import PERSON, Phone, Prepared
from ctibridge.lookup.adapters.importing.references import References
from ctibridge.lookup.adapters.tables import FROM_PEOPLE, FROM_PHONES, FROM_PLAN

Account = tuple[int, str]
"""Its number in the store, and its id."""

_COLUMNS = ", ".join(PERSON)
_MARKS = ", ".join("?" * len(PERSON))
_NAME, _SITE = PERSON.index("name"), PERSON.index("site")


@dataclass(slots=True)
class Told:
    """What became of some people. numbers: of told ones, by origin. ids: who differs in anything from before."""

    people: Changes = field(default_factory=Changes)
    numbers: dict[int, Changes] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set, repr=False)

    def add(self, other: "Told") -> None:
        self.people += other.people
        for origin, changes in other.numbers.items():
            self.numbers[origin] = self.numbers.get(origin, Changes()) + changes
        self.ids |= other.ids


class PeopleMerge:
    """Of one import. given: the columns that the files tell of people. writes: False for a dry run."""

    def __init__(
        self, connection: aiosqlite.Connection, references: References, given: Collection[str], *, writes: bool
    ) -> None:
        self._connection = connection
        self._writes = writes
        self._told = [at for at, column in enumerate(PERSON) if at and column in given]
        self._tells_phones = "phones" in given
        self.labels = Labels(connection, references.labels, writes=writes)
        self._numbers = NumbersMerge(connection, references, writes=writes)

    async def is_fresh(self, account: Account | None) -> bool:
        """Has the store nobody of it?"""
        if account is None:
            return True
        query = "SELECT EXISTS (SELECT 1 FROM directory_person WHERE account = ?)"
        ((there,),) = await self._connection.execute_fetchall(query, account[:1])
        return not there

    async def fill(self, account: Account | None, prepared: Prepared) -> Told:
        """People of an account of which the store has had nobody. account: None in a dry run, where it is new too."""
        phones = await self.labels.settle(prepared.phones, prepared.labels)
        if self._writes and account is not None:
            base = await self._last_person()
            # SQLite numbers rows from the last one on.
            into = f"directory_person (account, {_COLUMNS}) VALUES ({account[0]}, {_MARKS})"
            await self._many(into, prepared.people)
            await self._many(f"directory_phone VALUES ({account[0]}, ?, {base} + ?, ?, ?, ?, ?)", phones)
            terms = ((term, index) for term, people in prepared.terms for index in people)
            await self._many(f"directory_term VALUES ({account[0]}, ?, {base} + ?)", terms)
        return Told(Changes(len(prepared.people)), _new(phones), set(prepared.owners[: len(prepared.people)]))

    async def merge(self, account: Account, prepared: Prepared) -> Told:
        """People of an account of which the store has some."""
        phones = await self.labels.settle(prepared.phones, prepared.labels)
        stored = await self._stored(account[0], prepared.owners)
        before = {(row[1],): row[1:] for row in stored}
        found = difference(before, prepared.people, 1, self._told)
        numbers = {row[1]: row[0] for row in stored}
        first = await self._last_person() + 1
        numbers |= {row[0]: no for no, row in enumerate(found.new, start=first)}
        await self._write(account[0], found, before, numbers)
        sites = {row[0]: row[_SITE + 1] for row in stored}
        sites |= {numbers[row[0]]: row[_SITE] for row in (*found.new, *found.changed)}
        merged = await self._merge_numbers(account, prepared, phones, numbers, sites)
        ids = {no: person for person, no in numbers.items()}
        changed = {row[0] for row in (*found.new, *found.changed)} | {ids[no] for no in merged.people}
        return Told(found.changes, merged.changes, changed)

    async def follow_plans(self, account: Account, sites: Collection[str]) -> Told:
        """The extension plans of these sites are others now."""
        return await self._of_numbers(await self._numbers.follow_plans(account, sites))

    async def remove_untold_numbers(self, account: Account) -> Told:
        """What only the file phones once told, and tells no more."""
        return await self._of_numbers(await self._numbers.remove_untold(account))

    async def remove_rest(self, account: Account) -> Told:
        """People of the account whom the files do not name, with all that was told of them."""
        told = Told()
        last = ""
        while rows := await self._unnamed(account[0], last):
            last = rows[-1][1]
            told.add(await self._remove(account[0], rows))
        return told

    # -- statements ----------------------------------------------------------------------------------------------------

    async def _stored(self, account: int, people: Sequence[str]) -> list[Sequence[Any]]:
        query = (
            f"SELECT no, {_COLUMNS} FROM directory_person WHERE account = ? AND id IN (SELECT value FROM json_each(?))"
        )
        return [tuple(row) for row in await self._connection.execute_fetchall(query, (account, _json(people)))]

    async def _last_person(self) -> int:
        ((last,),) = await self._connection.execute_fetchall("SELECT coalesce(max(no), 0) FROM directory_person")
        return int(last)

    async def _many(self, into: str, rows: Iterable[Sequence[Any]]) -> None:
        await self._connection.executemany(f"INSERT INTO {into}", rows)

    async def _write(
        self,
        account: int,
        found: Difference,
        before: Mapping[tuple[Any, ...], Sequence[Any]],
        numbers: Mapping[str, int],
    ) -> None:
        if not self._writes:
            return
        new = [(numbers[row[0]], *row) for row in found.new]
        await self._many(f"directory_person (no, account, {_COLUMNS}) VALUES (?, {account}, {_MARKS})", new)
        sets = ", ".join(f"{column} = ?" for column in PERSON)
        changed = [(*row, numbers[row[0]]) for row in found.changed]
        await self._connection.executemany(f"UPDATE directory_person SET {sets} WHERE no = ?", changed)
        renamed = [row for row in found.changed if row[_NAME] != before[row[0],][_NAME]]
        old = [(term, numbers[row[0]]) for row in renamed for term in folding.terms(before[row[0],][_NAME])]
        await self._delete_terms(account, old)
        terms = [(term, numbers[row[0]]) for row in (*found.new, *renamed) for term in folding.terms(row[_NAME])]
        await self._many(f"directory_term VALUES ({account}, ?, ?)", terms)

    async def _merge_numbers(
        self,
        account: Account,
        prepared: Prepared,
        phones: Sequence[Phone],
        numbers: Mapping[str, int],
        sites: Mapping[int, str | None],
    ) -> Merged:
        # Whom another process has removed since he was looked up has no number here.
        no = [numbers.get(person) for person in prepared.owners]
        told = {(no[at - 1], FROM_PHONES) for at in prepared.told}
        if self._tells_phones:
            told |= {(one, FROM_PEOPLE) for one in no[: len(prepared.people)]}
        staged = {
            (person, number, label, origin): (imported, changed_at)
            for number, index, label, origin, imported, changed_at in phones
            if origin != FROM_PLAN and (person := no[index - 1]) is not None
        }
        known = {(person, origin) for person, origin in told if person is not None}
        return await self._numbers.merge(account, known, staged, sites)

    async def _unnamed(self, account: int, last: str) -> list[tuple[int, str, str]]:
        rows = await self._connection.execute_fetchall(
            "SELECT no, id, name FROM directory_person WHERE account = ? AND id > ? "
            "AND id NOT IN (SELECT key FROM named WHERE kind = 'people') ORDER BY id LIMIT ?",
            (account, last, SLICE),
        )
        return [(no, person, name) for no, person, name in rows]

    async def _remove(self, account: int, rows: Sequence[tuple[int, str, str]]) -> Told:
        people = _json([no for no, _, _ in rows])
        origins = await self._connection.execute_fetchall(
            "SELECT origin, count(*) FROM directory_phone "
            "WHERE person IN (SELECT value FROM json_each(?)) GROUP BY origin",
            (people,),
        )
        if self._writes:
            await self._delete_terms(account, [(term, no) for no, _, name in rows for term in folding.terms(name)])
            for table, column in (("directory_phone", "person"), ("directory_person", "no")):
                query = f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"
                await self._connection.execute(query, (people,))
        numbers = {origin: Changes(removed=count) for origin, count in origins if origin != FROM_PLAN}
        return Told(Changes(removed=len(rows)), numbers, {person for _, person, _ in rows})

    async def _delete_terms(self, account: int, rows: Iterable[tuple[str, int]]) -> None:
        query = f"DELETE FROM directory_term WHERE account = {account} AND term = ? AND person = ?"
        await self._connection.executemany(query, rows)

    async def _of_numbers(self, merged: Merged) -> Told:
        query = "SELECT id FROM directory_person WHERE no IN (SELECT value FROM json_each(?))"
        rows = await self._connection.execute_fetchall(query, (_json(list(merged.people)),))
        return Told(Changes(), merged.changes, {row[0] for row in rows})


def _new(phones: Sequence[Phone]) -> dict[int, Changes]:
    counts = dict.fromkeys((FROM_PEOPLE, FROM_PHONES, FROM_PLAN), 0)
    for phone in phones:
        counts[phone[3]] += 1
    return {origin: Changes(counts[origin]) for origin in (FROM_PEOPLE, FROM_PHONES)}


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()
