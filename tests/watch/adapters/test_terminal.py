"""A terminal of its own: a pseudo terminal, read as the one who looks at it."""

import asyncio
import contextlib
import os
import pty
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from ctibridge.watch.adapters import terminal as terminal_module
from ctibridge.watch.adapters.terminal import Terminal, leaves
from tests.peers.process import until
from tests.watch.adapters.drawn import board
from tests.watch.examples import ringing


@dataclass
class Seat:
    """far: the side of the one who looks and types; console: what is drawn on; fd: our side."""

    far: int
    console: Console
    fd: int
    seen: bytes = b""

    async def sees(self, text: str) -> None:
        """Waits until that was drawn, since the last time that something was waited for."""

        def looked() -> bool:
            with contextlib.suppress(BlockingIOError):
                self.seen += os.read(self.far, 1 << 16)
            return text.encode() in self.seen

        await until(looked, f"{text!r} on the screen", 5)
        self.seen = self.seen.partition(text.encode())[2]

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)


@pytest.fixture
def seat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seat]:
    far, near = pty.openpty()
    os.set_blocking(far, False)
    with os.fdopen(os.dup(near), "w", encoding="utf-8") as file, os.fdopen(near, encoding="utf-8") as typed:
        monkeypatch.setattr(sys, "stdin", typed)
        yield Seat(far, Console(file=file, force_terminal=True, width=80, height=24, color_system=None), near)
    os.close(far)


async def test_it_shows_takes_q_and_leaves_the_terminal_as_it_was(seat: Seat) -> None:
    left = asyncio.Event()
    told = board()
    told.notification = "company"
    with Terminal(told, left.set, seat.console) as terminal:
        assert not seat.echoes()
        await seat.sees("\x1b[?1049h")  # a screen of its own
        await seat.sees("No call rings")
        told.hear(ringing(), 0.0)
        terminal.show()
        await seat.sees("\x1b]0;● ACME IT Service Desk · Deutsch (Schweiz)\x07")
        await seat.sees("Grüezi")
        os.write(seat.far, b"xq")
        await asyncio.wait_for(left.wait(), 5)
    assert seat.echoes()
    await seat.sees("\x1b[?25h")  # with its cursor
    await seat.sees("\x1b[23;0t")  # and its title


@pytest.mark.parametrize(
    ("privacy", "title"), [("none", "● a call rings"), ("full", "● ACME IT Service Desk · Deutsch (Schweiz)")]
)
async def test_the_windows_title_tells_no_more_than_a_notification_may(seat: Seat, privacy: str, title: str) -> None:
    told = board(ringing())
    told.notification = privacy
    with Terminal(told, lambda: None, seat.console):
        await seat.sees(f"\x1b]0;{title}\x07")


async def test_it_draws_by_itself_as_time_goes_on(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_module, "_EVERY", 0.02)
    with Terminal(board(), lambda: None, seat.console):
        for _ in range(2):
            await seat.sees("No call rings")


async def test_a_replay_of_a_thousand_events_is_a_few_pictures_and_the_last_one_is_seen(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = 0
    draw = Terminal._draw

    def counted(terminal: Terminal) -> None:
        nonlocal drawn
        drawn += 1
        draw(terminal)

    monkeypatch.setattr(Terminal, "_draw", counted)
    monkeypatch.setattr(terminal_module, "_EVERY", 60.0)
    told = board()
    with Terminal(told, lambda: None, seat.console) as terminal:
        for _ in range(999):
            terminal.show()
        told.hear(ringing(), 0.0)
        terminal.show()
        await seat.sees("Grüezi")
        terminal.show()  # what is still to be drawn when it is left is not drawn over what was there before
    assert 2 <= drawn < 20


async def test_who_types_nothing_any_more_is_shown_everything_all_the_same(seat: Seat) -> None:
    """Standard input that is no terminal, as of a program that starts it, or closed."""
    with Path(os.devnull).open(encoding="utf-8") as nothing, pytest.MonkeyPatch.context() as patch:
        for stdin in (nothing, None):
            patch.setattr(sys, "stdin", stdin)
            with Terminal(board(), lambda: None, seat.console):
                assert seat.echoes()
                await seat.sees("No call rings")


def test_q_leaves_and_other_keys_do_not() -> None:
    assert [leaves(typed) for typed in (b"q", b"Q", b"xq", b"x", b"\x1b[1;5q", b"\r")] == [True] * 3 + [False] * 3
