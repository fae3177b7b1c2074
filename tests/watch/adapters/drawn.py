"""What a terminal of that size shows, as lines of text."""

import io
from typing import Any

from rich.console import Console

from ctibridge.watch.adapters.screen import Screen
from ctibridge.watch.board import Board
from ctibridge.watch.heard import Heard
from tests.watch.examples import AT, welcome


def board(*events: Heard, **told: Any) -> Board:
    made = Board()
    made.welcome(welcome(**({"live_only": False} | told)), AT)
    for one in events:
        made.hear(one, AT + 5)
    return made


def console(width: int = 80, height: int = 24, *, colours: bool = False) -> Console:
    system = "truecolor" if colours else None
    return Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=system)  # type: ignore[arg-type]


def raw(of: Board, width: int = 80, height: int = 24, *, after: float = 7.0, colours: bool = False) -> str:
    on = console(width, height, colours=colours)
    on.print(Screen(of, AT + after), end="")
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def drawn(of: Board, width: int = 80, height: int = 24, *, after: float = 7.0) -> list[str]:
    lines = raw(of, width, height, after=after).split("\n")
    assert len(lines) == height
    return lines
