"""Opens the pages that `watch.opening` asks for, in the agent's own browser.

The program gets a one-time address in place of the page's (`redirect`), as one argument; it has a session of its own,
reads nothing and is heard nowhere: it outlives watch and its Ctrl-C. Nobody waits for it, and nothing ends it:
`xdg-open` stays for as long as a browser that it had to start.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import NamedTuple, Self

from ctibridge.watch.adapters import program
from ctibridge.watch.adapters.redirect import WITHIN, Redirect
from ctibridge.watch.browser_command import commands, filled
from ctibridge.watch.heard import Heard, Welcome
from ctibridge.watch.opening import Opening


def browser_command(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The program that opens pages, with its words. Raises NoProgram where none is installed, ValueError where a
    variable cannot be read; both are one line with the mend."""
    for words in commands(environment):
        if shutil.which(words[0], path=environment.get("PATH")):
            return words
    raise program.NoProgram("--open: no browser was found; name one in BROWSER, or install xdg-utils")


class _Started(NamedTuple):
    pid: int
    leading: asyncio.Task[None]


class Browser:
    """`async with` it for as long as pages shall be opened. say: gets one line of text when the program fails, without
    the address, which names the caller."""

    def __init__(self, command: tuple[str, ...], say: Callable[[str], None]) -> None:
        self._command = command
        self._say = say
        self._opening = Opening()
        self._timer: asyncio.TimerHandle | None = None
        self._running: dict[int, _Started] = {}
        self._leading: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for descriptor in list(self._running):
            self._forget(descriptor)
        for task in self._leading:
            task.cancel()
        await asyncio.gather(*self._leading, return_exceptions=True)

    def welcome(self, welcome: Welcome) -> None:
        self._opening.welcome(welcome)
        self._look()

    def hear(self, event: Heard, now: float) -> None:
        """now: not looked at, as the timer needs the loop's own."""
        self._opening.hear(event)
        self._look()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._opening.due()
        if due is None:
            return
        if (url := self._opening.page(loop.time())) is None:
            self._timer = loop.call_at(due, self._look)
        else:
            self._start(url)

    def _start(self, url: str) -> None:
        try:
            redirect = Redirect(url)
        except OSError as error:
            self._say(f"--open: no port on loopback: {error.strerror}")
            return
        try:
            pid = program.spawn(filled(self._command, redirect.address))
        except OSError as error:
            redirect.close()
            self._say(f"--open: {self._command[0]}: {error.strerror}")
            return
        leading = asyncio.get_running_loop().create_task(self._lead(redirect))
        self._leading.add(leading)
        leading.add_done_callback(self._leading.discard)
        leading.add_done_callback(lambda _: redirect.close())  # also where it was ended before it began
        # Readable when the program ends: it is to leave no zombie behind, and a failure is worth a line.
        descriptor = os.pidfd_open(pid)
        self._running[descriptor] = _Started(pid, leading)
        asyncio.get_running_loop().add_reader(descriptor, self._ended, descriptor)

    async def _lead(self, redirect: Redirect) -> None:
        if not await redirect.serve():
            self._say(f"--open: no browser came for its page in {WITHIN:.0f} s; it has to run here, as this user")

    def _ended(self, descriptor: int) -> None:
        started = self._running[descriptor]
        _, status = os.waitpid(started.pid, 0)
        self._forget(descriptor)
        if status != 0:
            started.leading.cancel()
            self._say(f"--open: {self._command[0]} failed with status {os.waitstatus_to_exitcode(status)}")

    def _forget(self, descriptor: int) -> None:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)
        del self._running[descriptor]
