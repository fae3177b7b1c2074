"""Numbers of people into the store, told ones and those that follow from the extension plans of sites.

Comes in: what the files tell of some people of one account. Only what differs is written.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import aiosqlite
import msgspec

from ctibridge.lookup.adapters.importing.differences import Changes, Numbers, numbers
from ctibridge.lookup.adapters.importing.extension_plan import Known, Number
from ctibridge.lookup.adapters.importing.references import References
from ctibridge.lookup.adapters.tables import FROM_PEOPLE, FROM_PHONES, FROM_PLAN
from ctibridge.lookup.stored_numbers import FAX

Key = tuple[int, int, int, int]
"""Person, number, label, origin."""
Phones = dict[Key, Known]

# People at once, where a whole account is looked through.
SLICE = 5_000


@dataclass(slots=True)
class Merged:
    """changes: of told numbers, by origin. people: whose numbers differ, derived ones too."""

    changes: dict[int, Changes] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)

    def note(self, found: Numbers) -> None:
        self.people.update(key[0] for part in (found.new, found.changed, found.removed) for key in part)
        for origin in (FROM_PEOPLE, FROM_PHONES):
            counts = (sum(key[3] == origin for key in part) for part in (found.new, found.changed, found.removed))
            self.changes[origin] = self.changes.get(origin, Changes()) + Changes(*counts)


class NumbersMerge:
    """Of one import. writes: False for a dry run."""

    def __init__(self, connection: aiosqlite.Connection, references: References, *, writes: bool) -> None:
        self._connection = connection
        self._references = references
        self._writes = writes

    async def merge(
        self,
        account: tuple[int, str],
        told: Collection[tuple[int, int]],
        staged: Phones,
        sites: Mapping[int, str | None],
    ) -> Merged:
        """told: (person, origin) of whom the files tell all numbers of that origin; sites: of all people concerned."""
        merged = Merged()
        stored = await self._stored(sites)
        found = numbers({key: known for key, known in stored.items() if (key[0], key[3]) in told}, staged)
        await self._write(account[0], found)
        merged.note(found)
        for key in found.removed:
            del stored[key]
        await self._derive(account, sites, stored | staged, merged)
        return merged

    async def follow_plans(self, account: tuple[int, str], sites: Collection[str]) -> Merged:
        """The plans of these sites are others now: for everybody there, also those of whom the files tell nothing."""
        merged = Merged()
        last = ""
        while rows := await self._at_sites(account[0], sites, last):
            last = rows[-1][1]
            people = {no: site for no, _, site in rows}
            await self._derive(account, people, await self._stored(people), merged)
        return merged

    async def remove_untold(self, account: tuple[int, str]) -> Merged:
        """The file phones is the whole truth: people whom it does not name lose the numbers that it once told."""
        merged = Merged()
        rows = await self._connection.execute_fetchall(
            "SELECT DISTINCT p.no, p.site FROM directory_phone f JOIN directory_person p ON p.no = f.person "
            "WHERE f.account = ? AND f.origin = ? AND p.id NOT IN (SELECT key FROM named WHERE kind = 'phones')",
            (account[0], FROM_PHONES),
        )
        people: dict[int, str | None] = {row[0]: row[1] for row in rows}
        order = list(people)
        for start in range(0, len(order), SLICE):
            some = {no: people[no] for no in order[start : start + SLICE]}
            found = await self.merge(account, {(no, FROM_PHONES) for no in some}, {}, some)
            merged.people |= found.people
            for origin, changes in found.changes.items():
                merged.changes[origin] = merged.changes.get(origin, Changes()) + changes
        return merged

    async def withhold(
        self, account: tuple[int, str], people: Mapping[int, str | None], labels: Collection[int]
    ) -> Merged:
        """These people's numbers of these labels go, as if the files had never told them. people: with their sites."""
        stored = {key: known for key, known in (await self._stored(people)).items() if key[3] != FROM_PLAN}
        told = {(key[0], key[3]) for key in stored}
        return await self.merge(account, told, {key: stored[key] for key in stored if key[2] not in labels}, people)

    async def _at_sites(self, account: int, sites: Collection[str], last: str) -> list[tuple[int, str, str]]:
        rows = await self._connection.execute_fetchall(
            "SELECT no, id, site FROM directory_person WHERE account = ? AND id > ? "
            "AND site IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?",
            (account, last, _json(sites), SLICE),
        )
        return [(no, person, site) for no, person, site in rows]

    async def _stored(self, people: Iterable[int]) -> Phones:
        rows = await self._connection.execute_fetchall(
            "SELECT person, number, label, origin, imported, changed_at FROM directory_phone "
            "WHERE person IN (SELECT value FROM json_each(?))",
            (_json(list(people)),),
        )
        return {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}

    async def _derive(
        self, account: tuple[int, str], sites: Mapping[int, str | None], phones: Phones, merged: Merged
    ) -> None:
        """phones: all numbers that these people have by now; of the derived ones, those that they had."""
        before = {key: known for key, known in phones.items() if key[3] == FROM_PLAN}
        if not before and not any(site.plan for site in self._references.sites.get(account[1], {}).values()):
            return
        told: dict[int, dict[Number, Known]] = {}
        for (person, number, label, origin), known in phones.items():
            if origin != FROM_PLAN:
                told.setdefault(person, {})[number, label, origin] = known
        after: Phones = {}
        for person, of_person in told.items():
            plan = self._references.plan(account[1], sites[person])
            if plan is not None:
                derived = plan.derive(of_person, self._references.labels[FAX])
                after.update({(person, *key, FROM_PLAN): known for key, known in derived.items()})
        found = numbers(before, after)
        await self._write(account[0], found)
        merged.note(found)

    async def _write(self, account: int, found: Numbers) -> None:
        if not self._writes:
            return
        await self._connection.executemany(
            "DELETE FROM directory_phone WHERE account = ? AND person = ? AND number = ? AND label = ? AND origin = ?",
            [(account, *key) for key in found.removed],
        )
        await self._connection.executemany(
            "INSERT INTO directory_phone (account, person, number, label, origin, imported, changed_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, number, person, label, origin) "
            "DO UPDATE SET imported = excluded.imported, changed_at = excluded.changed_at",
            [(account, *key, *known) for key, known in (found.new | found.changed).items()],
        )


def _json(values: Collection[object]) -> str:
    return msgspec.json.encode(list(values)).decode()
