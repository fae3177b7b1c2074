"""A store beside the number index of its directory, as one directory: who holds a number comes from memory where that
is up to date, as in the product.

Everything else is the store's, and so is whether anything changed: the answer is the store's at that version, always.
"""

from collections.abc import Iterable, Mapping, Sequence

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup.adapters.index.live import LiveIndex
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.claims import Claim, Claimants
from ctibridge.lookup.holders import Holders
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.snapshot import Changes, Snapshot
from ctibridge.lookup.visibility import Visible


class IndexedStore:
    """A DirectoryStore; both belong to it and are closed with it."""

    def __init__(self, store: DirectoryStore, index: LiveIndex) -> None:
        self._store = store
        self._index = index

    def version(self) -> int:
        return self._store.version()

    def tables_version(self) -> int:
        return self._store.tables_version()

    def held(self, number: Understood, called_account: str | None, visible: Visible) -> Holders | None:
        """`holders` without waiting; None where the store has to be asked. Raises what the store raises."""
        rows = self._index.rows(number, called_account, visible, self._store.version())
        return None if rows is None else Holders(rows)

    async def holders(self, number: Understood, called_account: str | None, visible: Visible) -> Holders:
        found = self.held(number, called_account, visible)
        return await self._store.holders(number, called_account, visible) if found is None else found

    async def snapshot(self) -> Snapshot:
        return await self._store.snapshot()

    async def claimants(self, claims: Iterable[Claim], visible: Visible) -> Claimants:
        return await self._store.claimants(claims, visible)

    async def people(self, keys: Iterable[PersonKey], visible: Visible) -> Mapping[PersonKey, Person]:
        return await self._store.people(keys, visible)

    async def search(self, text: str, accounts: Sequence[str], visible: Visible, limit: int) -> tuple[Person, ...]:
        return await self._store.search(text, accounts, visible, limit)

    async def changes(self, version: int) -> Changes | None:
        return await self._store.changes(version)

    async def close(self) -> None:
        await self._index.close()
        await self._store.close()
