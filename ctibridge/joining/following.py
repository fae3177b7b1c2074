"""This node's copy of the directory and the cluster's history: one step after the other.

Used by the daemon's task and by commands, also at once: a copy looks in each transaction where it stands. Comes in:
what Redis says. Goes out: a copy that stands at the head, and what was written here, published.
"""

import asyncio
import secrets
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

import structlog

from ctibridge.cluster.adapters.history import COPY_PIECE, MOMENT, Change, Head, History, Missing, Passed, Whole
from ctibridge.domain.person import PersonKey
from ctibridge.joining.people import SharedPeople, stamped
from ctibridge.lookup.adapters.following import whole
from ctibridge.lookup.adapters.following.copy import Branched, Copy, Entry, TooMuch
from ctibridge.lookup.adapters.shared.state import Standing as Stamped
from ctibridge.lookup.following import Standing, Step, step

T = TypeVar("T")
COMING, GOING = ".coming-", ".going-"
"""Whole copies on their way, beside the store; a command and the daemon may each have one."""

log = structlog.get_logger()


class Following:
    """copy, history, telling: its alone; history waits for changes, telling for nobody. people: where all nodes share
    them; then this one may go without. Every method raises RedisFault and sqlite3.Error."""

    def __init__(
        self,
        copy: Copy,
        history: History,
        telling: History,
        moment: float = MOMENT,
        people: SharedPeople | None = None,
    ) -> None:
        self.copy, self.history, self.telling, self.people = copy, history, telling, people
        self._moment = moment
        self._others_since: int | None = None
        """Where this copy stood when people were found to be others meanwhile: no small copy will do then."""
        self._turn = asyncio.Lock()
        self.state = "starting"
        """For people: what it is at."""
        self.behind = 0

    async def follow(self, wait: float, *, make: bool = False) -> bool:
        """One step: what is new is put, or waited for (seconds). True: the copy stands at the head. make: the cluster
        begins with this copy where it has none, be it empty."""
        head = await self.history.head()
        mine, past, empty = await self._in_thread(
            lambda: (self.copy.standing(), self.copy.past(), self.copy.is_empty())
        )
        known = None if head is None else Standing(*head)
        todo = step(mine, known, past, empty=empty and not make)
        self.behind = 0 if head is None else max(0, head.seq - mine.seq)
        if todo is Step.WAIT:
            self._say("waiting for a node that has a directory")
            return False
        if todo is Step.BEGIN:
            return await self._begin(mine)
        assert head is not None, "only then there is something to follow"
        if todo is Step.RAISE:
            await self.history.raise_to(head, Head(mine.history, mine.seq, mine.stamp, mine.act, mine.version))
            log.warning(
                "directory_raised", lost=mine.seq - head.seq, why="Redis had lost the last changes; this node has them"
            )
            return False
        if todo in {Step.RELOAD, Step.ASIDE}:
            return await self._reload(head, aside=todo is Step.ASIDE)
        return await self._read(mine, head, wait)

    async def stamped(self) -> Stamped:
        """The version of the directory here, and its stamp."""
        return await self._in_thread(lambda: stamped(self.copy))

    async def lift(self, lease: str, gone: Collection[PersonKey] = (), before: Stamped | None = None) -> None:
        """People in Redis are as they are here, before anybody hears of the change: who hears of it may ask there.
        gone: who was erased since `before`, and nothing else was changed. Raises Passed."""
        if self.people is None or await self.is_lean():
            return
        if gone and before is not None:
            await self.people.leave(gone, before, await self.stamped())
        if not await self.people.bring_up(partial(self.telling.renew, lease)):
            raise Passed("FENCED")

    async def people_missing(self) -> bool:
        """Redis has none of a directory that has some. For a copy that goes without them."""
        return self.people is not None and bool(await self._version()) and await self.people.standing() is None

    async def people_behind(self) -> bool:
        """They are not as here, where they are kept."""
        if self.people is None or self.state != "at the head" or await self.is_lean() or not await self._version():
            return False
        return await self.people.are_behind(await self.stamped())

    async def publish(self, lease: str = "", *, act: bool = False) -> int:
        """What was written here and not told yet; how many changes that were. A copy of no history yet has nobody to
        tell. Raises Passed."""
        count = 0
        while (await self.standing()).history and (
            piece := await self._in_thread(partial(self.copy.piece, act=act))
        ) is not None:
            mine, origin = await self._in_thread(lambda: (self.copy.standing(), self.copy.name))
            stamp = secrets.token_hex(8)
            change = Change(0, stamp, "", origin, act, piece.body)
            seq, before = await self.telling.publish(
                mine.history, change, lease, mine.act, piece.version, erases=piece.erases
            )
            await self._in_thread(partial(self.copy.sent, piece, seq, stamp, before))
            count += 1
        return count

    async def is_pending(self, *, act: bool) -> bool:
        return await self._in_thread(partial(self.copy.is_pending, act=act))

    async def standing(self) -> Standing:
        return await self._in_thread(self.copy.standing)

    async def _version(self) -> int:
        return await self._in_thread(self.copy.version)

    async def close(self) -> None:
        async with self._turn:
            self.copy.close()
        if self.people is not None:
            await self.people.close()
        await self.history.close()
        await self.telling.close()

    # -- steps ---------------------------------------------------------------------------------------------------------

    async def _begin(self, mine: Standing) -> bool:
        version, name = await self._in_thread(lambda: (self.copy.version(), self.copy.name))
        offered = Head(mine.history, mine.seq, mine.stamp, mine.act, version)
        fresh = secrets.token_hex(8)
        head = await self.history.begin(name, offered, fresh, self._moment)
        self._say("Redis knows no directory; the newest copy is being found")
        if head is None:
            await asyncio.sleep(self._moment / 4)
        elif head.history == fresh:
            await self._in_thread(partial(self.copy.begin, Standing(*head)))
        return False

    async def _read(self, mine: Standing, head: Head, wait: float) -> bool:
        if mine.seq == head.seq:
            if self.people is None and not await self.keep():
                return False
            self._say("at the head")
            if not wait:
                return True
        found: list[Change] = []
        try:
            found = await self.history.changes(mine.seq, wait)
            if not found and mine.seq < head.seq:
                raise Missing
            for change in found:
                await self._in_thread(partial(self.copy.put, Entry(*change)))
        except (Missing, TooMuch):
            return await self._reload(head, aside=False)
        except Branched:
            return await self._reload(head, aside=await self._is_branch(found))
        now = await self._in_thread(self.copy.standing)
        self.behind = max(0, head.seq - now.seq)
        self._say("catching up" if self.behind else "at the head")
        return not self.behind

    async def _is_branch(self, found: Sequence[Change]) -> bool:
        """Else what lies between is gone from the stream, or what a command had left here comes too late."""
        now = await self.standing()
        return found[0].seq <= now.seq + 1 and not await self.is_pending(act=True)

    # -- whole copies --------------------------------------------------------------------------------------------------

    async def is_lean(self) -> bool:
        return await self._in_thread(lambda: self.copy.lean)

    async def keep(self) -> bool:
        """One step of a copy at the head towards one that has all people. True: it has them."""
        lean, mine, version = await self._in_thread(lambda: (self.copy.lean, self.copy.standing(), self.copy.version()))
        if not lean:
            return True
        if not version:  # nobody was ever imported, anywhere
            await self._in_thread(self.copy.keep)
            return True
        ready = await self.history.whole()
        if ready is not None and ready.history == mine.history and ready.seq >= mine.act:
            self._say(f"taking all people, {ready.pieces} MiB")
            with suppress(Missing):
                async with self._fetched(ready) as file:
                    if await self._in_thread(partial(whole.keep, self.copy, file)):
                        log.info("directory_kept")
                        return True
        await self.history.want()
        self._say("waiting for the people from a node that keeps them")
        await asyncio.sleep(self._moment / 10)
        return False

    async def reload(self) -> bool:
        """All from another copy, whatever is here."""
        head = await self.history.head()
        return head is not None and await self._reload(head, aside=False)

    async def _reload(self, head: Head, *, aside: bool) -> bool:
        """From a copy that stands at the head. False: it has to be looked again."""
        lean, mine = await self.is_lean(), await self.standing()
        if not lean and await self._take(head, aside=aside, small=False):
            return False
        if (lean or not (aside or mine.seq == self._others_since)) and await self._take(head, aside=aside, small=True):
            return False
        self._say("waiting for a whole copy from another node")
        await asyncio.sleep(self._moment / 10)
        return False

    async def _take(self, head: Head, *, aside: bool, small: bool) -> bool:
        """small: without people, for who needs none. False: there is none that is of use; it is asked for."""
        mine, ready = await self.standing(), await self.history.whole(small=small)
        if ready is None or not _is_of_use(ready, mine, head, aside=aside):
            await self.history.want(small=small)
            return False
        self._say(f"taking a whole copy of {ready.pieces} MiB")
        try:
            async with self._fetched(ready) as file:
                if aside:
                    kept = await self._in_thread(lambda: whole.set_aside(self.copy, datetime.now(UTC)))
                    why = "it was of another history than the cluster's"
                    log.warning("directory_set_aside", file=str(kept), why=why)
                missed = await self._in_thread(partial(whole.take, self.copy, file))
        except Missing:
            return False
        except whole.OtherPeople:
            self._others_since = mine.seq
            return False
        for number in missed:
            log.warning("erasure_missed", erasure=number, mend="run that ctibridge erase on this node again")
        log.info("directory_reloaded", change=ready.seq)
        self._say("catching up")
        return True

    @asynccontextmanager
    async def _fetched(self, ready: Whole) -> AsyncIterator[Path]:
        """Raises Missing."""
        file = self._beside(COMING)
        try:
            await self._fetch(ready, file)
            yield file
        finally:
            file.unlink(missing_ok=True)

    async def _fetch(self, ready: Whole, file: Path) -> None:
        unpacking = zlib.decompressobj()
        with await asyncio.to_thread(_fresh, file) as target:
            async for piece in self.history.pieces(ready):
                await asyncio.to_thread(target.write, await asyncio.to_thread(unpacking.decompress, piece))
            target.write(unpacking.flush())
        if not unpacking.eof:
            raise Missing

    async def offer(self) -> bool:
        """Where somebody needs a whole copy, or a small one, and ours stands at the head: makes one. True: it lies
        ready."""
        kinds = (True,) if await self.is_lean() else (True, False)
        return any([await self._offer(small=small) for small in kinds])

    async def _offer(self, *, small: bool) -> bool:
        if not await self.telling.is_wanted(small=small):
            return False
        mine, head = await self.standing(), await self.telling.head()
        if head is None or (head.history, head.seq, head.stamp) != (mine.history, mine.seq, mine.stamp):
            return False
        if not await self.telling.claim(await self._in_thread(lambda: self.copy.name), small=small):
            return False
        file = self._beside(GOING)
        try:
            made = await self._in_thread(partial(whole.make, self.copy, file, small=small))
            await self.telling.offer(secrets.token_hex(8), made.history, made.seq, _packed(file), small=small)
        except whole.NotNow:
            await self.telling.unclaim(small=small)
            return False
        finally:
            file.unlink(missing_ok=True)
        log.info("directory_offered", change=made.seq, small=small)
        return True

    # ------------------------------------------------------------------------------------------------------------------

    def _beside(self, kind: str) -> Path:
        return self.copy.path.with_name(f"{self.copy.path.name}{kind}{secrets.token_hex(4)}")

    def tidy(self) -> None:
        """What was killed on its way goes. For the daemon's start."""
        for kind in (COMING, GOING):
            for file in self.copy.path.parent.glob(f"{self.copy.path.name}{kind}*"):
                file.unlink(missing_ok=True)

    def _say(self, state: str) -> None:
        if state != self.state:
            self.state = state
            log.info("directory_following", state=state, behind=self.behind)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """One at a time, and to its end: a transaction that nobody waits for would be left open."""
        async with self._turn:
            working = asyncio.ensure_future(asyncio.to_thread(work))
            try:
                return await asyncio.shield(working)
            except asyncio.CancelledError:
                with suppress(Exception):
                    await working
                raise


def _is_of_use(ready: Whole, mine: Standing, head: Head, *, aside: bool) -> bool:
    """What came behind it is read from the stream; where that is gone, a newer one is asked for."""
    return ready.history == head.history and ready.seq <= head.seq and (ready.seq > mine.seq or aside)


def _fresh(file: Path) -> BinaryIO:
    file.unlink(missing_ok=True)
    file.touch(whole.OWNER_ONLY)
    return file.open("wb")


async def _packed(file: Path) -> AsyncIterator[bytes]:
    packing = zlib.compressobj(1)
    ready = b""
    with file.open("rb") as source:
        while piece := await asyncio.to_thread(source.read, COPY_PIECE):
            ready += await asyncio.to_thread(packing.compress, piece)
            while len(ready) >= COPY_PIECE:
                yield ready[:COPY_PIECE]
                ready = ready[COPY_PIECE:]
    yield ready + packing.flush()
