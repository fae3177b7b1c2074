import io
import json
import re
from typing import Any

from ctibridge.watch.adapters.desk import Said
from ctibridge.watch.adapters.views import Events, Sentences
from ctibridge.watch.board import Link, State
from ctibridge.watch.heard import read
from tests.watch.examples import frame


def said(text: str) -> Said:
    made = read(text)
    assert made is not None
    return Said(text, made)


def named(name: str, **data: Any) -> Said:
    return said(json.dumps(frame(name, **data)))


def test_programs_get_utf_8_whatever_the_terminal_is_of() -> None:
    written = io.BytesIO()
    with io.TextIOWrapper(written, encoding="latin-1") as out:
        text = json.dumps(frame("call.ringing") | {"remark": "佐藤"}, ensure_ascii=False)
        Events(out).said(said(text))
        assert written.getvalue().decode() == text + "\n"


def test_programs_get_events_as_they_came_one_a_line_and_nothing_else() -> None:
    out, beside = io.StringIO(), io.StringIO()
    view = Events(out, beside)
    pretty = json.dumps(frame("call.ringing"), indent=1)
    with view.open(lambda: None):
        for one in (named("welcome"), said(pretty), named("pong"), named("call.ended")):
            view.said(one)
        view.link(Link(State.LOST, "gone", 0.0))
    lines = out.getvalue().splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["call.ringing", "call.ended"]
    assert json.loads(lines[0]) == json.loads(pretty)
    first, last = beside.getvalue().splitlines()
    assert first.startswith("ctibridge: connected as ")
    assert last.startswith("ctibridge: not connected: calls do not appear here")


NAME = "a\u2028b\u0085c \u009b31m\u007f\u202e\U000e0041 Š 王"


def test_a_text_that_a_terminal_obeys_or_that_ends_a_line_is_spelled() -> None:
    out = io.StringIO()
    text = json.dumps(frame("notice", text=NAME), ensure_ascii=False, indent="\t")
    Events(out).said(said(text))
    assert out.getvalue()[:-1].isprintable()
    assert "Š 王" in out.getvalue()
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue()) == json.loads(text), "and says the same"


def test_people_without_a_screen_get_a_line_for_each_change() -> None:
    out = io.StringIO()
    view = Sentences(out)
    with view.open(lambda: None):
        for one in (
            named("welcome", calls=[], lines=[{"line": "6001", "state": "registered"}]),
            named("call.ringing"),
            named("call.ringing"),
            named("call.ended", call={"outcome": "abandoned"}),
            named("notice"),
            named("pong"),
        ):
            view.said(one)
        view.link(Link(State.LOST, "the service restarts", 0.0))
        view.remark("--open: firefox failed")
    lines = out.getvalue().splitlines()
    assert all(re.match(r"[0-2]\d:[0-5]\d:[0-5]\d  ", line) for line in lines)
    begins = [line[10:].split(" ")[0] for line in lines]
    assert begins == ["connected", "ringing", "caller", "Line", "not", "--open:"]


def test_what_rings_already_is_said_at_the_beginning() -> None:
    out = io.StringIO()
    Sentences(out).said(named("welcome", details=[]))
    assert "ringing · ACME IT Service Desk" in out.getvalue()
