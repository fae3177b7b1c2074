"""Shows what `watch.notification` wants on the desktop, by the bus of its session.

One call at a time: what changes while one is on its way is looked at afterwards, so a burst of calls costs a few.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from ctibridge.watch.adapters.desktop import Desktop
from ctibridge.watch.adapters.session_bus import PATIENCE, BusError, NoBus, socket_of
from ctibridge.watch.heard import Heard, Welcome
from ctibridge.watch.notification import Notifications
from ctibridge.watch.standing import Close, Show, Standing

_AGAIN = 5.0
"""Seconds until what failed is tried again."""


class Notifier:
    """`async with` it for as long as there shall be notifications; at the end it takes away what still stands. say:
    gets one line of text when it begins to fail; it goes on by itself. Raises NoBus where there is no session.
    """

    def __init__(self, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        try:
            path = socket_of(environment)
        except NoBus as none:
            raise NoBus(f"--notify: {none}") from None
        self._say = say
        self._notifications = Notifications()
        self._standing = Standing()
        self._desktop = Desktop(path, self._standing.gone, self._anew)
        self._news = asyncio.Event()
        self._end = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._fails = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """The step on its way is not cut off: a notification whose number nobody has read could not be taken away."""
        assert self._task is not None
        self._end.set()
        self._news.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._task, PATIENCE)
        await self._desktop.leave()

    def welcome(self, welcome: Welcome) -> None:
        self._notifications.welcome(welcome)
        self._news.set()

    def hear(self, event: Heard, now: float) -> None:
        self._notifications.hear(event)
        self._news.set()

    def _anew(self) -> None:
        self._standing.forget()
        self._news.set()

    async def _follow(self) -> None:
        while not self._end.is_set():
            self._news.clear()
            try:
                await self._desktop.open()
                await self._bring()
            except BusError as error:
                self._failed(error)
                await self._pause()
            else:
                self._fails = False
                await self._news.wait()
        with contextlib.suppress(BusError):
            await self._bring()

    async def _bring(self) -> None:
        """Brings what stands there up to what is wanted now; at the end: nothing."""
        while step := self._standing.step({} if self._end.is_set() else self._notifications.wanted()):
            match step:
                case Close(number):
                    await self._desktop.close(number)
                case Show(_, note, replaces):
                    self._standing.shown(step, await self._desktop.show(note, replaces))

    def _failed(self, error: BusError) -> None:
        if not self._fails:
            self._say(f"--notify: {error}")
        self._fails = True

    async def _pause(self) -> None:
        """Not cut short by news, which may come as fast as it fails."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._end.wait(), _AGAIN)
