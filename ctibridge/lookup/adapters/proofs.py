"""What is read of a number before it is ranked: who holds it, whom the PBX names, whom agents chose, who was met last.

From memory where index, records and choices allow (`remembered`), else from the store (`read`). Everything is asked for
the accounts of a `Visible` and comes guarded.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup import tags
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.recent import Recent
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.answer import NO_PROOF, Proof
from ctibridge.lookup.choices import UNCHOSEN
from ctibridge.lookup.claims import UNNAMED
from ctibridge.lookup.contacts import NO_CONTACTS, Contacts
from ctibridge.lookup.heard import Heard
from ctibridge.lookup.holders import NOBODY, Holders, NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.stored_numbers import FAX
from ctibridge.lookup.visibility import Visible


class NumberIndex(Protocol):
    """Who holds a number, from memory."""

    def rows(
        self, number: Understood, called_account: str | None, visible: Visible, version: int
    ) -> tuple[NumberRow, ...] | None:
        """Who of these accounts holds this number at this version of the directory, as the store would say; None: ask
        the store."""

    async def close(self) -> None: ...


class Proofs:
    """recent: the records of people who rang lately. learned, index: None where there is none, or not yet."""

    def __init__(
        self, store: DirectoryStore, recent: Recent, learned: Learned | None, index: NumberIndex | None
    ) -> None:
        self._store = store
        self._recent = recent
        self.learned = learned
        self.index = index

    def keep(self, index: NumberIndex) -> None:
        """The store's file has all people from now on, and this index is of it."""
        self.index = index
        if self.learned is not None:
            self.learned.people = None

    def remembered(self, heard: Heard, visible: Visible, version: int) -> Proof | None:
        """None where the store has to be asked. Who is named by an id is looked up there: such calls are few."""
        picked = _picked(heard, visible)
        chosen = self._known(picked, version)
        if heard.claims or len(chosen) < len(picked) or self._has_choices(heard.number, visible):
            return None
        if not asks(heard.number):
            return replace(NO_PROOF, chosen=chosen)
        holders = self._indexed(heard, visible, version)
        return None if holders is None else Proof(holders, contacts=self._contacts(holders, visible), chosen=chosen)

    async def read(self, heard: Heard, visible: Visible, version: int) -> Proof:
        """Raises what the store raises."""
        holders = await self._holders(heard, visible, version) if asks(heard.number) else NOBODY
        claimants = await self._store.claimants(heard.claims, visible) if heard.claims else UNNAMED
        choices = UNCHOSEN
        if self.learned is not None and heard.number.key is not None and self._has_choices(heard.number, visible):
            choices = await self.learned.choices(heard.number.key, visible)
        chosen = await self._chosen(_picked(heard, visible), visible, version)
        return Proof(holders, claimants, choices, self._contacts(holders, visible), chosen)

    async def _holders(self, heard: Heard, visible: Visible, version: int) -> Holders:
        found = self._indexed(heard, visible, version)
        if found is not None:
            return found
        return await self._store.holders(heard.number, heard.called.account_id, visible)

    def _indexed(self, heard: Heard, visible: Visible, version: int) -> Holders | None:
        if self.index is None or heard.number.tail is not None:
            return None
        rows = self.index.rows(heard.number, heard.called.account_id, visible, version)
        return None if rows is None else Holders(rows)

    def _has_choices(self, number: Understood, visible: Visible) -> bool:
        return self.learned is not None and number.key is not None and self.learned.has_choices(number.key, visible)

    def _contacts(self, holders: Holders, visible: Visible) -> Contacts:
        rows = [row for row in holders.seen_by(visible) if row.label != FAX]
        if self.learned is None or len(rows) < 2:
            # They only order equals.
            return NO_CONTACTS
        return self.learned.contacts({PersonKey(row.account, row.person) for row in rows})

    def _known(self, picked: frozenset[PersonKey], version: int) -> dict[PersonKey, Person]:
        # Without a name he is somebody whose record had gone when it was read.
        known = self._recent.get(picked, version) if picked else {}
        return {key: person for key, person in known.items() if person.name is not None}

    async def _chosen(self, picked: frozenset[PersonKey], visible: Visible, version: int) -> dict[PersonKey, Person]:
        known = self._known(picked, version)
        if len(known) == len(picked):
            return known
        read = await self._store.people(picked - known.keys(), visible)
        await warm(person.language for person in read.values() if person.language)
        self._recent.put(read, version)
        return {**known, **read}


def _picked(heard: Heard, visible: Visible) -> frozenset[PersonKey]:
    """Whom agents named, as far as any of those who ask may see him."""
    return frozenset(pick.person for pick in heard.chosen if pick.person.account in visible.accounts)


def asks(number: Understood) -> bool:
    """Without a number there is nobody to ask for."""
    return number.key is not None or number.tail is not None


async def warm(wanted: Iterable[str]) -> None:
    """Has the names of these languages in memory, read off the loop."""
    cold = [tag for tag in map(tags.known, wanted) if tag is not None and not tags.ready(tag)]
    if cold:
        await asyncio.to_thread(tags.warm, cold)
