"""What the desks want kept: in memory at once, in `desks.db` a moment later, in batches, by a thread of its own.

Comes in: events, calls, acks, facts, sights, on the loop. Goes out: as of `outbox_writing.Writing`, never from within a
`keep_…`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

import structlog

from ctibridge.delivery.adapters import outbox_erasing, outbox_leaving, outbox_start
from ctibridge.delivery.adapters.outbox_start import Started
from ctibridge.delivery.adapters.outbox_writing import FAULTS, OutboxSettings, Writing, say
from ctibridge.delivery.erased import Level, Traces
from ctibridge.delivery.kept import KeptCall, KeptDesk, KeptEvent, KeptPop, OutboxFault, Sight, Stand
from ctibridge.delivery.moving import MovingDesk
from ctibridge.delivery.standing import DeskRow, Standing

__all__ = ["Outbox", "OutboxSettings"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

_USUAL = OutboxSettings()


def _nobody() -> None:
    pass


VOUCHED_WITHIN = 5.0
"""Seconds that a desk which comes or goes waits for the disk."""
FACTS_AT_ONCE = 1_000
"""In one read: somebody else may wait for the reader."""

log = structlog.get_logger()


class Outbox(Writing):
    """One for the process; see `kept.Outbox`. `run` writes. Every method is called on the loop."""

    def __init__(self, started: Started, settings: OutboxSettings, writer: ThreadPoolExecutor) -> None:
        super().__init__(started, settings, writer)
        self.desks: tuple[KeptDesk, ...] = started.desks
        self._marks = started.marks
        self._reader = ThreadPoolExecutor(1, "outbox-reader")
        self.on_call: Callable[[KeptCall], None] | None = None
        """Hears each call that is kept."""
        self.on_left: Callable[[], None] = _nobody
        """Somebody has left what is kept, for good."""

    @classmethod
    async def open(
        cls,
        folder: Path,
        fresh: Callable[[], str],
        now: datetime,
        boot_id: str,
        settings: OutboxSettings = _USUAL,
    ) -> Self:
        """folder: state_dir. fresh: an epoch that never was. boot_id: of the kernel. Where the disk takes nothing now,
        it is open all the same, and `run` says so. Raises OutboxFault: one line."""
        writer = ThreadPoolExecutor(1, "outbox-writer")
        loop = asyncio.get_running_loop()
        try:
            started = await loop.run_in_executor(
                writer, outbox_start.start, folder, fresh, now, boot_id, settings.slots
            )
        except BaseException:
            writer.shutdown(wait=False)
            raise
        return cls(started, settings, writer)

    async def close(self) -> None:
        """When `run` has ended and nobody keeps anything more. If all could be written, the desks go on where they
        stand."""
        await self.settle()
        written = await self.flush()
        async with self.turn:
            try:
                if written:
                    await self.do(self.file.end)
            except FAULTS as error:
                say(error)
            await self.do(self.file.close)
        if self._marks is not None:
            self._marks.close()
            self._marks = None
        for pool in (self._writer, self._reader):
            pool.shutdown()

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.write_for_ever())
            group.create_task(self._forget_for_ever())

    # -- what is kept --------------------------------------------------------------------------------------------------

    def keep_event(self, event: KeptEvent) -> None:
        standing = self.ledger.desk(event)
        if event.heard and self._marks is not None:
            self._marks.set(standing.no, event.sequence)
        self.ledger.keep_event(standing, event)
        self.wake()

    def keep_call(self, call: KeptCall) -> None:
        if self.on_call is not None:
            self.on_call(call)
        self.ledger.keep_call(call)
        self.wake()

    def keep_ack(self, agent: str, sequence: int) -> None:
        self.ledger.keep_ack(agent, sequence)
        self.wake()

    def keep_heard(self, agent: str, epoch: str, sequence: int) -> None:
        standing = self.ledger.keep_heard(agent, epoch, sequence)
        if self._marks is not None:
            self._marks.set(standing.no, sequence)
        self.wake()

    def keep_fact(self, kind: str, key: str, body: bytes | None) -> None:
        self.ledger.keep_fact((kind, key), body)
        self.wake()

    def keep_sights(self, sights: Iterable[Sight]) -> None:
        self.ledger.sights.add(sights)
        self.wake()

    # -- desks that come and go ----------------------------------------------------------------------------------------

    def renew(self, agent: str, epoch: str) -> None:
        """Another life of this desk begins. Also a process that is killed at once never goes on with the one before."""
        self._doubt(self.ledger.renew(agent, epoch))

    def replace(self, moving: MovingDesk) -> None:
        """This desk comes from another node, in the place of what is here of it. Its facts are not kept by this."""
        standing = self.ledger.replace(moving.desk)
        self._doubt(standing)
        for event in moving.events:
            self.ledger.keep_event(standing, event)
        for call in moving.desk.calls:
            self.ledger.keep_call(call)
        self.wake()

    @property
    def is_half_full(self) -> bool:
        """Whoever brings much waits for `flush` first."""
        return self.ledger.unwritten.is_half_full

    async def vouch(self, agents: Iterable[str]) -> bool:
        """When this returns, these desks stand in the file as they are now. False: it cannot be written now, or the
        disk hangs; then they begin anew after an unclean stop."""
        try:
            async with asyncio.timeout(VOUCHED_WITHIN):
                written = await self.flush()
        except TimeoutError:
            written = False
        if not written:
            return False
        for agent in agents:
            standing = self.ledger.standings.get(agent)
            if standing is not None and not standing.is_anew and self._marks is not None:
                self._marks.vouch(standing.no, standing.newest)
        return True

    def _doubt(self, standing: Standing) -> None:
        if self._marks is not None:
            self._marks.doubt(standing.no)
        self.wake()

    # -- what is read --------------------------------------------------------------------------------------------------
    # First what is in memory, then the file: what leaves memory in between is in the file by then.

    async def fact(self, kind: str, key: str) -> bytes | None:
        held = self.ledger.unwritten.facts
        if (kind, key) in held:
            return held[kind, key]
        try:
            return await self._read(self.file.fact, kind, key)
        except OutboxFault as fault:
            log.warning("outbox.fact_left_out", kind=kind, why=str(fault))
            return None

    async def facts_of(self, kind: str, keys: Iterable[str]) -> Mapping[str, bytes]:
        held = {key: body for (one, key), body in self.ledger.unwritten.facts.items() if one == kind}
        wanted = dict.fromkeys(keys)
        found = {key: held[key] for key in wanted if key in held}
        rest = [key for key in wanted if key not in held]
        try:
            for first in range(0, len(rest), FACTS_AT_ONCE):
                found |= await self._read(self.file.facts_of, kind, rest[first : first + FACTS_AT_ONCE])
        except OutboxFault as fault:
            log.warning("outbox.facts_left_out", kind=kind, why=str(fault))
        return {key: body for key, body in found.items() if body is not None}

    async def facts(self, kind: str) -> Mapping[str, bytes]:
        """All of this kind, by key; none where they cannot be read."""
        held = {key: body for (one, key), body in self.ledger.unwritten.facts.items() if one == kind}
        try:
            found = {**await self._read(self.file.facts, kind), **held}
        except OutboxFault as fault:
            log.warning("outbox.facts_left_out", kind=kind, why=str(fault))
            found = held
        return {key: body for key, body in found.items() if body is not None}

    def stand(self, agent: str) -> Stand | None:
        """None: this desk has no event yet."""
        standing = self.ledger.standings.get(agent)
        return None if standing is None else Stand(standing.epoch, standing.floor, standing.stored)

    def agents(self) -> Iterable[str]:
        """Whose desks have events."""
        return tuple(self.ledger.standings)

    async def tail(self, agent: str, after: int, until: int) -> list[KeptEvent]:
        standing = self.ledger.standings.get(agent)
        if until <= after:
            return []
        if standing is None or after + 1 < standing.floor or until > standing.newest:
            raise OutboxFault("events of this desk are missing")
        held = self.ledger.unwritten.events(agent, standing.epoch, after, until)
        first = held[0].sequence if held else until + 1
        if held:  # whoever reads it here is sent it before it is stored
            self.keep_heard(agent, standing.epoch, held[-1].sequence)
        stored = await self._read(self.file.events, _row(standing), after, first - 1) if first > after + 1 else []
        if len(stored) + len(held) != until - after:
            raise OutboxFault("events of this desk are missing")
        return stored + held

    async def pops(self, agent: str, calls: Iterable[str]) -> Mapping[str, KeptPop]:
        wanted = frozenset(calls)
        found = {
            call: kept.pop
            for call, kept in self.ledger.unwritten.calls(agent).items()
            if call in wanted and kept.pop is not None
        }
        standing = self.ledger.standings.get(agent)
        if standing is not None and (rest := wanted - found.keys()):
            try:
                found.update(await self._read(self.file.pops, standing.no, rest))
            except OutboxFault as fault:
                log.warning("outbox.pops_left_out", why=str(fault))
        return found

    async def since(self, agent: str, at: datetime, limit: int) -> list[KeptCall]:
        standing = self.ledger.standings.get(agent)
        held = self.ledger.unwritten.calls(agent)
        stored = [] if standing is None else await self._read(self.file.since, _row(standing), at, limit)
        found = {kept.call.id: kept for kept in stored}
        pops = {call: kept.pop for call, kept in found.items() if kept.pop is not None}
        pops |= await self.pops(agent, [call for call, kept in held.items() if kept.pop is None and call not in found])
        for call, kept in held.items():
            found[call] = kept if kept.pop is not None else replace(kept, pop=pops.get(call))
        calls = (kept for kept in found.values() if kept.call.rang_at >= at)
        return sorted(calls, key=lambda kept: (kept.call.rang_at, kept.call.id), reverse=True)[:limit]

    # -- what leaves ---------------------------------------------------------------------------------------------------

    async def purge(self, accounts: frozenset[str]) -> None:
        """The people of these accounts left the store for good: they are gone from what was kept of them, in memory and
        on disk, when this returns. What a desk keeps of them afterwards is its own affair. Raises OutboxFault."""
        await self._leaving(outbox_leaving.purge(self, accounts), "purge")
        self.on_left()

    async def speaking(self, traces: Traces) -> dict[str | None, Level]:
        """Which kept calls speak of who leaves; None: something that belongs to no call. Raises OutboxFault."""
        return await self._leaving(outbox_erasing.speaking(self, traces), "erase")

    async def erase(self, traces: Traces, levels: Mapping[str, Level]) -> Counter[str]:
        """They leave these calls, and all else that is kept, in memory and on disk. Returns how much, by kind. Raises
        OutboxFault."""
        gone = await self._leaving(outbox_erasing.erase(self, traces, levels), "erase")
        self.on_left()
        return gone

    async def forget(self, now: datetime) -> None:
        """What is too old, and calls that nobody can ask for any more. Logs what it cannot."""
        try:
            await self.finish(outbox_leaving.forget(self, now, self._settings.keep))
        except FAULTS as error:
            say(error)

    async def forget_former(self) -> None:
        """The events of epochs that ended unclean. Logs what it cannot."""
        try:
            await self.finish(outbox_leaving.forget_former(self))
        except FAULTS as error:
            say(error)

    async def _forget_for_ever(self) -> None:
        if self.has_begun:
            await self.forget_former()
        pause = self._settings.forget_first
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._forgets.wait()
            self._forgets.clear()
            await self.forget(datetime.now(UTC))
            pause = self._settings.forget_every

    # ------------------------------------------------------------------------------------------------------------------

    async def _leaving(self, work: Coroutine[Any, Any, _T], act: str) -> _T:
        """Raises OutboxFault."""
        try:
            return await self.finish(work)
        except FAULTS as error:
            raise OutboxFault(f"desks.db: {outbox_start.words(error)}; {act} again when that is mended") from None

    async def _read(self, act: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Raises OutboxFault."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader, act, *args, **kwargs)
        except FAULTS as error:
            self._awake.set()
            raise OutboxFault(f"desks.db: {outbox_start.words(error)}") from None


def _row(standing: Standing) -> DeskRow:
    return DeskRow(standing.no, standing.agent, standing.epoch, standing.stored, standing.floor, standing.acked)
