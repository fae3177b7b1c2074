"""What a connection missed, read off the loop and shown as its agent may see it now.

Comes in: a `CatchUp`. Goes out: `CaughtUp`. Whatever fails, the connection is greeted: at worst from a snapshot of the
calls without their pops. A disk that hangs keeps those who come first waiting, not ten thousand one after the other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import structlog

from ctibridge.delivery import caught_up
from ctibridge.delivery.caught_up import CaughtUp
from ctibridge.delivery.kept import KeptCall, KeptEvent, KeptPop, Outbox, OutboxFault
from ctibridge.delivery.outputs import CatchUp
from ctibridge.domain.screen_pop import Answer

AT_ONCE = 32
"""Connections that are caught up at the same time, when ten thousand come back."""
WITHIN = 5.0
"""Seconds for reading and for asking again, together."""
REST = 30.0
"""Seconds without reading, once the disk did not answer."""

Ask = Callable[[str, str], Awaitable[Answer | None]]
T = TypeVar("T")
log = structlog.get_logger()


class Hangs(Exception):
    """The disk did not answer in time, and had most of it."""


class CatchingUp:
    """visible: the accounts that an agent may see now. ask: what his pop of a call would say now, or None."""

    def __init__(self, outbox: Outbox, visible: Callable[[str], frozenset[str]], ask: Ask) -> None:
        self._outbox = outbox
        self._visible = visible
        self._ask = ask
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._reads_from = 0.0  # on the loop's clock

    async def read(self, wanted: CatchUp) -> CaughtUp:
        async with self._turns:
            try:
                if self._clock() >= self._reads_from:
                    return await self._read(wanted, self._clock() + WITHIN)
            except Hangs:
                self._rest()
            except TimeoutError:
                log.error("catch_up_failed", session=wanted.session, why=f"nobody answered within {WITHIN:g} s")
            except Exception:
                log.error("catch_up_failed", session=wanted.session, exc_info=True)
            return self._put_together(wanted, None, {}, frozenset())

    async def _read(self, wanted: CatchUp, by: float) -> CaughtUp:
        """by: when it has to be done, on the loop's clock. Raises Hangs, TimeoutError where nobody can say in time what
        a pop would be now, and whatever else fails."""
        agent, visible = wanted.agent, self._visible(wanted.agent)
        events = await _from_disk(by, self._tail(wanted))
        began = self._clock()
        asked = await self._asked(by, agent, caught_up.to_ask(events or (), {}, visible))
        asking = self._clock() - began
        shown = None if events is None else _now(events, visible, asked)
        calls = [known.call.id for known in wanted.calls if known.newest is None or shown is None]
        pops = await _from_disk(by, self._outbox.pops(agent, calls), asking) if calls else {}
        asked |= await self._asked(by, agent, caught_up.to_ask((), pops, visible) - asked.keys())
        return self._put_together(wanted, shown, _pops_now(pops, visible, asked), visible)

    async def _asked(self, by: float, agent: str, calls: frozenset[str]) -> dict[str, Answer]:
        async with asyncio.timeout_at(by):
            return {call: answer for call in sorted(calls) if (answer := await self._ask(agent, call)) is not None}

    def _rest(self) -> None:
        """Said once, though many waited for the same disk."""
        now = self._clock()
        if now >= self._reads_from:
            log.error("outbox_hangs", seconds=WITHIN, reads_again_in=REST)
            self._reads_from = now + REST

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()

    async def _tail(self, wanted: CatchUp) -> Sequence[KeptEvent] | None:
        if wanted.after is None:
            return None
        try:
            return await self._outbox.tail(wanted.agent, wanted.after, wanted.until)
        except OutboxFault as fault:
            log.warning("tail_unreadable", session=wanted.session, why=str(fault))
            return None

    def _put_together(
        self,
        wanted: CatchUp,
        events: tuple[KeptEvent, ...] | None,
        pops: Mapping[str, bytes],
        visible: frozenset[str],
    ) -> CaughtUp:
        with_pops: list[tuple[KeptCall, bytes | None]] = [(known, pops.get(known.call.id)) for known in wanted.calls]
        return CaughtUp(
            events,
            tuple(caught_up.call_now(known, pop, visible) for known, pop in with_pops),
            tuple(caught_up.detail(known, pop, visible) for known, pop in with_pops),
        )


async def _from_disk(by: float, reading: Awaitable[T], asking: float = 0.0) -> T:
    """asking: seconds that were not the disk's, of those until `by`. Raises Hangs, TimeoutError where asking took most
    of the time: what was left says nothing about the disk."""
    try:
        async with asyncio.timeout_at(by):
            return await reading
    except TimeoutError:
        if asking > WITHIN / 2:
            raise
        raise Hangs from None


def _now(
    events: Sequence[KeptEvent], visible: frozenset[str], asked: Mapping[str, Answer]
) -> tuple[KeptEvent, ...] | None:
    """None where one of them cannot be shown."""
    shown = [caught_up.event_now(event, visible, asked) for event in events]
    known = tuple(event for event in shown if event is not None)
    return known if len(known) == len(shown) else None


def _pops_now(pops: Mapping[str, KeptPop], visible: frozenset[str], asked: Mapping[str, Answer]) -> dict[str, bytes]:
    """Without those that cannot be shown."""
    hidden = {call: pop for call, pop in pops.items() if caught_up.hides(pop.accounts, visible)}
    shown = {call: pop.data for call, pop in pops.items() if call not in hidden}
    return shown | {call: caught_up.pop_now(pop.data, asked[call]) for call, pop in hidden.items() if call in asked}
