"""What a signed-in connection may ask, and what it gets for it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ctibridge.delivery.outputs import Command, KeepAck, KeepCall, Output, Send
from ctibridge.domain.desk_command import (
    Choose,
    Done,
    ListCalls,
    ListColleagues,
    Search,
    Select,
    Shown,
    Take,
    WriteNote,
)
from ctibridge.domain.note import MOST_NOTES
from ctibridge.domain.notice import Notice
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Private
from tests.delivery import examples as ex
from tests.delivery.desk_room import Room, error, events

CALL = "01JDX001"


def asked(outputs: list[Output]) -> Any:
    (output,) = outputs
    assert isinstance(output, Command)
    return output.command


def at_the_desk() -> tuple[Room, int]:
    """A room where a call has rung at Ana's desk, and her connection."""
    room = Room()
    number, _ = room.sign_in()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.said()
    return room, number


def test_shown_is_a_command_and_is_told_to_nobody() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.said()
    assert room.send(number, type="shown", call="01JDX001", sequence=1) == [Command(Shown("ana", "01JDX001", 1))]
    assert error(room.send(number, type="shown", call="nothing", sequence=1)) == "unknown_call"


def test_sequences_that_were_never_sent_are_wrong() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.said()
    assert room.send(number, type="ack", sequence=1) == []
    assert error(room.send(number, type="ack", sequence=2)) == "bad_message"
    assert error(room.send(number, type="shown", call="01JDX001", sequence=2)) == "bad_message"


def wrote(outputs: list[Output]) -> tuple[str, str, str]:
    (output,) = outputs
    assert isinstance(output, Command)
    assert isinstance(output.command, WriteNote)
    assert "laptop" not in repr(outputs)
    return output.command.agent, output.command.call, output.command.text.value


def test_a_note_is_a_command_for_a_call_that_the_desk_has() -> None:
    room = Room()
    number, _ = room.sign_in()
    other, _ = room.sign_in("ben")
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.said()
    text = " \u202ea laptop\r\nis wet\x07 "
    assert wrote(room.send(number, type="note", call="01JDX001", text=text)) == ("ana", "01JDX001", "a laptop\nis wet")
    assert error(room.send(other, type="note", call="01JDX001", text="x")) == "unknown_call"
    assert error(room.send(number, type="note", call="nothing", text="x")) == "unknown_call"
    assert room.desks.having("01JDX001", ex.AT) == {"ana": ex.call()}


def test_a_note_comes_until_half_an_hour_after_the_end() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.desks.ended("ana", ex.ended(ex.call()), ex.AT)
    room.said()
    room.clock = 8.0 + 30 * 60
    assert wrote(room.send(number, type="note", call="01JDX001", text="late"))[2] == "late"
    room.clock += 1
    assert error(room.send(number, type="note", call="01JDX001", text="too late")) == "unknown_call"
    assert room.desks.having("01JDX001", room.now.at) == {}


def test_a_note_of_nothing_that_can_be_read_is_wrong() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.said()
    assert error(room.send(number, type="note", call="01JDX001", text="\u202e\x00 \n")) == "bad_message"
    assert error(room.send(number, type="note", call="01JDX001", text="")) == "bad_message"


def test_one_note_more_than_a_call_takes_is_refused() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    for _ in range(MOST_NOTES):
        room.desks.worked("ana", "01JDX001", ex.NOTE)
    assert events(room.said())[1:] == [(number, "call.worked")] * MOST_NOTES
    assert error(room.send(number, type="note", call="01JDX001", text="x")) == "not_allowed"


def test_ping_brings_the_lines() -> None:
    room = Room()
    number, _ = room.sign_in()
    (pong,) = room.send(number, type="ping")
    assert isinstance(pong, Send)
    data = json.loads(pong.frame)["data"]
    assert ([line["line"] for line in data["lines"]], data["stored"]) == (["6001", "6004"], 0)
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.desks.stored("ana", 1)
    room.said()
    (pong,) = room.send(number, type="ping")
    assert isinstance(pong, Send)
    assert json.loads(pong.frame)["data"]["stored"] == 1


def test_the_first_screen_that_showed_a_call_is_kept() -> None:
    room, number = at_the_desk()
    other, _ = room.sign_in()
    kept = []
    for clock, session in ((1.0, other), (2.0, number)):
        room.clock = clock
        room.desks.receive(session, json.dumps({"type": "shown", "call": CALL, "sequence": 1}), room.now)
        kept += [output.call.shown_at for output in room.desks.drain() if isinstance(output, KeepCall)]
    assert kept == [ex.AT + timedelta(seconds=1)]


def test_an_ack_is_kept_where_it_says_something_new() -> None:
    room, number = at_the_desk()
    room.desks.notice("ana", Notice("x", "X."), ex.AT)
    room.said()
    kept = []
    for sequence in (1, 1, 0, 2, 1):
        room.desks.receive(number, json.dumps({"type": "ack", "sequence": sequence}), room.now)
        kept += room.desks.drain()
    assert kept == [KeepAck("ana", 1), KeepAck("ana", 2)]


def test_what_is_asked_of_other_rooms() -> None:
    room, number = at_the_desk()
    person = {"account": "acme", "id": "p17"}
    said = [
        asked(room.send(number, type="choose", call=CALL, person=person)),
        asked(room.send(number, type="select", call=CALL, service="s1")),
        asked(room.send(number, type="select", call=CALL, configuration_item="c1")),
        asked(room.send(number, type="search", call=CALL, text=" fr\u202eei ", account="acme")),
        asked(room.send(number, type="colleagues")),
    ]
    assert said == [
        Choose("ana", number, CALL, PersonKey("acme", "p17")),
        Select("ana", number, CALL, "s1", None),
        Select("ana", number, CALL, None, "c1"),
        Search("ana", number, CALL, Private("frei"), "acme"),
        ListColleagues("ana", number),
    ]


@pytest.mark.parametrize("subject", [{}, {"service": "s1", "configuration_item": "c1"}])
def test_select_takes_one_of_both(subject: dict[str, str]) -> None:
    room, number = at_the_desk()
    assert error(room.send(number, type="select", call=CALL, **subject)) == "bad_message"


def test_missed_calls_are_taken_and_settled_also_when_the_desk_has_forgotten_them() -> None:
    """A caller of the morning waits still; whether there was such a call is known elsewhere."""
    room, number = at_the_desk()
    assert asked(room.send(number, type="take", call="of this morning")) == Take("ana", number, "of this morning")
    assert asked(room.send(number, type="done", call=CALL)) == Done("ana", number, CALL)


def test_a_list_of_calls_begins_where_the_desk_says() -> None:
    room, number = at_the_desk()
    text = "2026-11-21T00:00:00+01:00"
    since = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    assert asked(room.send(number, type="today", since=text)) == ListCalls("ana", number, since, text)


@pytest.mark.parametrize(
    "since", ["", "today", "2026-11-21", "2026-11-21T00:00:00", "2026-11-19T17:59:59Z", "0001-01-01T00:00:00+23:59"]
)
def test_a_list_of_calls_without_a_zone_or_of_long_ago_is_refused(since: str) -> None:
    room, number = at_the_desk()
    assert error(room.send(number, type="today", since=since)) == "bad_message"


@pytest.mark.parametrize("since", ["2026-11-19T18:00:01Z", "2026-11-21T23:00:00+14:00", "9999-12-31T23:59:59-23:59"])
def test_a_list_of_calls_of_the_last_two_days_is_not(since: str) -> None:
    room, number = at_the_desk()
    assert isinstance(asked(room.send(number, type="today", since=since)), ListCalls)


def test_the_third_wrong_frame_is_the_end_whoever_found_it_wrong() -> None:
    room, number = at_the_desk()
    assert error(room.send(number, type="shown", call="nothing", sequence=1)) == "unknown_call"
    assert error(room.send(number, type="sit", lines=["6009"])) == "not_allowed"
    room.send(number, type="today", since="x")
    assert list(room.desks.live()) == []
    room.desks.notice("ana", Notice("x", "X."), ex.AT)
    assert room.said() == []
