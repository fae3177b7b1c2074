"""What is told of one call at one desk comes in order, however slow the store is; calls and desks do not wait for each
other: that a colleague's answer takes longer is not to be noticed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

log = structlog.get_logger()
Step = Callable[[], Awaitable[None]]


class Tails:
    """The last step of each call and desk that has not been done yet. deliver: carries out what the desks have to
    say."""

    def __init__(self, deliver: Callable[[], None]) -> None:
        self._last: dict[str, dict[str, asyncio.Task[None]]] = {}
        self._deliver = deliver

    def __contains__(self, call: object) -> bool:
        """Does any desk of it wait?"""
        return call in self._last

    def free(self, call: str, agents: Iterable[str]) -> bool:
        """Does nothing wait at these desks?"""
        return call not in self._last or self._last[call].keys().isdisjoint(agents)

    def behind(self, call: str, agents: frozenset[str], step: Step) -> None:
        """Runs `step` when all earlier steps of these desks are done. A step that fails costs itself alone."""
        last = self._last.setdefault(call, {})
        before = {last[agent] for agent in agents if agent in last}
        task = asyncio.get_running_loop().create_task(self._run(call, agents, before, step))
        last.update(dict.fromkeys(agents, task))

    async def drain(self) -> None:
        """Until everything that waits now is done."""
        await asyncio.gather(*{task for last in self._last.values() for task in last.values()})

    async def _run(self, call: str, agents: frozenset[str], before: set[asyncio.Task[None]], step: Step) -> None:
        if before:
            await asyncio.wait(before)
        try:
            await step()
        except Exception:
            log.error("step_failed", call=call, exc_info=True)
        self._deliver()
        self._done(call, agents)

    def _done(self, call: str, agents: frozenset[str]) -> None:
        last, task = self._last[call], asyncio.current_task()
        for agent in agents:
            if last.get(agent) is task:
                del last[agent]
        if not last:
            del self._last[call]
