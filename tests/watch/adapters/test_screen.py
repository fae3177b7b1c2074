"""What an agent sees, at sizes that terminals have."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from ctibridge.watch.board import Link, State
from tests.watch.adapters.drawn import board, drawn, raw
from tests.watch.examples import AT, answered, ended, event, notice, ringing


def place(lines: list[str], text: str) -> int:
    found = [number for number, line in enumerate(lines) if text in line]
    assert found, "\n".join(lines)
    return found[0]


def test_where_nothing_rings_it_says_what_it_listens_to() -> None:
    lines = drawn(board())
    assert "Ana Berger   6001 heard" in lines[0]
    assert "● connected" in lines[0]
    place(lines, "No call rings. Listening on 6001.")


def test_a_line_that_is_not_heard_is_no_line_that_is_listened_to() -> None:
    told = board(notice(line="6001", trunk="pbx", text="Line 6001 is deaf: its calls do not appear here."))
    lines = drawn(told)
    assert "6001 deaf" in lines[0]
    place(lines, "Line 6001 is deaf: its calls do not appear here.")
    place(lines, "No call can ring here: none of your lines is heard.")


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_what_rings_says_first_what_is_needed_first(size: tuple[int, int]) -> None:
    lines = drawn(board(ringing()), *size)
    said = [
        "ringing  0:07",
        "ACME IT Service Desk",
        "Grüezi, ACME",
        "Deutsch (Schweiz)",
        "Number belongs to",
        "Regula Frei",
    ]
    order = [place(lines, text) for text in said]
    assert order == sorted(order)
    assert order[-1] < 15


def test_of_a_small_terminal_the_end_is_cut_off_and_not_the_beginning() -> None:
    lines = drawn(board(event("call.updated.whole")), 60, 12)
    place(lines, "Grüezi")
    place(lines, "Deutsch (Schweiz)")


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (20, 5), (300, 100)])
def test_terminals_of_any_size(size: tuple[int, int]) -> None:
    calls = [ringing("c1"), ringing("c2"), ended("c3")]
    assert all(cell_len(line) <= size[0] for line in drawn(board(*calls), *size))


def test_a_second_call_stands_below_and_moves_nothing() -> None:
    one, two = board(ringing("c1")), board(ringing("c1"), ringing("c2", 3.0, called={"name": "Fleuron"}))
    before, after = drawn(one), drawn(two)
    assert before[:8] == after[:8]
    assert "also rings" in after[place(after, "Fleuron")]
    assert place(after, "Fleuron") > place(after, "Regula Frei")


def test_of_many_that_ring_some_are_counted() -> None:
    lines = drawn(board(*(ringing(f"c{number}") for number in range(9))))
    assert sum("also rings" in line for line in lines) == 4
    place(lines, "and 4 more")


def test_how_it_went_is_kept_below() -> None:
    by_ben = ended("c2", "answered_elsewhere", answered_by={"line": "6002", "agent": "ben"})
    lines = drawn(board(ringing("c1"), ended("c1"), ringing("c2"), by_ben))
    missed, taken = place(lines, "caller hung up"), place(lines, "answered by ben on 6002")
    assert place(lines, "Earlier") < min(missed, taken)
    assert "Regula Frei" in lines[missed]


def test_a_missed_call_that_a_colleague_sees_to_is_no_longer_red() -> None:
    missed = board(ringing(), ended())
    assert "\x1b[31mcaller hung up" in raw(missed, colours=True)
    missed.hear(event("call.worked.taken", "c1"), AT + 9)
    said = raw(missed, colours=True)
    assert "\x1b[2mana calls back" in said or "\x1b[2myou call back" in said
    assert "\x1b[31m" not in said


def test_whom_one_talks_to_stays() -> None:
    lines = drawn(board(ringing(), answered()))
    place(lines, "answered here  0:03")
    place(lines, "Regula Frei")


def test_where_it_is_not_connected_nothing_is_claimed() -> None:
    told = board(ringing("c1"), ringing("c2"))
    told.link = Link(State.LOST, "the service restarts", AT + 11)
    lines = drawn(told)
    assert "○ not connected" in lines[0]
    assert "6001" in lines[0]
    assert "heard" not in lines[0]
    assert "Not connected: calls do not appear here. Again in 4 s (the service restarts)." in lines[1]
    place(lines, "rang when the connection was lost")
    assert not any("ringing" in line for line in lines)
    assert not any("also rings" in line for line in lines)


def test_a_token_that_ends_soon_is_said() -> None:
    assert any("Your token ends at" in line for line in drawn(board(expires_in=600)))
    assert not any("Your token" in line for line in drawn(board(expires_in=7200)))


def test_notices_leave_room_for_the_call() -> None:
    long = "Line 6001 is deaf: the PBX refuses its registration, and nobody there knows why"
    told = board(*(notice("x", f"{number} {long}") for number in range(3)), ringing("c1"))
    lines = drawn(told, 40, 10)
    place(lines, "ringing")
    place(lines, "ACME IT Service Desk")


def test_what_cannot_be_stored_is_said() -> None:
    place(drawn(board(live_only=True)), "Nothing can be stored now")


def test_that_its_node_is_alone_is_said() -> None:
    place(drawn(board(node_alone=True)), "Cut off from the other nodes")
    assert not any("Cut off" in line for line in drawn(board()))


def test_a_link_is_to_be_clicked_only_where_it_may_be_opened() -> None:
    good = raw(board(ringing()), colours=True)
    assert re.search(r"\x1b\]8;[^;]*;https://acme\.xurrent\.com/sd\?telephone=%2B4915112345678\x1b\\", good)
    for url in ("javascript:alert(1)", "https://x\x1b]0;owned\x07", "file:///etc/passwd"):
        bad = raw(board(ringing(links=[{"title": "x", "url": url}])), colours=True)
        assert "\x1b]8" not in bad
        assert "\x07" not in bad


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    ["\x1b[2J\x1b[H", "\x1b]0;owned\x07", "\x9b31m", "[bold]x[/bold]", "\u202eabc", "a\r\nb", "x" * 10_000, "日本" * 50]
)


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_whatever_others_wrote_changes_nothing_but_text(name: str, company: str, greeting: str, title: str) -> None:
    person = {"name": name, "job_title": name, "site": name}
    people = [{"person": person, "account": {"name": company}, "evidence": [{"kind": name}]}]
    told: dict[str, Any] = {
        "caller": {"display_name": name, "raw": name, "number": None},
        "called": {"name": company, "holiday": title},
        "language": {"greeting": greeting, "endonym": title},
        "resolution": {"status": "identified", "candidates": people},
        "links": [{"title": title, "url": greeting}],
    }
    of = board(ringing("c1", **told), ringing("c2", **told), ended("c2"), notice(text=title))
    lines = drawn(of)
    assert all(cell_len(line) <= 80 for line in lines)
    assert not {c for line in lines for c in line if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}}
