"""Whatever stands in a frame, in every place of it at once: a terminal gets text, and a notification no markup."""

import io
import json
import re
from typing import Any

import pytest

from ctibridge.watch import heard
from ctibridge.watch.adapters.desk import Said
from ctibridge.watch.adapters.terminal import _title
from ctibridge.watch.adapters.views import Sentences
from ctibridge.watch.board import Board
from ctibridge.watch.heard import Heard, Welcome
from ctibridge.watch.notification import Notifications, markup
from tests.delivery.golden_files import GOLDEN
from tests.watch.adapters.drawn import raw
from tests.watch.examples import AT

EVIL = "\x1b]0;owned\x07\x9b2J\x1b[31m\u202e\u2066[bold]owned[/bold]\u200b\r\n\u0301<b>\\074"
KEPT = {"specversion", "type", "sequence", "state", "status", "presentation", "outcome", "notification", "rang_at"}
"""Without these nothing would be shown at all."""
FRAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))
POPS = [name for name in FRAMES if name.startswith(("call.ringing", "call.updated"))]
DRAWING = re.compile(r"\x1b\[[0-9;]*m")
UNSHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


def poisoned(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: poisoned(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, key) for inner in value]
    return EVIL if isinstance(value, str) and key not in KEPT else value


def frames(name: str) -> list[tuple[str, Heard | Welcome]]:
    """The welcome without and with its own poison, then the frame."""
    found = []
    for text in (json.dumps(poisoned(json.loads((GOLDEN / f"{one}.json").read_text()))) for one in ("welcome", name)):
        frame = heard.read(text)
        if isinstance(frame, Heard | Welcome):
            found.append((text, frame))
    return found


@pytest.mark.parametrize("name", FRAMES)
def test_the_screen_gets_text(name: str) -> None:
    board, seen = Board(), ""
    for _, frame in frames(name):
        if isinstance(frame, Welcome):
            board.welcome(frame, AT)
        else:
            board.hear(frame, AT + 1)
        title = _title(board, AT + 2)
        assert not UNSHOWN.search(title), title
        for size in ((80, 24), (200, 60), (30, 8)):
            seen += DRAWING.sub("", raw(board, *size, after=2.0, colours=True))
    assert "owned" in seen
    assert not UNSHOWN.search(seen)
    assert "[bold]" in seen, "no markup is read"


@pytest.mark.parametrize("name", FRAMES)
def test_a_pipe_gets_lines_of_text(name: str) -> None:
    out = io.StringIO()
    view = Sentences(out)
    for text, frame in frames(name):
        view.said(Said(text, frame))
    assert "owned" in out.getvalue()
    assert not UNSHOWN.search(out.getvalue())
    assert all(re.match(r"\d\d:\d\d:\d\d  ", line) for line in out.getvalue().splitlines())


@pytest.mark.parametrize("name", POPS)
def test_a_notification_has_no_markup_of_anybody(name: str) -> None:
    notifications = Notifications()
    for _, frame in frames(name):
        if isinstance(frame, Welcome):
            notifications.welcome(frame)
        else:
            notifications.hear(frame)
    notes = notifications.wanted().values()
    assert notes
    for note in notes:
        assert not UNSHOWN.search(note.title + note.body)
        assert not set("<>") & set(note.title + markup(note.body))
