"""The number index as the daemon has it: loaded or made off the loop, kept at the store's version, asked on the loop.

Comes in: the store, whoever writes it. Goes out: rows at the version that was asked for, or None: then SQLite is asked,
which says the same. Of few people everybody is held in memory as a change of nothing; of many the changes lie over the
file that another process made. Whatever is wrong with the file or the process, the index is made anew or does without.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import structlog

from ctibridge.lookup import overlay
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.index.changes import IndexChanges, State
from ctibridge.lookup.adapters.index.child import IndexChild, Made
from ctibridge.lookup.adapters.index.file import IndexFault, Loaded
from ctibridge.lookup.adapters.schema import StoreFault
from ctibridge.lookup.adapters.store import FAULTS
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.overlay import Overlay
from ctibridge.lookup.visibility import Visible

log = structlog.get_logger()
_SHED = 200


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, and people.

    moment: between two looks at the store, at least; poll: where nobody asks. settle: how long the store stands still
    before the index is made anew, waited for at most `patience`; forget: how long who has left may stay in the file;
    retry: after a fault. few: of so many everybody is held as a change; most: changes over a large index.
    """

    moment: float = 0.02
    poll: float = 1.0
    settle: float = 2.0
    patience: float = 60.0
    forget: float = 300.0
    retry: float = 60.0
    few: int = 5_000
    most: int = 50_000


@dataclass(frozen=True, slots=True)
class IndexState:
    """version: None where it cannot be asked; bytes: in memory, without the changes; changed: people. of: the oldest
    version of what is in memory, whether it can be asked or not, or being made; None: nothing is."""

    version: int | None
    numbers: int
    bytes: int
    changed: int
    building: bool
    of: int | None = None


class Child(Protocol):
    def run(self) -> Made: ...

    def stop(self) -> None: ...


class LiveIndex:
    """One for the process; called on the loop."""

    def __init__(self, store: Path, pace: Pace | None = None, child: Callable[[Path], Child] = IndexChild) -> None:
        self._store = store
        self._pace = pace or Pace()
        self._child = child(store)
        self._loaded: Loaded | None = None
        self._overlay = Overlay()
        self._names: dict[int, str] = {}
        self._version: int | None = None
        self._stamp = ""
        self._whole = False
        self._building: asyncio.Task[Made] | None = None
        self._made_of: int | None = None
        """The store's version when the index that is being made was begun."""
        self._look_for_file = True
        self._wanted_since: float | None = None
        self._left_since: float | None = None
        self._moved_at = self._not_before = float("-inf")
        self._seen: int | None = None
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, store: Path, pace: Pace | None = None) -> Self:
        """Returns at once; the index comes when it is there. The store's tables have to be there already."""
        live = cls(store, pace)
        live.start()
        return live

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="number index")

    async def close(self) -> None:
        self._child.stop()
        tasks = [task for task in (self._task, self._building) if task is not None]
        if self._task is not None:
            self._task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._whole = False

    def rows(
        self, number: Understood, called_account: str | None, visible: Visible, version: int
    ) -> tuple[NumberRow, ...] | None:
        """Who holds this number at this version of the directory, as the store would say; None: ask the store."""
        if not self._whole or version != self._version:
            self._woken.set()
            return None
        base = None if self._loaded is None else self._loaded.index
        return overlay.rows(base, self._overlay, number, called_account, visible)

    @property
    def state(self) -> IndexState:
        loaded = self._loaded
        return IndexState(
            self._version if self._whole else None,
            self._overlay.numbers + (0 if loaded is None else len(loaded.index)),
            0 if loaded is None else len(loaded.memory),
            len(self._overlay),
            self._building is not None,
            min((of for of in (self._version, self._made_of) if of is not None), default=None),
        )

    async def _run(self) -> None:
        faulty = False
        while True:
            try:
                changes = await IndexChanges.open(self._store)
                try:
                    while True:
                        await self._step(changes)
                        faulty = False
                        await self._wait(self._pace.poll)
                finally:
                    await changes.close()
            except (*FAULTS, StoreFault) as error:
                if not faulty:
                    log.warning("index.failed", error=type(error).__name__)
                faulty = True
            except Exception:
                # A fault of ours: until the next attempt SQLite says the same, and the index does not end for good.
                log.error("index.failed", exc_info=True)
            await self._wait(self._pace.retry)

    async def _wait(self, seconds: float) -> None:
        """Until then, or until somebody asks in vain; but a moment: who asks often must not keep the store busy."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.sleep(self._pace.moment)
                await self._woken.wait()
        self._woken.clear()

    async def _step(self, changes: IndexChanges) -> None:
        """Once: takes what is made, reads what changed, has made anew what has to be."""
        if self._building is not None and self._building.done():
            made, self._building = self._building, None
            self._made(made.result())
        if self._look_for_file:
            self._look_for_file = False
            await self._adopt(changes)
        async with changes.moment(self._version) as state:
            self._watch(state)
            if not self._continues(state):
                await self._found(changes, state)
            elif state.version != self._version or not self._whole:
                await self._take(changes, self._version, state)
        if self._building is None and self._due(asyncio.get_running_loop().time()):
            self._build()

    def _watch(self, state: State) -> None:
        if self._seen is not None and state.version != self._seen:
            self._moved_at = asyncio.get_running_loop().time()
        self._seen = state.version

    def _continues(self, state: State) -> bool:
        """Is what we have an older state of this very directory, and is it known who changed since?"""
        return self._version is not None and _reaches(self._version, self._stamp, state)

    async def _found(self, changes: IndexChanges, state: State) -> None:
        """Of few people, all; of many an index has to be made. What we have is of no use any more, and may be of who
        had to leave."""
        await self._replace(None)
        if await changes.has_more_than(self._pace.few):
            return
        await asyncio.to_thread(index_file.forget, self._store)
        await self._take(changes, None, state)

    async def _take(self, changes: IndexChanges, since: int | None, state: State) -> None:
        """In between nobody is answered: some are as they were, some as they are."""
        self._whole = False
        async with aclosing(changes.people(since, self._names)) as pieces:
            async for piece in pieces:
                for one in piece:
                    self._overlay.put(one.account, one.person, one.numbers)
                    if not one.here and self._left_since is None:
                        self._left_since = asyncio.get_running_loop().time()
        self._version, self._stamp, self._whole = state.version, state.stamp, True

    async def _adopt(self, changes: IndexChanges) -> None:
        """Reads the file, if there is one that this directory has come from. What is changed since is taken next."""
        try:
            loaded = await asyncio.to_thread(index_file.read, index_file.beside(self._store))
        except IndexFault as fault:
            log.info("index.not_read", reason=str(fault))
            return None
        async with changes.moment(loaded.head.version) as state:
            fits = bool(loaded.head.stamp) and _reaches(loaded.head.version, loaded.head.stamp, state)
        if not fits:
            log.info("index.not_of_this_directory", version=loaded.head.version)
            await asyncio.to_thread(loaded.release)
            return await asyncio.to_thread(index_file.forget, self._store)
        await self._replace(loaded)
        log.info("index.read", people=loaded.head.people, numbers=len(loaded.index), version=loaded.head.version)
        return None

    async def _replace(self, loaded: Loaded | None) -> None:
        old, gone, self._whole = self._loaded, self._overlay, False
        self._loaded, self._overlay, self._left_since = loaded, Overlay(), None
        self._names = {} if loaded is None else {account[0]: account[1] for account in loaded.head.accounts}
        self._version = None if loaded is None else loaded.head.version
        self._stamp = "" if loaded is None else loaded.head.stamp
        while gone.shed(_SHED):  # noqa: ASYNC110 - it waits for nothing: others go first
            await asyncio.sleep(0)
        if old is not None:
            await asyncio.to_thread(old.release)

    def _due(self, now: float) -> bool:
        if not self._outgrown(now):
            self._wanted_since = None
            return False
        if self._wanted_since is None:
            self._wanted_since = now
        settled = now - self._moved_at >= self._pace.settle or now - self._wanted_since >= self._pace.patience
        return settled and now >= self._not_before

    def _outgrown(self, now: float) -> bool:
        if self._version is None:
            return True
        if self._loaded is None:
            return len(self._overlay) > 2 * self._pace.few
        if self._left_since is not None and now - self._left_since >= self._pace.forget:
            return True
        return len(self._overlay) > max(self._pace.few, min(self._pace.most, len(self._loaded.index) // 50))

    def _build(self) -> None:
        log.info("index.making")
        self._made_of = self._seen
        self._building = asyncio.create_task(asyncio.to_thread(self._child.run), name="number index, made")
        self._building.add_done_callback(lambda _: self._woken.set())

    def _made(self, made: Made) -> None:
        self._wanted_since = self._made_of = None
        self._look_for_file = made.fault is None
        self._not_before = asyncio.get_running_loop().time() + self._pace.retry
        if made.fault is not None:
            log.warning("index.not_made", reason=made.fault)


def _reaches(version: int, stamp: str, state: State) -> bool:
    """state: read with this version."""
    return state.logged_from <= version <= state.version and stamp == state.then
