"""A terminal that is left open: draws the board when something happens and once a second, and goes as it came."""

import asyncio
import contextlib
import os
import signal
import sys
import termios
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live

from ctibridge.watch import words
from ctibridge.watch.adapters.screen import Screen
from ctibridge.watch.board import Board, State

_EVERY = 1.0
"""Seconds: a ringing that grows older, a wait that grows shorter."""
_REST = 0.05
"""Seconds between two drawings: a thousand events that are replayed are a few pictures, of 25 ms each."""
_KEEP_TITLE, _TITLE_AGAIN = "\x1b[22;0t", "\x1b[23;0t"  # xterm: puts the window's title aside, and takes it back
_CUT, _WRAP = "\x1b[?7l", "\x1b[?7h"
"""DECAWM: terminals do not agree how wide a sign of a name is, and what is too long must not push the rest upwards."""
_KEYS = (termios.VSUSP, termios.VQUIT)  # stopped or killed by these it would leave its screen behind
_NO_KEY = b"\0"  # _POSIX_VDISABLE
_ESCAPE = b"\x1b"


class Terminal:
    """`with Terminal(board, leave) as terminal`, inside a loop. leave: what `q` does."""

    def __init__(self, board: Board, leave: Callable[[], object], console: Console | None = None) -> None:
        self._board = board
        self._leave = leave
        self._console = console or Console()
        self._live = Live(
            console=self._console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._soon: asyncio.TimerHandle | None = None
        self._rested_at = 0.0
        self._modes: list[int | list[bytes | int]] | None = None
        self._title = ""

    def __enter__(self) -> Self:
        self._console.file.write(_KEEP_TITLE)
        self._live.start()
        self._console.file.write(_CUT)
        self._listen()
        self._loop.add_signal_handler(signal.SIGWINCH, self.show)
        self._tick()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in (self._timer, self._soon):
            if timer is not None:
                timer.cancel()
        self._loop.remove_signal_handler(signal.SIGWINCH)
        # A window that was closed takes nothing back, and each of these has to be tried.
        for undo in (self._unlisten, self._live.stop, self._as_before):
            with contextlib.suppress(OSError, termios.error):
                undo()

    def show(self) -> None:
        """Draws it at once; where it has just been drawn, a moment later."""
        wait = self._rested_at - self._loop.time()
        if wait <= 0:
            self._draw()
        elif self._soon is None:
            self._soon = self._loop.call_later(wait, self._draw)

    def _draw(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        now = time.time()
        self._board.tick(now)
        self._name_window(now)
        self._live.update(Screen(self._board, now), refresh=True)
        self._rested_at = self._loop.time() + _REST

    def _as_before(self) -> None:
        self._console.file.write(_WRAP + _TITLE_AGAIN)
        self._console.file.flush()

    def _tick(self) -> None:
        self._timer = self._loop.call_later(_EVERY, self._tick)
        self.show()

    def _name_window(self, now: float) -> None:
        """Where another window is in front, its list of windows names who is called, as far as a notification may."""
        title = _title(self._board, now)
        if title != self._title and self._console.is_terminal:
            self._title = title
            self._console.set_window_title(title)

    def _listen(self) -> None:
        """What is typed is not shown, and `q` leaves (as Ctrl-C does)."""
        if sys.stdin is None or not sys.stdin.isatty():  # None: it was closed by who started us
            return
        fd = sys.stdin.fileno()
        self._modes = termios.tcgetattr(fd)
        modes = termios.tcgetattr(fd)
        modes[3] &= ~(termios.ECHO | termios.ICANON)
        for key in _KEYS:
            modes[6][key] = _NO_KEY
        termios.tcsetattr(fd, termios.TCSADRAIN, modes)
        self._loop.add_reader(fd, self._typed, fd)

    def _typed(self, fd: int) -> None:
        try:
            typed = os.read(fd, 64)
        except OSError:
            typed = b""
        if not typed:
            self._loop.remove_reader(fd)
        elif leaves(typed):
            self._leave()

    def _unlisten(self) -> None:
        if self._modes is not None:
            fd = sys.stdin.fileno()
            self._loop.remove_reader(fd)
            termios.tcsetattr(fd, termios.TCSAFLUSH, self._modes)


def leaves(typed: bytes) -> bool:
    """Somebody typed `q`, and no key without a letter, which comes as a sequence that may have one."""
    return b"q" in typed.lower() and not typed.startswith(_ESCAPE)


def _title(board: Board, now: float) -> str:
    row = board.main(now)
    if row is None or not row.rings or board.link.state is not State.LIVE:
        return "ctibridge" if board.link.state is State.LIVE else "ctibridge: not connected"
    if board.notification == "none":
        return "● a call rings"
    said = [words.company(row.call, row.pop), words.tongue(row.pop)]
    return f"● {' · '.join(filter(None, said))}"
