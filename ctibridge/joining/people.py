"""The people of a cluster with `directory = "redis"`: who keeps them writes them to Redis, the other nodes ask there.

Comes in: a copy, which goes without people or has them all. Goes out: the store that this node's look-up asks; people
in Redis as they are in the copy; one line where they are not to be had.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.faults import Unreachable
from ctibridge.cluster.adapters.spread import Spread
from ctibridge.cluster.settings import RedisAccess
from ctibridge.delivery.adapters.token_store import SHARED, TokenStore
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.following.copy import BUSY_MS, Copy
from ctibridge.lookup.adapters.following.lean import is_lean
from ctibridge.lookup.adapters.migrations import Tell, nobody
from ctibridge.lookup.adapters.own_or_shared import OwnOrShared
from ctibridge.lookup.adapters.schema import open_file
from ctibridge.lookup.adapters.shared import state as states
from ctibridge.lookup.adapters.shared.leaving import leave
from ctibridge.lookup.adapters.shared.state import Standing
from ctibridge.lookup.adapters.shared.store import SharedStore
from ctibridge.lookup.adapters.shared.writing import bring_up
from ctibridge.lookup.adapters.store import DirectoryStore, SqliteStore

MISSING = (
    "Redis has no people, so nobody who calls is named: start a node that keeps them, which writes them anew; where "
    "there is none any more, restore a backup of one"
)
WRITTEN_WITHIN = 10.0
"""Seconds for a row of commands that write."""
ODD = 30.0
"""Seconds for which people in Redis may be of another version than ours: whoever changes them writes them there first,
and a command that died has its own service to end it."""
ERASURE = 2
"""Versions of one erasure: of his record, and of the order."""


class SharedPeople:
    """Of one process. path: of the copy."""

    def __init__(self, redis: Redis, path: Path) -> None:
        self._spread, self._prefix, self._path = Spread(redis, wait=WRITTEN_WITHIN), redis.prefix, path
        self._odd: tuple[Standing, float] | None = None

    async def close(self) -> None:
        await self._spread.close()

    async def standing(self) -> Standing | None:
        """Of those in Redis; None: they are not there, or not all of them. Raises RedisFault."""
        try:
            state = await states.read(self._spread, self._prefix)
        except OSError as fault:
            raise Unreachable(str(fault)) from None
        return None if state.layout is None else state.at

    async def are_behind(self, ours: Standing) -> bool:
        """ours: of a copy at the head, with all people. Raises RedisFault."""
        theirs = await self.standing()
        if theirs == ours:
            self._odd = None
            return False
        if theirs is None or theirs.version < ours.version:
            return True
        now = asyncio.get_running_loop().time()
        if self._odd is None or self._odd[0] != theirs:
            self._odd = theirs, now
        return now - self._odd[1] >= ODD

    async def leave(self, gone: Iterable[PersonKey], before: Standing, now: Standing) -> None:
        """They leave Redis at once, where nothing else changed between these standings of the copy. Where it cannot be
        so, `bring_up` does it. Raises RedisFault."""
        if 0 < now.version - before.version <= ERASURE:
            try:
                await leave(self._spread, self._prefix, gone, before, now)
            except OSError as fault:
                raise Unreachable(str(fault)) from None

    async def bring_up(self, go_on: Callable[[], Awaitable[bool]]) -> bool:
        """Those in Redis are as in the copy, which has all; False: it is somebody else's turn. Raises RedisFault,
        sqlite3.Error, StoreFault."""
        try:
            return await bring_up(self._path, self._spread, self._prefix, go_on)
        except OSError as fault:
            raise Unreachable(str(fault)) from None


async def copy_at(path: Path, access: RedisAccess, name: str, busy_ms: int = BUSY_MS) -> Copy:
    """The node's copy, made where there is none. Raises StoreFault, sqlite3.Error."""
    lean = access.settings.shares_people
    await (await open_file(path, busy_ms=busy_ms)).close()
    await (await TokenStore.open(path, busy_ms=busy_ms)).close()
    return await asyncio.to_thread(lambda: Copy(path, [SHARED], node=name, busy_ms=busy_ms, lean=lean))


async def open_store(path: Path, access: RedisAccess, name: str, tell: Tell = nobody) -> DirectoryStore:
    """What the look-up of this node asks. Raises StoreFault, sqlite3.Error, RedisFault."""
    own = await SqliteStore.open(path, tell)
    try:
        if access.settings.shares_people:
            (await copy_at(path, access, name)).close()
        if not await asyncio.to_thread(is_lean, path):
            return own
        redis = Redis(access, name)
        spread = Spread(redis)
        return OwnOrShared(own, SharedStore(own, spread, redis.prefix), spread)
    except BaseException:
        await own.close()
        raise


def stamped(copy: Copy) -> Standing:
    """The version of the directory in it. Raises sqlite3.Error."""
    query = "SELECT c.version, ifnull(s.stamp, '') FROM directory_change c LEFT JOIN directory_stamp s USING (version)"
    return Standing(*copy.db.execute(query).fetchone())
