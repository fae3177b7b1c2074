"""The whole room on virtual time: calls and frames in, outputs out."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from ctibridge.delivery import desks
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desk import Desk
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.outputs import Check, Close, Command, Greet, Output, Ping, Send
from ctibridge.delivery.tokens import Kind, Refusal, Token
from ctibridge.domain.call import Call
from ctibridge.domain.desk_command import Shown, WriteNote
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.line import Line, LineState
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import MOST_NOTES
from ctibridge.domain.notice import Notice
from tests.delivery import examples as ex

LINES = (Line("pbx", "6001", ("ana",)), Line("pbx", "6004", ("ana", "ben")))


def counted() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"e{next(numbers)}"


class Room:
    def __init__(self) -> None:
        self.desks = Desks("/ctibridge/desk-1", counted())
        self.desks.set_lines(LINES)
        self.clock = 0.0
        self.numbers = count(1)

    @property
    def now(self) -> Moment:
        return Moment(ex.AT + timedelta(seconds=self.clock), self.clock)

    def said(self) -> list[Output]:
        return self.desks.drain()

    def sign_in(self, agent: str = "ana", seconds: float = 3600, **auth: Any) -> tuple[int, list[dict[str, Any]]]:
        number = next(self.numbers)
        self.desks.connected(number, self.now)
        self.desks.receive(number, json.dumps({"type": "auth", "token": "t", **auth}), self.now)
        assert [type(output) for output in self.said()] == [Check]
        expires_at = self.now.at + timedelta(seconds=seconds)
        token = Token(f"t{number}", Kind.DESK, agent, self.now.at, expires_at)
        self.desks.admit(number, token, agent, self.now)
        (greet,) = self.said()
        assert isinstance(greet, Greet)
        return number, [json.loads(frame) for frame in greet.frames]

    def send(self, number: int, **frame: Any) -> list[Output]:
        self.desks.receive(number, json.dumps(frame), self.now)
        return self.said()


def events(outputs: list[Output]) -> list[tuple[int, str]]:
    return [(out.session, json.loads(out.frame)["type"]) for out in outputs if isinstance(out, Send)]


def error(outputs: list[Output]) -> str:
    (output,) = outputs
    assert isinstance(output, Send)
    code: str = json.loads(output.frame)["data"]["code"]
    return code


def test_welcome() -> None:
    room = Room()
    room.desks.line_state("pbx", "6001", LineState.REGISTERED, ex.AT)
    room.desks.ringing("ana", ex.pop(), ex.AT)
    _, (welcome,) = room.sign_in()
    data = welcome["data"]
    assert (data["agent"], data["epoch"], data["sequence"], data["resumed"]) == ("ana", "e1", 1, False)
    assert [(line["line"], line["state"]) for line in data["lines"]] == [
        ("6001", "registered"),
        ("6004", "registering"),
    ]
    assert [call["call"]["id"] for call in data["calls"]] == ["01JDX001"]


def test_every_session_of_an_agent_hears_the_same_bytes_and_nobody_else_does() -> None:
    room = Room()
    first, _ = room.sign_in()
    second, _ = room.sign_in()
    room.sign_in("ben")
    room.desks.ringing("ana", ex.pop(), ex.AT)
    one, other = room.said()
    assert isinstance(one, Send)
    assert isinstance(other, Send)
    assert (one.session, other.session) == (first, second)
    assert one.frame is other.frame


def test_resume_brings_what_was_missed() -> None:
    room = Room()
    number, (welcome,) = room.sign_in()
    room.desks.gone(number)
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.desks.ended("ana", ex.ended(ex.call()), ex.AT)
    assert room.said() == []
    _, (again, *missed) = room.sign_in(resume={"epoch": welcome["data"]["epoch"], "sequence": 0})
    assert (again["data"]["resumed"], again["data"]["sequence"]) == (True, 2)
    assert [event["type"] for event in missed] == ["call.ringing", "call.ended"]
    _, (anew,) = room.sign_in(resume={"epoch": "other", "sequence": 0})
    assert anew["data"]["resumed"] is False


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


def test_who_has_a_call_is_asked_only_of_desks_where_it_rang(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every desk of the house was asked, for every call, and for each of them a few times a minute."""
    room = Room()
    for agent in ("ana", "ben", "cleo"):
        room.desks.notice(agent, Notice("x", "X."), ex.AT)
    room.desks.ringing("ana", ex.pop(), ex.AT)
    asked: list[Desk] = []
    call = Desk.call

    def counting(desk: Desk, *args: Any) -> Call | None:
        asked.append(desk)
        return call(desk, *args)

    monkeypatch.setattr(Desk, "call", counting)
    assert room.desks.having("01JDX001", ex.AT) == {"ana": ex.call()}
    assert room.desks.having("never rang", ex.AT) == {}
    assert asked == [room.desks._desk("ana")]


def test_where_a_call_rang_is_forgotten_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.desks.ended("ana", ex.ended(ex.call()), ex.AT)
    assert room.desks.having("01JDX001", ex.AT + timedelta(hours=1)) == {}
    assert room.desks._told == {}
    monkeypatch.setattr(desks, "MOST_CALLS", 2)
    for call in ("c1", "c2", "c3"):
        room.desks.ringing("ana", replace(ex.pop(), call=replace(ex.call(), id=call)), ex.AT)
    assert [call for call in ("c1", "c2", "c3") if room.desks.having(call, ex.AT)] == ["c2", "c3"]
    assert len(room.desks._told) == 2


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
    assert [line["line"] for line in json.loads(pong.frame)["data"]["lines"]] == ["6001", "6004"]


def test_a_deaf_line_is_told_to_its_agents() -> None:
    room = Room()
    room.sign_in("ana")
    room.sign_in("ben")
    room.desks.line_state("pbx", "6001", LineState.DEAF, ex.AT)
    assert events(room.said()) == [(1, "notice")]
    room.desks.notice("ben", Notice("x", "X."), ex.AT)
    assert events(room.said()) == [(2, "notice")]


def test_refused_and_nothing_told() -> None:
    room = Room()
    room.desks.connected(1, room.now)
    room.desks.receive(1, '{"type": "auth", "token": "t"}', room.now)
    room.desks.refuse(1, Refusal(CloseCode.TOKEN_REFUSED, "the token is not valid"))
    assert room.said()[1:] == [Close(1, CloseCode.TOKEN_REFUSED, "the token is not valid")]
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.desks.receive(1, '{"type": "ping"}', room.now)
    assert room.said() == []


def test_a_verdict_that_comes_too_late_opens_nothing() -> None:
    room = Room()
    room.desks.connected(1, room.now)
    room.desks.receive(1, '{"type": "auth", "token": "t"}', room.now)
    room.desks.gone(1)
    room.said()
    room.desks.admit(1, Token("t1", Kind.DESK, "ana", ex.AT), "ana", room.now)
    assert room.said() == []


def test_time_passes() -> None:
    room = Room()
    room.desks.connected(99, room.now)
    number, _ = room.sign_in(seconds=30)
    told: list[Output] = []
    while (deadline := room.desks.deadline) is not None:
        room.clock = deadline
        room.desks.tick(room.now)
        told += room.said()
    assert told[0] == Close(99, CloseCode.NO_AUTH, "no auth within 5 s")
    assert told[1:] == [Ping(number), Close(number, CloseCode.TOKEN_REFUSED, "the token has expired")]
    room.desks.ringing("ana", ex.pop(), ex.AT)
    assert room.said() == []


def test_answered_reaches_every_screen_of_the_agent() -> None:
    room = Room()
    room.sign_in()
    room.sign_in()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.said()
    room.desks.answered("ana", ex.answered(ex.call()), ex.AT)
    assert events(room.said()) == [(1, "call.answered"), (2, "call.answered")]
    assert room.desks.internal("pbx", "6001") == Internal("6001", "ana")
    _, (welcome,) = room.sign_in()
    assert [call["call"]["state"] for call in welcome["data"]["calls"]] == ["answered"]


def test_who_lives_is_known_to_whoever_checks_tokens() -> None:
    room = Room()
    room.desks.connected(99, room.now)
    number, _ = room.sign_in()
    assert list(room.desks.live()) == [(number, f"t{number}", "ana")]
    room.desks.heard(number, room.now)
    room.desks.heard(12345, room.now)
    room.desks.refuse(number, Refusal(CloseCode.WRONG_TOKEN, "the agent is disabled"))
    assert list(room.desks.live()) == []


def test_two_desks_never_share_an_event_id() -> None:
    room = Room()
    ids = set()
    for agent in ("ana", "ben"):
        room.sign_in(agent)
        room.desks.ringing(agent, ex.pop(), ex.AT)
        ids |= {json.loads(out.frame)["id"] for out in room.said() if isinstance(out, Send)}
    assert len(ids) == 2
