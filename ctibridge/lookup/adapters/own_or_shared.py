"""The directory of a node that may go without people: asked where they are now, in its own file or where all share
them. A command may bring them all here while we run; from then on the file alone is asked."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Protocol

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.claims import Claim, Claimants
from ctibridge.lookup.holders import Holders
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.snapshot import Changes, Snapshot
from ctibridge.lookup.visibility import Visible


class Closing(Protocol):
    async def close(self) -> None: ...


class OwnOrShared:
    """A DirectoryStore. own: this node's file. shared: asks elsewhere for people, and `own` for the rest, which it
    closes. beside: what is closed behind them."""

    def __init__(self, own: DirectoryStore, shared: DirectoryStore, *beside: Closing) -> None:
        self._own, self._shared, self._beside = own, shared, beside
        self._asked = shared

    @property
    def lean(self) -> bool:
        """The file has no people."""
        return self._asked is self._shared

    def keep(self) -> None:
        """The file has all people from now on."""
        self._asked = self._own

    async def close(self) -> None:
        async with AsyncExitStack() as closing:
            for part in (*self._beside, self._shared):
                closing.push_async_callback(part.close)

    def version(self) -> int:
        return self._own.version()

    def tables_version(self) -> int:
        return self._own.tables_version()

    async def snapshot(self) -> Snapshot:
        return await self._own.snapshot()

    async def changes(self, version: int) -> Changes | None:
        return await self._own.changes(version)

    async def holders(self, number: Understood, called_account: str | None, visible: Visible) -> Holders:
        return await self._asked.holders(number, called_account, visible)

    async def claimants(self, claims: Iterable[Claim], visible: Visible) -> Claimants:
        return await self._asked.claimants(claims, visible)

    async def people(self, keys: Iterable[PersonKey], visible: Visible) -> Mapping[PersonKey, Person]:
        return await self._asked.people(keys, visible)

    async def search(self, text: str, accounts: Sequence[str], visible: Visible, limit: int) -> tuple[Person, ...]:
        return await self._asked.search(text, accounts, visible, limit)
