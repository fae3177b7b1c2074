"""Shows what `watch.notification` wants on the desktop, by notify-send; takes it away by busctl, which notify-send
cannot, and where that is missing the desktop lets it expire.

One program at a time: what changes while one runs is looked at afterwards, so a burst of calls costs a few starts.
"""

import asyncio
import contextlib
import os
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from ctibridge.watch.adapters import program
from ctibridge.watch.heard import Heard, Welcome
from ctibridge.watch.notification import Note, Notifications

_SHOW = ("notify-send", "--app-name=ctibridge", "--category=call.incoming", "--expire-time=60000", "--print-id")
_BUS = "org.freedesktop.Notifications"
_CLOSE = ("busctl", "--user", "call", _BUS, "/org/freedesktop/Notifications", _BUS, "CloseNotification", "u")
_PATIENCE = 5.0
_ID = re.compile(rb"[0-9]{1,10}\n?")


class _Shown(NamedTuple):
    """id: as the desktop numbers it; None where it could not be shown."""

    id: str | None
    note: Note


class Notifier:
    """`async with` it for as long as there shall be notifications; at the end it takes away what still stands. say:
    gets one line of text when it begins to fail. Entering raises NoProgram where there is no notify-send.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._notifications = Notifications()
        self._shown: dict[str, _Shown] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._fails = False
        self._ends = False

    async def __aenter__(self) -> Self:
        if shutil.which(_SHOW[0]) is None:
            raise program.NoProgram("--notify: notify-send is not installed; on Debian it is in libnotify-bin")
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """The step on its way is not cut off: a notification whose number nobody has read stands for ever."""
        assert self._task is not None
        self._ends = True
        self._news.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._task, _PATIENCE)

    def welcome(self, welcome: Welcome) -> None:
        self._notifications.welcome(welcome)
        self._news.set()

    def hear(self, event: Heard, now: float) -> None:
        self._notifications.hear(event)
        self._news.set()

    async def _follow(self) -> None:
        while not self._ends:
            await self._news.wait()
            self._news.clear()
            while await self._step():
                pass

    async def _step(self) -> bool:
        """Brings one notification up to what is wanted now; False: all are."""
        wanted = {} if self._ends else self._notifications.wanted()
        for key in self._shown:
            if key not in wanted:
                await self._close(key)
                return True
        for key, note in reversed(wanted.items()):
            if key not in self._shown or self._shown[key].note != note:
                await self._show(key, note)
                return True
        return False

    async def _show(self, key: str, note: Note) -> None:
        before = self._shown[key].id if key in self._shown else None
        replace = [] if before is None else [f"--replace-id={before}"]
        printed = await _run([*_SHOW, *replace, "--", *note])
        shown = before if printed is None or not _ID.fullmatch(printed) else printed.decode().strip()
        self._shown[key] = _Shown(shown, note)
        if printed is None and not self._fails:
            self._say("--notify: notify-send failed; is there a desktop session, with libnotify 0.8 or newer?")
        self._fails = printed is None

    async def _close(self, key: str) -> None:
        shown = self._shown.pop(key)
        if shown.id is not None:
            await _run([*_CLOSE, shown.id])


async def _run(words: list[str]) -> bytes | None:
    """What it printed; None where it failed, or took longer than five seconds."""
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
            env=program.surroundings(os.environ),
            start_new_session=True,  # Ctrl-C is for watch, which then takes notifications away
        )
    except OSError:
        return None
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), _PATIENCE)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed if process.returncode == 0 else None
