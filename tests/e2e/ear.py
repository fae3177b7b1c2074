"""A trunk of ours that runs in the test's own loop, and what it said: of its lines, and of what rang."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.events import Event, Hearing, LineChanged
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from tests.peers.kamailio import Kamailio

PHONE = "sip:phone@127.0.0.9:5999"


class Ear:
    """facts: all of them, in order."""

    def __init__(self, registrar: str, lines: dict[str, str], listen: str, **keys: object) -> None:
        access = tuple(LineAccess(user, user, password, ("ana",)) for user, password in lines.items())
        settings = TrunkSettings(name="pbx", registrar=registrar, listen=listen, **keys)  # type: ignore[arg-type]
        self.facts: list[Event] = []
        self._last: dict[str, LineChanged] = {}
        self.service = TrunkService(settings, TrunkAccess(access), self._hear)
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.service.bind()
        self._task = asyncio.create_task(self.service.run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            await self.service.stop()
            self._task = None

    def changes(self, line: str) -> list[LineChanged]:
        """All that was said about a line."""
        return [fact for fact in self.facts if isinstance(fact, LineChanged) and fact.line == line]

    def state(self, line: str) -> Hearing | None:
        """As it was said last; None: not yet."""
        said = self._last.get(line)
        return None if said is None else said.hearing

    def why(self, line: str) -> str:
        said = self._last.get(line)
        return "" if said is None else said.why

    async def are(self, state: Hearing, *lines: str, timeout: float = 10) -> None:
        try:
            await self.until(lambda: {self.state(line) for line in lines} == {state}, timeout)
        except TimeoutError:
            other = [(line, self.state(line), self.why(line)) for line in lines if self.state(line) != state]
            raise AssertionError(f"{len(other)} not {state} within {timeout} s, first {other[:5]}") from None

    async def until(self, holds: Callable[[], bool], timeout: float = 10) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not holds():
                self._news.clear()
                await self._news.wait()

    def _hear(self, event: Event) -> None:
        self.facts.append(event)
        if isinstance(event, LineChanged):
            self._last[event.line] = event
        self._news.set()


MakeEar = Callable[..., Awaitable[Ear]]


async def beside_a_phone(pbx: Kamailio, *lines: str) -> None:
    for line in lines:
        await pbx.add_contact(line, PHONE)
