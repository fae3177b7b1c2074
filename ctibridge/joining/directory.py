"""The directory of a node among several: a daemon follows, and whoever changes it does so alone in the cluster."""

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.history import LEASE, MOMENT, History, Passed
from ctibridge.cluster.settings import RedisAccess
from ctibridge.domain.person import PersonKey
from ctibridge.joining.following import Following
from ctibridge.joining.people import MISSING, SharedPeople, copy_at, open_store
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.migrations import Tell
from ctibridge.lookup.adapters.schema import StoreFault
from ctibridge.lookup.adapters.shared.state import Standing
from ctibridge.lookup.adapters.store import DirectoryStore

WAIT = 1.0
"""Seconds for which a reader waits inside Redis."""
TELL_EVERY = 0.1
"""Seconds until what the daemon writes (a token by sign-in, what desks teach) is on its way to the others. Whether it
has written is seen by the file; to ask the store ten times a second cost 0.6 % of a processor."""
LOOK_EVERY = 1.0
RETRY = 1.0
BUSY_MS = 2_000
"""A daemon comes again."""
ASK_AGAIN = 0.1
LONGEST = 30.0
"""Seconds for catching up, or for a whole copy."""
NO_KEEPER = 10.0
"""Seconds in which a node that has all people begins to give them."""

log = structlog.get_logger()


class Held(Exception):
    """Another one changes the directory, and has not ended in time: who it is."""


class NotAtHead(Exception):
    """This copy could not be brought to where the cluster stands: what it is at."""


class NoKeeper(Exception):
    """This copy has no people, and no node that has them gave them."""


class Directory:
    """Of a daemon: `run` beside all else. path: a store that has been opened before, with its tokens. name: of this
    node. told: hears what is wrong, in one line; None: nothing."""

    def __init__(
        self,
        path: Path,
        access: RedisAccess,
        name: str,
        told: Callable[[str | None], None] = lambda _: None,
        moment: float | None = None,
    ) -> None:
        self._path, self._access, self._name, self._told, self._moment = path, access, name, told, moment
        self._following: Following | None = None
        self._lookup: Lookup | None = None
        self._fault, self._missing = "", False
        self._told_of: tuple[int, ...] = ()
        self._tell_by = 0.0
        self.lean: bool | None = None
        """Does this copy go without people? None: not known, or no copy does."""

    async def open_store(self, tell: Tell) -> DirectoryStore:
        """What the look-up of this node asks. Raises StoreFault, sqlite3.Error."""
        return await open_store(self._path, self._access, self._name, tell)

    def serves(self, lookup: Lookup) -> None:
        """Which asks that."""
        self._lookup = lookup

    async def run(self) -> None:
        """Follows, tells and lends a copy to who needs one, until it is cancelled."""
        following = await self._opened()
        try:
            self._following = following
            async with asyncio.TaskGroup() as tasks:
                for work in (self._follow, self._tell, self._look):
                    tasks.create_task(self._again(work, following))
                tasks.create_task(self._keep_saying())
        finally:
            self._following = None
            await following.close()

    async def _opened(self) -> Following:
        """Also while another process holds the store for long: lines and desks need nothing of this."""
        while True:
            try:
                return await self._tidied()
            except (StoreFault, sqlite3.Error, OSError) as error:
                why = str(error) if isinstance(error, StoreFault) else f"{self._path}: {type(error).__name__}"
                log.error("directory_failed", error=why)
                self._told(f"the directory does not follow: {why}")
                await asyncio.sleep(RETRY)

    async def _tidied(self) -> Following:
        following = await opened(self._path, self._access, self._name, self._moment, busy_ms=BUSY_MS)
        try:
            await asyncio.to_thread(following.tidy)
            await self._look_for_people(following)
        except BaseException:
            await following.close()
            raise
        return following

    def remark(self) -> str | None:
        """For the health: what is wrong, in one line."""
        if self._fault:
            nobody = "nobody who calls is named, and " if self.lean else ""
            return f"{nobody}the directory is as it was when Redis was last heard: {self._fault}"
        if self.lean and self._missing:
            return MISSING
        state = self.state
        well = state in {"at the head", "starting", "catching up"}
        return None if well else f"the directory does not follow: {state}"

    @property
    def state(self) -> str:
        """What it is at, for people."""
        return "starting" if self._following is None else self._following.state

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """What changes the directory by itself (a purge) does so on one node at a time, of those that have people.
        False: not now."""
        if self._following is None or self.lean:
            yield False
            return
        turn = alone(self._following, f"the service on {self._name}", patience=0)
        try:
            await turn.__aenter__()
        except (Held, NotAtHead, RedisFault, Passed):
            yield False
            return
        try:
            yield True
        finally:
            with suppress(RedisFault, Passed):  # then it is told later, or set right
                await turn.__aexit__(None, None, None)

    async def _keep_saying(self) -> None:
        while True:
            self._told(self.remark())
            await asyncio.sleep(LOOK_EVERY)

    async def _again(self, work: Callable[[Following], Awaitable[None]], following: Following) -> None:
        """What fails is tried again: Redis is away, or another process holds the store."""
        while True:
            try:
                await work(following)
            except RedisFault as fault:
                if not self._fault:
                    log.warning("directory_alone", error=str(fault))
                self._fault = str(fault)
                await asyncio.sleep(RETRY)
            except (StoreFault, sqlite3.Error, OSError, ValueError) as error:
                log.error("directory_failed", error=type(error).__name__, code=getattr(error, "sqlite_errorname", None))
                await asyncio.sleep(RETRY)

    async def _follow(self, following: Following) -> None:
        await following.follow(WAIT)
        self._fault = ""

    async def _tell(self, following: Following) -> None:
        mark, now = following.copy.mark(), asyncio.get_running_loop().time()
        if mark != self._told_of or now >= self._tell_by:
            with suppress(Passed):  # the history is another one now: the reader sees to it
                await following.publish()
            self._told_of, self._tell_by = mark, now + LOOK_EVERY
        await asyncio.sleep(TELL_EVERY)

    async def _look(self, following: Following) -> None:
        """Is there something of a command that ended before it had told it? Does Redis have the people that are here?
        Does somebody need a whole copy?"""
        await self._look_for_people(following)
        self._missing = bool(self.lean) and await following.people_missing()
        if (await following.standing()).history:
            pending, behind = await following.is_pending(act=True), await following.people_behind()
            if pending or behind:
                with suppress(Held, NotAtHead, Passed):
                    async with alone(following, f"the service on {self._name}", patience=0):
                        why = "a command had ended before it told the others" if pending else "Redis had not all people"
                        log.info("directory_told", why=why)
            await following.offer()
        await asyncio.sleep(LOOK_EVERY)

    async def _look_for_people(self, following: Following) -> None:
        """Are they here now, as a command has needed them?"""
        lean = await following.is_lean()
        if self._lookup is not None and self._lookup.lean and not lean:
            await self._lookup.keep(self._path)
        self.lean = lean if lean or following.people is not None else None


@asynccontextmanager
async def alone(
    following: Following,
    holder: str,
    patience: float,
    tell: Callable[[str], None] = lambda _: None,
    *,
    people: bool = False,
    gone: Collection[PersonKey] = (),
) -> AsyncIterator[None]:
    """The cluster's lease while it lasts, with this copy at the head; what is written within is told to the others
    before it ends. patience: seconds for another one's lease; tell: hears once that we wait, and for whom. people: they
    may be changed within, so this copy has them from now on; gone: they are erased within, and nothing else is done.
    Raises Held, NotAtHead, NoKeeper, RedisFault; Passed where the lease was lost meanwhile: what was written is here
    alone then, and the daemon tells it as soon as it may."""
    history, word = following.telling, secrets.token_hex(8)
    try:
        await _take(history, word, holder, patience, tell)
        async with _renewed(history, word):
            await _catch_up(following, LONGEST)
            if people:
                await _keep(following)
            await _tell_all(following, word)  # what a command left that ended too early
            before = await following.stamped()
            try:
                yield
            finally:
                await _tell_all(following, word, gone, before)  # also of what failed half way
    finally:
        # Also of who ends while it takes it: Redis may have given it, and the answer is on its way.
        with suppress(RedisFault):
            await history.release(word)


@asynccontextmanager
async def telling(following: Following) -> AsyncIterator[None]:
    """What is written within needs no lease (tokens), and is told to the others before it ends. Raises RedisFault,
    before anything is written; NotAtHead, Passed."""
    await following.telling.head()
    if not (await following.standing()).history:
        await _catch_up(following, LONGEST)
    try:
        yield
    finally:
        await following.publish()


async def _tell_all(
    following: Following, word: str, gone: Collection[PersonKey] = (), before: Standing | None = None
) -> None:
    await following.publish()
    await following.lift(word, gone, before)
    await following.publish(word, act=True)


async def _take(history: History, word: str, holder: str, patience: float, tell: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    until, told = loop.time() + patience, False
    while (other := await history.take(word, holder)) is not None:
        if loop.time() >= until:
            raise Held(other)
        if not told:
            tell(other)
        told = True
        await asyncio.sleep(ASK_AGAIN)


async def _catch_up(following: Following, patience: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    while not await following.follow(0, make=True):
        if loop.time() >= until:
            raise NotAtHead(following.state)


async def _keep(following: Following) -> None:
    """There may be millions: it is waited for as long as somebody gives them."""
    loop = asyncio.get_running_loop()
    until = loop.time() + NO_KEEPER
    while not await following.keep():
        if await following.telling.is_made():
            until = loop.time() + NO_KEEPER
        elif loop.time() >= until:
            raise NoKeeper(following.state)


@asynccontextmanager
async def _renewed(history: History, word: str) -> AsyncIterator[None]:
    renewing = asyncio.create_task(_renew(history, word))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.wait({renewing})


async def _renew(history: History, word: str) -> None:
    """A lease that is lost is seen when the change is published."""
    while True:
        await asyncio.sleep(LEASE / 4)
        with suppress(RedisFault):
            await history.renew(word)


async def opened(
    path: Path, access: RedisAccess, name: str, moment: float | None = None, *, busy_ms: int = 60_000
) -> Following:
    """Raises StoreFault, sqlite3.Error, RedisFault."""
    redis = Redis(access, name)
    copy = await copy_at(path, access, name, busy_ms)
    people = SharedPeople(redis, path) if access.settings.shares_people else None
    return Following(copy, History(redis), History(redis), MOMENT if moment is None else moment, people)
