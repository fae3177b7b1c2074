"""Scripts: what a client sends and when, and what it gets for it."""

import json
import re
from typing import Any

import pytest

from ctibridge.delivery import frames
from ctibridge.delivery.outputs import Check, Close, Output, Ping, Send
from ctibridge.delivery.session import PING_EVERY, SILENCE, Session, State, first_ping

AUTH = '{"type": "auth", "token": "t", "resume": {"epoch": "e", "sequence": 4}}'


class Script:
    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self.session = Session(1, 100.0, self.outputs)

    def live(self, expires: float | None = None) -> "Script":
        self.session.receive(AUTH, 100.0)
        self.session.admit("ana", "t1", expires, 100.0)
        self.outputs.clear()
        return self

    def said(self) -> list[Any]:
        """Codes of errors and ends, and the other outputs as they are."""
        told = [
            json.loads(output.frame)["data"]["code"]
            if isinstance(output, Send)
            else int(output.code)
            if isinstance(output, Close)
            else output
            for output in self.outputs
        ]
        self.outputs.clear()
        return told


def test_auth_asks_for_a_verdict() -> None:
    script = Script()
    assert script.session.receive(AUTH, 101.0) is None
    (check,) = script.outputs
    assert isinstance(check, Check)
    assert check.token.value == "t"
    assert script.session.resume == frames.Resume("e", 4)


@pytest.mark.parametrize(
    "first", ["", "[]", "{}", '{"type": "ping"}', '{"type": "auth"}', '{"type": "ack", "sequence": 1}']
)
def test_anything_else_first_is_the_end(first: str) -> None:
    script = Script()
    script.session.receive(first, 100.0)
    assert script.said() == [4400]
    assert script.session.deadline is None


def test_silence_at_first_is_the_end() -> None:
    script = Script()
    assert script.session.deadline == 105.0
    script.session.tick(105.0)
    assert script.said() == [4408]


def test_a_verdict_that_does_not_come_is_the_end_for_now() -> None:
    script = Script()
    script.session.receive(AUTH, 104.0)
    assert script.session.deadline == 114.0
    script.outputs.clear()
    script.session.tick(114.0)
    assert script.said() == [1013]


def test_who_finds_no_verdict_comes_back_when_he_is_told_and_not_with_all_the_others() -> None:
    reasons = []
    for number in range(100):
        outputs: list[Output] = []
        session = Session(number, 0.0, outputs)
        session.receive(AUTH, 0.0)
        session.tick(10.0)
        reasons += [output.reason for output in outputs if isinstance(output, Close)]
    told = [re.fullmatch(r"the token could not be looked up; retry in (\d+) s", reason) for reason in reasons]
    seconds = [int(one[1]) for one in told if one is not None]
    assert len(seconds) == 100
    assert max(seconds.count(one) for one in seconds) == 5


def test_nothing_is_read_before_the_verdict() -> None:
    script = Script()
    script.session.receive(AUTH, 100.0)
    script.outputs.clear()
    assert script.session.receive('{"type": "ping"}', 100.0) is None
    assert script.said() == []


def test_frames_for_the_desk() -> None:
    script = Script().live()
    raws = ['{"type": "ping"}', '{"type": "ack", "sequence": 1}', '{"type": "sit", "lines": []}']
    raws += ['{"type": "note", "call": "c", "text": "t"}', '{"type": "take", "call": "c"}', '{"type": "colleagues"}']
    read = [script.session.receive(raw, 101.0) for raw in raws]
    known = [frames.PingFrame(), frames.AckFrame(1), frames.SitFrame([]), frames.NoteFrame("c", "t")]
    assert read == [*known, frames.TakeFrame("c"), frames.ColleaguesFrame()]
    assert script.said() == []


def test_two_wrong_frames_are_forgiven() -> None:
    script = Script().live()
    for raw in ('{"type": "nonsense"}', AUTH, '{"type": "choose", "call": "c"}', '{"type": "ping"}'):
        script.session.receive(raw, 101.0)
    assert script.said() == ["bad_message", "bad_message", 4400]


def test_who_can_ring_says_so_with_his_token() -> None:
    script = Script()
    assert not script.session.can_ring
    script.session.receive('{"type": "auth", "token": "t", "rings": true}', 100.0)
    assert script.session.can_ring


def test_what_is_no_object_is_the_end_at_once() -> None:
    script = Script().live()
    script.session.receive("[]", 101.0)
    script.session.receive("[]", 101.0)
    assert script.said() == [4400]
    assert script.session.state is State.GONE


def test_a_token_that_expires_ends_the_session() -> None:
    expires = 100.0 + first_ping(1) / 2
    script = Script().live(expires)
    assert script.session.deadline == expires
    script.session.tick(expires)
    assert script.said() == [4401]


def test_pings_until_nobody_is_there() -> None:
    script = Script().live()
    told = []
    clock = 100.0
    while script.session.deadline is not None:
        clock = script.session.deadline
        script.session.tick(clock)
        told += script.said()
    assert told == [Ping(1), Ping(1), Ping(1), 4008]
    assert clock == 100.0 + SILENCE


def test_a_pong_or_a_frame_keeps_it_alive() -> None:
    script = Script().live()
    for number in range(1, 20):
        clock = 100.0 + number * PING_EVERY
        script.session.tick(clock)
        if number % 2:
            script.session.heard(clock)
        else:
            script.session.receive('{"type": "ping"}', clock)
    assert script.said() == [Ping(1)] * 19
