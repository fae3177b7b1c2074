"""Nodes of a cluster as far as their directory goes: a folder with a store each, and one Redis."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

from ctibridge.cluster.settings import Kept, RedisAccess, RedisSettings
from ctibridge.delivery.adapters.token_store import SHARED
from ctibridge.joining.directory import alone, opened
from ctibridge.joining.following import Following
from ctibridge.lookup.adapters.following import tables
from ctibridge.lookup.adapters.following.copy import Copy
from ctibridge.lookup.adapters.schema import FILE, open_file

MOMENT = 0.05
PATIENCE = 60.0


def access(url: str, directory: Kept = "sqlite") -> RedisAccess:
    return RedisAccess(RedisSettings(url, directory=directory))


class Node:
    """One node's store, and its `Following` while it is open."""

    def __init__(self, folder: Path, url: str, kept: Kept = "sqlite") -> None:
        self.folder, self._access = folder, access(url, kept)
        folder.mkdir(exist_ok=True)
        self.path = folder / FILE

    async def open(self) -> Following:
        return await opened(self.path, self._access, self.folder.name, MOMENT)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[Following]:
        following = await self.open()
        try:
            yield following
        finally:
            await following.close()

    @asynccontextmanager
    async def alone(self, holder: str = "somebody", *, people: bool = False) -> AsyncIterator[None]:
        """As a command changes the directory."""
        async with self.following() as following, alone(following, holder, PATIENCE, people=people):
            yield

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=5)) as db:
            return db.execute(statement, values).fetchall()

    def with_tables(self) -> dict[str, list[tuple[object, ...]]]:
        """The same of a store that is no node's."""
        Copy(self.path, [SHARED]).close()
        return self.shared()

    def shared(self) -> dict[str, list[tuple[object, ...]]]:
        """All that every node has to have alike, row by row."""
        with closing(sqlite3.connect(self.path, timeout=5)) as db:
            return contents(db)


def contents(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    names = [one.name for one in tables.SHARED] + [*tables.WITH_OTHERS, *tables.HISTORY, "token"]
    for name in names:
        columns = [one for one in tables.columns(db, name) if (name, one) not in OWN_COLUMNS]
        where = (
            " WHERE version > (SELECT logged_from FROM directory_change)" if name == "directory_changed_person" else ""
        )
        rows = db.execute(f"SELECT {', '.join(columns)} FROM {name}{where}")  # noqa: S608
        found[name] = sorted(rows, key=repr)
    return found


OWN_COLUMNS = {("directory_audit", "no"), ("directory_erasure", "done")}


async def caught_up(*followings: Following, within: float = PATIENCE) -> None:
    """Until each has told all and stands where all stand."""
    async with asyncio.timeout(within):
        while True:
            for one in followings:
                await one.publish()
            if all([await one.follow(0) for one in followings]):
                heads = {await one.standing() for one in followings}
                if len(heads) == 1 and not any([await one.is_pending(act=False) for one in followings]):
                    return
            for one in followings:
                await one.offer()


async def at_head(one: Following, *lenders: Following, within: float = PATIENCE) -> None:
    async with asyncio.timeout(within):
        while not await one.follow(0):
            for lender in lenders:
                await lender.offer()


Act = Callable[[], Awaitable[object]]


async def fresh(node: Node) -> None:
    await (await open_file(node.path)).close()
