"""What of the stream goes to standard output: a screen, lines for people, or events for programs."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from io import TextIOWrapper
from typing import Protocol, TextIO

from rich.console import Console

from ctibridge.watch import lines
from ctibridge.watch.adapters.desk import Said
from ctibridge.watch.adapters.terminal import Terminal
from ctibridge.watch.board import Board, Link, seconds
from ctibridge.watch.heard import Heard, Pong, Welcome


def for_people() -> "View":
    """The whole terminal, where there is one that can be drawn on."""
    return OnScreen() if sys.stdout.isatty() and not Console().is_dumb_terminal else Sentences()


class View(Protocol):
    """`with view.open(leave):` while the desk is listened to. leave: ends it. Everything may raise BrokenPipeError."""

    def open(self, leave: Callable[[], object]) -> AbstractContextManager[object]: ...

    def link(self, link: Link) -> None: ...

    def said(self, said: Said) -> None: ...

    def remark(self, text: str) -> None:
        """Something of our own does not work: one line."""


class Events:
    """Each event, one a line; how the connection is goes to standard error."""

    def __init__(self, out: TextIO = sys.stdout, beside: TextIO = sys.stderr) -> None:
        if isinstance(out, TextIOWrapper):
            out.reconfigure(encoding="utf-8")  # whatever the terminal's: JSON between programs (RFC 8259, 8.1)
        self._out, self._beside = out, beside

    def open(self, leave: Callable[[], object]) -> AbstractContextManager[object]:
        return nullcontext()

    def link(self, link: Link) -> None:
        if (text := lines.of_link(link, time.time())) is not None:
            self.remark(text)

    def said(self, said: Said) -> None:
        match said.frame:
            case Welcome() as welcome:
                self.remark(lines.of_welcome(welcome))
            case Heard():
                print(_one_line(said.text), file=self._out, flush=True)

    def remark(self, text: str) -> None:
        print(f"ctibridge: {text}", file=self._beside, flush=True)


def _one_line(text: str) -> str:
    """The same values in JSON (RFC 8259), in which nothing ends a line or is obeyed by a terminal: such a sign is
    spelled (7), and what may end a line between JSON's words is a blank (2)."""

    def spelled(one: str) -> str:
        return " " if one in "\t\r\n" else json.dumps(one)[1:-1]

    return text if text.isprintable() else "".join(one if one.isprintable() else spelled(one) for one in text)


class Sentences:
    """One line for each change, with its time on this machine's clock."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._board = Board()

    def open(self, leave: Callable[[], object]) -> AbstractContextManager[object]:
        return nullcontext()

    def link(self, link: Link) -> None:
        self._board.link = link
        self._say(lines.of_link(link, time.time()))

    def said(self, said: Said) -> None:
        now = time.time()
        match said.frame:
            case Welcome() as welcome:
                self._board.welcome(welcome, now)
                self._say(lines.of_welcome(welcome))
                for row in self._board.going_on():
                    self._say(lines.of_row(row, welcome.agent))
            case Heard(data=data) as event if data.call is not None:
                before = self._board.row(data.call.id)
                self._board.hear(event, now)
                after = self._board.row(data.call.id)
                self._say(lines.of_change(before, after, self._board.agent), seconds(event.time))
            case Heard(type="notice") as event:
                self._say(lines.of_notice(event), seconds(event.time))

    def remark(self, text: str) -> None:
        self._say(text)

    def _say(self, text: str | None, at: float | None = None) -> None:
        """at: when it happened, Unix seconds; of a replay that is no longer now."""
        if text:
            happened = datetime.fromtimestamp(time.time() if at is None else at).astimezone()
            print(f"{happened:%H:%M:%S}  {text}", file=self._out, flush=True)


class OnScreen:
    """The whole terminal."""

    def __init__(self) -> None:
        self._board = Board()
        self._terminal: Terminal | None = None

    def open(self, leave: Callable[[], object]) -> AbstractContextManager[object]:
        self._terminal = Terminal(self._board, leave)
        return self._terminal

    def link(self, link: Link) -> None:
        self._board.link = link
        self._show()

    def said(self, said: Said) -> None:
        now = time.time()
        match said.frame:
            case Welcome() as welcome:
                self._board.welcome(welcome, now)
            case Heard() as event:
                self._board.hear(event, now)
            case Pong(lines=now_heard):
                self._board.lines = now_heard
        self._show()

    def remark(self, text: str) -> None:
        self._board.remark(text, time.time())
        self._show()

    def _show(self) -> None:
        if self._terminal is not None:
            self._terminal.show()
