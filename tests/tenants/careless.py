"""Directory, memory of desks and context over the plain state, in two ways of being read.

As itself it is careless: of what has a guard behind it (rows of numbers, claims, choices, contacts, context) it hands
out everything of everybody, so that only the product's own filter stands between an agent and other people's customers.
With `keep` it is a twin: all other accounts are not there at all.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ctibridge.domain.context import StandardRequest
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Private
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import search
from ctibridge.lookup.choices import Choice, ChoiceRow, Choices
from ctibridge.lookup.claims import KINDS, Claim, Claimants, ClaimRow
from ctibridge.lookup.contacts import ContactRow, Contacts
from ctibridge.lookup.context import Article, Part, Rows
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.snapshot import Changes, Snapshot
from ctibridge.lookup.visibility import Visible
from tests.tenants.state import State


class Directory:
    """A DirectoryStore. called: the account called, of which a twin keeps what whoever rings is shown."""

    def __init__(self, state: State, keep: frozenset[str] | None = None, called: str | None = None) -> None:
        self._state = state
        self._keep = keep
        self._called = called
        self.broken = False

    def _there(self, account: str) -> bool:
        return self._keep is None or account in self._keep

    def version(self) -> int:
        return self._state.version

    def tables_version(self) -> int:
        return self._state.tables

    async def snapshot(self) -> Snapshot:
        return self._state.snapshot(self._keep, self._called)

    async def holders(self, number: Understood, called_account: str | None, visible: Visible) -> Holders:
        if self.broken:
            raise sqlite3.OperationalError(f"no answer for {number.key}")
        wanted = {} if number.e164 is None else {number.e164: Grade.EXACT}
        wanted |= {spelling: Grade.REWRITTEN for spelling in number.rewritten if spelling != number.e164}
        if number.extension is not None:
            wanted[number.extension] = Grade.EXTENSION
        if number.tail is not None:
            everything = {held for phones in self._state.phones.values() for held, _ in phones}
            ending = (held for held in everything if held.startswith("+") and held.endswith(number.tail))
            wanted |= dict.fromkeys(ending, Grade.SUFFIX)
        return Holders(row for held, grade in wanted.items() for row in self._rows(held, grade))

    def _rows(self, number: str, grade: Grade) -> Iterable[NumberRow]:
        for key, label, imported in self._state.holders(number):
            if self._there(key.account):
                disabled = self._state.people[key].disabled
                yield NumberRow(key.account, key.id, label, disabled, imported, number, grade)

    async def claimants(self, claims: Iterable[Claim], visible: Visible) -> Claimants:
        return Claimants(row for claim in claims for row in self._claiming(claim))

    def _claiming(self, claim: Claim) -> Iterable[ClaimRow]:
        for key, person in self._state.people.items():
            if not self._there(key.account):
                continue
            if claim.kind in KINDS:
                value: Private | None = getattr(person, claim.kind)
                fits = value is not None and value.value.lower() == claim.value.value.lower()
            else:
                asked = self._state.context[key.account].requests.get(claim.value.value)
                fits = asked is not None and asked[0] == key.id
            if fits:
                yield ClaimRow(key.account, key.id, person.disabled, claim)

    async def people(self, keys: Iterable[PersonKey], visible: Visible) -> Mapping[PersonKey, Person]:
        there = [key for key in keys if key in self._state.people and self._there(key.account)]
        return {key: self._state.record(key) for key in there if key.account in visible.accounts}

    async def search(self, text: str, accounts: Sequence[str], visible: Visible, limit: int) -> tuple[Person, ...]:
        query, called = search.parse(text), next(iter(accounts), None)
        found = []
        for key, person in self._state.people.items():
            if not (query and key.account in accounts and key.account in visible.accounts and self._there(key.account)):
                continue
            ids = [getattr(person, kind).value for kind in KINDS]
            name = "" if person.name is None else person.name.value
            fit = search.fit(query, name, *ids)
            if fit is not None:
                found.append(((person.disabled, key.account != called, fit, name, key.account, key.id), key))
        return tuple(self._state.record(key) for _, key in sorted(found, key=lambda one: one[0])[:limit])

    async def changes(self, version: int) -> Changes | None:
        return None

    async def close(self) -> None: ...


class Memory:
    """What desks taught, in place of `Learned`."""

    def __init__(self, state: State, keep: frozenset[str] | None = None) -> None:
        self._state = state
        self._keep = keep

    def _there(self, account: str) -> bool:
        return self._keep is None or account in self._keep

    def _of(self, number: str) -> list[Choice]:
        there = (one for one in self._state.choices if one.number == number and self._there(one.account))
        return [one for one in there if PersonKey(one.account, one.person) in self._state.people]

    def has_choices(self, number: str, visible: Visible) -> bool:
        return any(one.account in visible.accounts for one in self._of(number))

    async def choices(self, number: str, visible: Visible) -> Choices:
        people = self._state.people
        return Choices(
            ChoiceRow(
                one.account, one.person, people[PersonKey(one.account, one.person)].disabled, one.by, one.at,
                one.called_account,
            )
            for one in self._of(number)
        )  # fmt: skip

    async def choose(self, choice: Choice) -> None:
        """Written by the driver, from which all directories learn it."""

    def contact(self, person: PersonKey, at: datetime) -> None: ...

    def contacts(self, people: Iterable[PersonKey]) -> Contacts:
        met = self._state.contacts
        return Contacts(
            ContactRow(key.account, key.id, met[key]) for key in people if key in met and self._there(key.account)
        )

    async def close(self) -> None: ...


class Behind:
    """A ContextSource."""

    def __init__(self, state: State, keep: frozenset[str] | None = None) -> None:
        self._state = state
        self._keep = keep

    def _there(self, account: str) -> bool:
        return self._keep is None or account in self._keep

    async def part(self, kind: Part, person: str | None, account: str, visible: Visible) -> Rows:
        if not self._there(account):
            return []
        known = self._state.context[account]
        covered = set() if person is None else known.covering(person)
        found: dict[Part, Rows] = {
            Part.SERVICES: [known.services[one] for one in covered],
            Part.CONFIGURATION_ITEMS: [item for whose, item in known.items.values() if whose == person],
            Part.REQUESTS: [one for whose, one in known.requests.values() if whose == person],
            Part.STANDARD_REQUESTS: [one for one in known.standard_requests if one.service in covered],
            Part.KNOWLEDGE_ARTICLES: [one for one in known.articles if one.service in covered],
            Part.MAJOR_INCIDENTS: known.incidents(person),
        }
        return found[kind]

    async def service_of(self, item: str, account: str, visible: Visible) -> str | None:
        found = self._state.context[account].items.get(item) if self._there(account) else None
        return None if found is None else found[1].service

    async def of_service(
        self, service: str, account: str, visible: Visible
    ) -> tuple[Sequence[StandardRequest], Sequence[Article]]:
        if not self._there(account):
            return [], []
        known = self._state.context[account]
        return (
            [one for one in known.standard_requests if one.service == service],
            [one for one in known.articles if one.service == service],
        )

    async def close(self) -> None: ...
