"""Drives `Member`: carries its requests to the registry, wakes it in time, and tells the application all else.

Comes in: time, and what the application has done (`said`). Goes out: what `Member` says, in order, in the loop. What
fails at the application costs itself alone: a node that asked no more would lose all that it has.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.beat import Beat, Refused
from ctibridge.cluster.member import Member
from ctibridge.cluster.outputs import Ask, Left, Output
from ctibridge.cluster.view import View

LOOKS_EVERY = 0.05
"""Seconds between two looks at whether the last call here has ended."""
GIVES_IN = 0.75
"""Of the time to leave: for lots that others may take. In the rest what is left is released."""

log = structlog.get_logger()


class Registry(Protocol):
    async def ask(self, beat: Beat) -> View | Refused:
        """Raises RedisFault."""


def clock() -> float:
    """Seconds that go on while the machine sleeps, and that nobody sets: see `Lease`."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Membership:
    """member: driven by this alone. carry: does what it says; looked: called when all that an answer, none, or the time
    led to is said."""

    def __init__(
        self, member: Member, registry: Registry, carry: Callable[[Output], None], looked: Callable[[], None]
    ) -> None:
        self.member = member
        self._registry = registry
        self._carry = carry
        self._looked = looked
        self._asking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._left = asyncio.Event()
        self._fault = ""
        self._is_saying = False
        self._is_over = False

    async def run(self) -> None:
        """Until it is cancelled. Whoever wants to leave orderly calls `leave` before."""
        try:
            self.member.wake(clock())
            self.said()
            await asyncio.Event().wait()
        finally:
            self._is_over = True
            if self._timer is not None:
                self._timer.cancel()
            if self._asking is not None:
                self._asking.cancel()
                await asyncio.wait({self._asking})

    async def leave(self, patience: float, rings: Callable[[], bool]) -> None:
        """Gives all lots away; returns when that is done, or given up: within so many seconds. Without Redis there is
        nobody to give anything to. rings: does a call still ring here, of which only this node can say how it ends?"""
        self.member.drain(clock(), 0.0 if self.member.alone else GIVES_IN * patience)
        self.said()
        looking = asyncio.get_running_loop().create_task(self._fall_silent(rings))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._left.wait()
        looking.cancel()

    async def _fall_silent(self, rings: Callable[[], bool]) -> None:
        while self.member.held or rings():  # noqa: ASYNC110 - neither machine has waiters
            await asyncio.sleep(LOOKS_EVERY)
        self.member.silent(clock())
        self.said()

    def said(self) -> None:
        """After each input of `member`: carries out what it says. Also from within what is carried out: what comes of
        that waits until all before it is done."""
        if self._is_saying or self._is_over:
            return
        self._is_saying = True
        while outputs := self.member.outputs():
            for output in outputs:
                self._say(output)
        self._is_saying = False
        self._rearm()

    def _say(self, output: Output) -> None:
        match output:
            case Ask():
                self._asking = asyncio.get_running_loop().create_task(self._ask(output))
            case Left():
                self._left.set()
            case _:
                self._guarded(lambda: self._carry(output), output)

    def _guarded(self, act: Callable[[], None], of: object) -> None:
        try:
            act()
        except Exception:
            log.error("cluster_step_failed", step=type(of).__name__, exc_info=True)

    async def _ask(self, ask: Ask) -> None:
        try:
            async with asyncio.timeout(ask.patience):
                answer = await self._registry.ask(ask.beat)
        except (RedisFault, TimeoutError) as fault:
            self._failed(str(fault) or f"no answer within {ask.patience:g} s")
            self.member.failed(ask.beat, clock())
        except Exception:
            log.error("cluster_step_failed", step="Ask", exc_info=True)
            self._failed("Redis's answer could not be read")
            self.member.failed(ask.beat, clock())
        else:
            self._fault = ""
            self.member.answered(ask.beat, answer, clock())
        self.said()
        self._guarded(self._looked, ask)

    def _failed(self, why: str) -> None:
        """Said once for each reason in a row."""
        if why != self._fault:
            log.warning("redis_failed", why=why)
        self._fault = why

    @property
    def fault(self) -> str:
        """Why the last request had no answer; "" where it had one."""
        return self._fault

    def _rearm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.member.deadline
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(max(due - clock(), 0.0), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.member.wake(clock())
        self.said()
        self._guarded(self._looked, self.member)
