"""What desks were told of their calls, kept in Redis too: for the node that takes a desk over when this one dies.

Comes in: each call as its desk was told of it last, and which events are stored here. Goes out: the same, written in
batches; an event counts as stored when it is here and its call there. Without Redis it counts when it is here.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Protocol, TypeVar

import structlog

from ctibridge.cluster.adapters.call_rows import Words, Wrote
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault, Refused
from ctibridge.cluster.adapters.membership import clock
from ctibridge.cluster.keys import Keys
from ctibridge.delivery.desk import KEPT_AFTER_END
from ctibridge.delivery.kept import KeptCall
from ctibridge.domain.call import Call
from ctibridge.joining import kept_rows
from ctibridge.joining.calendar import Calendar

AT_ONCE = 200
"""Calls in one batch."""
AGAIN = 0.5
"""Seconds until a batch that failed is tried again."""
MOST_WAITING = 20_000
"""Calls that wait for a Redis that does not answer; the one that waited longest goes first."""
TIDIES_EVERY = 60.0
FOREIGN = "Redis knows desks of ours as another node's"

log = structlog.get_logger()


_Of = tuple[str, str]
"""Agent and call."""
_T = TypeVar("_T")


class Rows(Protocol):
    async def write(self, desks: Mapping[str, Words], emptied: Collection[str] = ()) -> Wrote:
        """See `CallRows`."""


class Replica:
    """link: to the server of our keys, for what is read here, and taken out. stored: is told of a desk's newest event
    that is stored. mine: has this agent's desk its home here now? What is kept of another one (that it left us, say) is
    its home's to say, and Redis holds us to that (`calls.lua`)."""

    def __init__(
        self, link: Link, rows: Rows, keys: Keys, stored: Callable[[str, int], None], mine: Callable[[str], bool]
    ) -> None:
        self._link = link
        self._rows = rows
        self.keys = keys
        self.calendar = Calendar()
        self._stored = stored
        self._mine = mine
        self._waiting: dict[_Of, KeptCall] = {}
        self._behind: dict[str, int] = {}
        self._emptied: set[str] = set()
        self._over: dict[_Of, float] = {}
        self._news = asyncio.Event()
        self._turned = asyncio.Event()
        self._alone = False
        self._writing: set[str] = set()
        """Agents of the row that is on its way."""
        self._gone: set[str] = set()
        """Those of them who left meanwhile."""
        self._foreign: dict[_Of, KeptCall] = {}
        """Of desks that are not ours, as far as Redis knows, or could not be emptied: tried again after a while."""
        self._timer: asyncio.TimerHandle | None = None
        self._fault = ""

    # -- what the desks keep -------------------------------------------------------------------------------------------

    def keep(self, kept: KeptCall) -> None:
        """Never waits. What is said of a call before it was written is written once."""
        if self._mine(kept.agent):
            self._put(kept)

    def _put(self, kept: KeptCall) -> None:
        of = kept.agent, kept.call.id
        before = self._waiting.get(of) or self._foreign.pop(of, None)
        if kept.pop is None and before is not None:
            kept = replace(kept, pop=before.pop)
        elif before is None and len(self._waiting) >= MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[of] = kept
        self._news.set()

    def stored(self, agent: str, sequence: int) -> None:
        """This desk's events up to that one are on our disk."""
        if self._alone or not (self._waiting or self._writing or self._foreign):
            self._stored(agent, sequence)
            return
        self._behind[agent] = max(sequence, self._behind.get(agent, 0))
        self._news.set()

    def anew(self, agent: str, calls: Iterable[KeptCall]) -> None:
        """Who left the store is gone from what is kept of this desk; these are its calls now."""
        self._drop({agent})
        self._emptied.add(agent)
        for kept in calls:
            self.keep(kept)
        self._news.set()

    def leave(self, agents: Iterable[str]) -> None:
        """What waits of these desks is not written any more: they are another node's."""
        self._drop(set(agents))

    def _drop(self, agents: set[str]) -> None:
        self._gone |= agents & self._writing
        self._emptied -= agents
        for some in (self._waiting, self._foreign):
            for of in [of for of in some if of[0] in agents]:
                del some[of]
        self._news.set()

    def follow(self, calls: Mapping[str, Mapping[str, Call]]) -> None:
        """These calls of desks that have their home here now were kept by whoever had it before: by call and agent.
        What of them is over is taken out a while after, as what we kept ourselves."""
        for call, at_desks in calls.items():
            for agent, known in at_desks.items():
                if known.is_over:
                    self._over.setdefault((agent, call), clock())

    async def written(self, agents: Collection[str] | None = None) -> None:
        """Until nothing of these desks waits; None: of any. The next home of a desk reads what was said of it
        before."""
        while (waits := self._pending()) and (agents is None or not waits.isdisjoint(agents)):
            await self._turned.wait()

    def _pending(self) -> set[str]:
        """Agents of whose desks something is still to be written."""
        return {agent for agent, _ in (*self._waiting, *self._foreign)} | self._emptied | self._writing

    def alone(self, *, alone: bool) -> None:
        """Does Redis not answer?"""
        self._alone = alone
        if alone:
            self._tell(self._behind)
            self._behind = {}

    # -- what is written -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until it is cancelled."""
        tidied_at = clock()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TIDIES_EVERY):
                    await self._news.wait()
            try:
                await self._write()
                if clock() >= tidied_at + TIDIES_EVERY:
                    tidied_at = clock()
                    await self._tidy(tidied_at)
            except RedisFault as fault:
                self._failed(str(fault))
                await asyncio.sleep(AGAIN)
            except Exception:
                # Of whoever hears what is stored: it costs itself alone.
                log.error("stored_not_told", exc_info=True)

    def _failed(self, why: str) -> None:
        """Said once for each reason in a row."""
        if why and why != self._fault:
            log.warning("calls_not_kept", why=why)
        self._fault = why

    async def _write(self) -> None:
        """Raises RedisFault where Redis does not answer; then all of it still waits. What it refuses, or cannot be
        written, would fail again: that counts as stored when it is here."""
        batch = dict(islice(self._waiting.items(), AT_ONCE))
        emptied = {agent for agent, _ in batch if agent in self._emptied} or set(islice(self._emptied, AT_ONCE))
        for of in batch:
            del self._waiting[of]
        self._emptied -= emptied
        behind, self._behind = ({}, self._behind) if self._waiting else (self._behind, {})
        if not (self._waiting or self._emptied):
            self._news.clear()
        wrote = Wrote()
        self._writing = {*(agent for agent, _ in batch), *emptied}
        try:
            wrote = await self._carry_out(batch, emptied)
        except Refused as refused:
            wrote = Wrote(fault=refused)
        except RedisFault:
            self._take_back(batch, behind, emptied)
            raise
        except Exception:
            log.error("calls_not_kept", exc_info=True)
        finally:
            gone, self._writing, self._gone = self._gone, set(), set()
            self._turned.set()
            self._turned = asyncio.Event()
        self._wrote(batch, emptied, behind, wrote, gone)

    def _wrote(
        self, batch: Mapping[_Of, KeptCall], emptied: set[str], behind: dict[str, int], wrote: Wrote, gone: set[str]
    ) -> None:
        self._failed(str(wrote.fault) if wrote.fault else FOREIGN if wrote.foreign else "")
        refused = emptied - wrote.foreign if wrote.fault else set()
        for of, kept in batch.items():
            if of[0] not in wrote.foreign | refused:
                self._ends(of, is_over=kept.call.is_over)
            elif of[0] not in gone:
                self._is_foreign(of, kept)
        # Who was to be emptied and perhaps was not is, before his calls are written once more.
        self._emptied |= (refused | emptied & wrote.foreign) - gone
        if (self._emptied or self._foreign) and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AGAIN, self._ask_again)
        waits = {agent for agent, _ in self._foreign} - refused
        self._behind = {agent: at for agent, at in behind.items() if agent in waits} | self._behind
        self._tell({agent: at for agent, at in behind.items() if agent not in waits})

    def _is_foreign(self, of: _Of, kept: KeptCall) -> None:
        newer = self._waiting.pop(of, None)
        self._foreign[of] = kept
        if newer is not None:
            self._put(newer)

    def _ask_again(self) -> None:
        """Whose a desk is Redis knows first; and it may have forgotten that one is ours, until it is told anew."""
        self._timer, foreign = None, list(self._foreign.values())
        for kept in foreign:
            self._put(kept)
        self._news.set()

    def _ends(self, of: _Of, *, is_over: bool) -> None:
        self._over.pop(of, None)
        if is_over:
            self._over[of] = clock()

    async def _carry_out(self, batch: Mapping[_Of, KeptCall], emptied: Collection[str]) -> Wrote:
        words: dict[str, list[str | bytes]] = {agent: [] for agent in emptied}
        ahead = await self.calendar.ahead_of(self._link) if batch else None
        for (agent, _), kept in batch.items():
            words.setdefault(agent, []).extend(kept_rows.written(kept, ahead))
        return await self._rows.write(words, emptied) if words else Wrote()

    def _take_back(self, batch: dict[_Of, KeptCall], behind: dict[str, int], emptied: set[str]) -> None:
        """What was said meanwhile is newer; who left meanwhile does not come back, nor does a desk that did."""
        newer = self._waiting
        left = self._gone | self._emptied
        self._waiting = {of: kept for of, kept in batch.items() if of[0] not in left}
        for kept in newer.values():
            self._put(kept)
        self._emptied |= emptied - self._gone
        if self._alone:
            self._tell(behind)
        else:
            self._behind = {**behind, **self._behind}
        self._news.set()

    def _tell(self, behind: dict[str, int]) -> None:
        for agent, sequence in behind.items():
            self._stored(agent, sequence)

    async def _tidy(self, now: float) -> None:
        """No snapshot lists what ended so long ago. Of a desk with another home it is for that to say."""
        self._over = {of: at for of, at in self._over.items() if self._mine(of[0])}
        old = [of for of, at in self._over.items() if now - at > KEPT_AFTER_END.total_seconds()]
        for some in _portions(old):
            await self._link.calls([("HDEL", self.keys.calls(agent), *kept_rows.names(call)) for agent, call in some])
            for of in some:
                self._over.pop(of, None)

    # -- what is read --------------------------------------------------------------------------------------------------

    async def lacking(self, agents: Iterable[str]) -> list[str]:
        """Those of whose desks nothing lies there: it was never written, or Redis was emptied. Raises RedisFault."""
        found: list[str] = []
        for some in _portions(agents):
            replies = await self._link.calls([("EXISTS", self.keys.calls(agent)) for agent in some])
            found += [agent for agent, reply in zip(some, replies, strict=True) if not self._link.good(reply)]
        return found

    async def of(self, agents: Iterable[str]) -> dict[str, tuple[KeptCall, ...]]:
        """The calls of these desks, by agent, oldest first; those without any are left out. Raises RedisFault."""
        found: dict[str, tuple[KeptCall, ...]] = {}
        ahead = await self.calendar.ahead_of(self._link)
        for some in _portions(agents):
            replies = await self._link.calls([("HGETALL", self.keys.calls(agent)) for agent in some])
            for agent, reply in zip(some, replies, strict=True):
                if calls := self._read(agent, self._link.good(reply), ahead):
                    found[agent] = calls
        return found

    def _read(self, agent: str, reply: list[bytes], ahead: float | None) -> tuple[KeptCall, ...]:
        found = kept_rows.read(agent, reply, ahead)
        self._over |= {(agent, kept.call.id): clock() for kept in found if kept.call.is_over}
        return found


def _portions(of: Iterable[_T]) -> Iterator[list[_T]]:
    left = iter(of)
    while some := list(islice(left, AT_ONCE)):
        yield some
