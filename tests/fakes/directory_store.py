"""A directory in memory: every answer is worked out from all there is, row by row, with no index and no short cut.

What the other directories answer is compared with it. Every answer can be held back or made to fail.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Private
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import search
from ctibridge.lookup.adapters import store
from ctibridge.lookup.claims import KINDS, REQUEST, Claim, Claimants, ClaimRow
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.snapshot import Changes, Snapshot
from ctibridge.lookup.visibility import Visible


class FakeDirectoryStore:
    """numbers: rows by the stored number (E.164 or short); requests: for whom they are, by (account, id).

    hold(step) keeps back the answers of the method of that name until release(step); broken: all fail.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        numbers: Mapping[str, Iterable[NumberRow]],
        people: Iterable[Person] = (),
        requests: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.current = snapshot
        self.numbers = {number: list(rows) for number, rows in numbers.items()}
        self.records = {person.key: person for person in people}
        self.requests = dict(requests or {})
        self.changed: list[tuple[int, PersonKey]] = []
        self.logged_from = 0
        self.broken = False
        self.closed = False
        self.asked: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}
        self._reached: dict[str, asyncio.Event] = {}

    def hold(self, step: str) -> asyncio.Event:
        """Returns what is set as soon as somebody waits there."""
        self._gates[step] = asyncio.Event()
        reached = self._reached[step] = asyncio.Event()
        return reached

    def release(self, step: str) -> None:
        self._gates.pop(step).set()

    def version(self) -> int:
        if self.broken:
            raise sqlite3.OperationalError("disk I/O error")
        return self.current.version

    def tables_version(self) -> int:
        self.version()
        return self.current.tables

    async def snapshot(self) -> Snapshot:
        await self._pass("snapshot")
        return self.current

    async def holders(self, number: Understood, called_account: str | None, visible: Visible) -> Holders:
        await self._pass("holders")
        called = visible.accounts & {called_account}
        rows: list[NumberRow] = []
        if number.e164 is not None:
            rows += self._with(number.e164, Grade.EXACT, visible.accounts)
        for spelling in dict.fromkeys(number.rewritten):
            if spelling != number.e164:
                rows += self._with(spelling, Grade.REWRITTEN, visible.accounts)
        if number.extension is not None:
            rows += self._with(number.extension, Grade.EXTENSION, called)
        if number.tail is not None and len(number.tail) >= store.SHORTEST_TAIL:
            rows += self._ending(number.tail, visible.accounts if called_account is None else called)
        return Holders(rows)

    def _with(self, number: str, grade: Grade, accounts: frozenset[str]) -> list[NumberRow]:
        found: list[NumberRow] = []
        for account in accounts:
            rows = [row for row in self.numbers.get(number, []) if row.account == account]
            people = list(dict.fromkeys(row.person for row in rows))[: store.MOST_HOLDERS]
            found += [replace(row, matched=number, grade=grade) for row in rows if row.person in people]
        return found

    def _ending(self, tail: str, accounts: frozenset[str]) -> list[NumberRow]:
        found: list[NumberRow] = []
        for account in accounts:
            rows = [
                replace(row, matched=number, grade=Grade.SUFFIX)
                for number in sorted(self.numbers, key=lambda number: (len(number), number))
                if number.startswith("+") and number.endswith(tail)
                for row in self.numbers[number]
                if row.account == account
            ]
            found += rows[: store.MOST_HOLDERS]
        return found

    async def claimants(self, claims: Iterable[Claim], visible: Visible) -> Claimants:
        await self._pass("claimants")
        found: list[ClaimRow] = []
        for claim in claims:
            for account in visible.accounts:
                people = [person for person in self._of(account) if self._has(person, claim)]
                if len(people) <= store.MOST_CLAIMANTS:
                    found += [ClaimRow(account, person.key.id, person.disabled, claim) for person in people]
        return Claimants(found)

    def _of(self, account: str) -> list[Person]:
        return [person for person in self.records.values() if person.key.account == account]

    def _has(self, person: Person, claim: Claim) -> bool:
        if claim.kind == REQUEST:
            return self.requests.get((person.key.account, claim.value.value)) == person.key.id
        value: Private | None = getattr(person, claim.kind)
        return value is not None and _plain(value.value) == _plain(claim.value.value)

    async def people(self, keys: Iterable[PersonKey], visible: Visible) -> Mapping[PersonKey, Person]:
        wanted = list(keys)
        await self._pass("people")
        return {key: self.records[key] for key in wanted if key in self.records and key.account in visible.accounts}

    async def search(self, text: str, accounts: Sequence[str], visible: Visible, limit: int) -> tuple[Person, ...]:
        await self._pass("search")
        query = search.parse(text)
        called = next((account for account in accounts[:1] if account in visible.accounts), None)
        found: list[tuple[tuple[bool, bool, int, str, str, str], Person]] = []
        for person in self.records.values():
            key = person.key
            if not query or key.account not in accounts or key.account not in visible.accounts:
                continue
            name = "" if person.name is None else person.name.value
            fit = search.fit(query, name, *(_value(getattr(person, kind)) for kind in KINDS))
            if fit is not None:
                order = (person.disabled, key.account != called, fit, name, key.account, key.id)
                found.append((order, person))
        return tuple(person for _, person in sorted(found, key=lambda one: one[0]))[:limit]

    async def changes(self, version: int) -> Changes | None:
        await self._pass("changes")
        if not self.logged_from <= version <= self.current.version:
            return None
        people = [key for changed, key in self.changed if changed > version]
        return None if len(people) > store.MOST_CHANGES else Changes(self.current.version, frozenset(people))

    async def close(self) -> None:
        self.closed = True

    async def _pass(self, step: str) -> None:
        self.asked.append(step)
        if (gate := self._gates.get(step)) is not None:
            self._reached[step].set()
            await gate.wait()
        if self.broken:
            raise sqlite3.OperationalError("disk I/O error")


def _value(private: Private | None) -> str | None:
    return None if private is None else private.value


def _plain(text: str) -> str:
    """Upper and lower case are alike for A to Z, and for nothing else."""
    return "".join(letter.lower() if "A" <= letter <= "Z" else letter for letter in text)
