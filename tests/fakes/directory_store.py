"""A directory in memory, whose every answer can be held back or made to fail."""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Private
from ctibridge.lookup.claims import Claim, Claimants, ClaimRow
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.snapshot import Snapshot


class FakeDirectoryStore:
    """hold(step) keeps back the answers of `snapshot`, `holders`, `claimants` or `people` until release(step);
    broken: all fail."""

    def __init__(
        self, snapshot: Snapshot, numbers: Mapping[str, Iterable[NumberRow]], people: Iterable[Person] = ()
    ) -> None:
        self.current = snapshot
        self.numbers = {number: list(rows) for number, rows in numbers.items()}
        self.records = {person.key: person for person in people}
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

    async def snapshot(self) -> Snapshot:
        await self._pass("snapshot")
        return self.current

    async def holders(self, number: str) -> Holders:
        await self._pass("holders")
        return Holders(self.numbers.get(number, []))

    async def claimants(self, claims: Iterable[Claim], number: str | None, called_account: str | None) -> Claimants:
        await self._pass("claimants")
        accounts = {called_account, *(row.account for row in self.numbers.get(number or "", []))}
        return Claimants(
            ClaimRow(person.key.account, person.key.id, person.disabled, claim)
            for claim in claims
            for person in self.records.values()
            if person.key.account in accounts and _has(person, claim)
        )

    async def people(self, keys: Iterable[PersonKey]) -> Mapping[PersonKey, Person]:
        wanted = list(keys)
        await self._pass("people")
        return {key: self.records[key] for key in wanted if key in self.records}

    async def close(self) -> None:
        self.closed = True

    async def _pass(self, step: str) -> None:
        self.asked.append(step)
        if (gate := self._gates.get(step)) is not None:
            self._reached[step].set()
            await gate.wait()
        if self.broken:
            raise sqlite3.OperationalError("disk I/O error")


def _has(person: Person, claim: Claim) -> bool:
    value: Private | None = getattr(person, claim.kind)
    return value is not None and value.value.lower() == claim.value.value.lower()
