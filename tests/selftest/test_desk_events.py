"""What a desk hears, written by the daemon's own encoder, and which of it is the test call."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from ctibridge.delivery import encode, wire
from ctibridge.domain.call import Outcome
from ctibridge.domain.private import Name, Number
from ctibridge.domain.screen_pop import Answer
from ctibridge.selftest.desk_events import DeskEvents
from ctibridge.selftest.timeline import Cast, LineSeen, Timeline
from tests.delivery import examples as ex

MARK = "ctibridge selftest a1b2c3"


def desk(number: str | None = None) -> DeskEvents:
    """The INVITE left at second 100."""
    made = Timeline(Cast("we", "ana"))
    made.began = 100.0
    return DeskEvents(made, "pbx", MARK, number)


def event(kind: wire.EventType, data: bytes) -> bytes:
    return encode.event("/ctibridge/test", "epoch", 1, kind, "call", ex.AT, data)


def ringing(answer: Answer = ex.IDENTIFIED, name: str | None = MARK, **call: Any) -> bytes:
    caller = replace(answer.caller, display_name=None if name is None else Name(name))
    return event("call.ringing", encode.pop_data(replace(answer, caller=caller), ex.call(**call)))


def test_the_pop_as_the_desk_saw_it() -> None:
    events = desk()
    events.hear(ringing(), 100.02)
    pop = events.timeline.first
    assert pop is not None
    assert (round(pop.at, 3), pop.account, pop.status) == (0.02, "acme", "identified")
    assert (pop.trunk, pop.line) == (ex.call().trunk, ex.call().line)
    assert (pop.people, pop.language) == (("acme/p17",), ex.IDENTIFIED.language.tag)
    assert ex.IDENTIFIED.caller.number == Number(pop.number or "")
    assert pop.rang_at.timestamp() == pytest.approx(ex.call().rang_at.timestamp(), abs=0.001)


def test_later_revisions_are_of_the_same_call() -> None:
    events = desk()
    events.hear(ringing(), 100.02)
    other = replace(ex.IDENTIFIED, language=replace(ex.IDENTIFIED.language, tag="fr"))
    events.hear(event("call.updated", encode.pop_data(other, ex.call())), 100.3)
    assert events.timeline.pop_ms == 20
    assert events.timeline.newest is not None
    assert events.timeline.newest.language == "fr"


def test_calls_of_others_are_counted_once_and_not_looked_at() -> None:
    events = desk()
    for at in (100.1, 100.2):
        events.hear(ringing(name="R. Frei", id="other"), at)
    assert (events.timeline.others, events.timeline.first, events.call) == (1, None, None)
    events.hear(ringing(id="ours"), 100.3)
    events.hear(event("call.ended", encode.call_data(ex.ended(ex.call(id="other"), Outcome.ABANDONED))), 100.4)
    assert (events.call, events.timeline.outcome) == ("ours", None)


def test_what_becomes_of_an_older_call_is_no_pop_of_ours() -> None:
    number = ex.IDENTIFIED.caller.number
    assert number is not None
    events = desk(number.value)
    answer = replace(ex.IDENTIFIED, caller=replace(ex.IDENTIFIED.caller, display_name=None))
    events.hear(event("call.updated", encode.pop_data(answer, ex.call(id="older"))), 100.1)
    assert (events.call, events.timeline.first, events.timeline.others) == (None, None, 0)


def test_a_pbx_that_writes_names_of_its_own_is_known_by_the_number() -> None:
    number = ex.IDENTIFIED.caller.number
    assert number is not None
    events = desk(number.value)
    events.hear(ringing(name="Test line"), 100.1)
    assert events.call is not None


def test_another_test_call_is_not_ours_though_its_number_is_the_same() -> None:
    number = ex.IDENTIFIED.caller.number
    assert number is not None
    events = desk(number.value)
    events.hear(ringing(name="ctibridge selftest ffffff"), 100.1)
    assert (events.call, events.timeline.others) == (None, 1)


def test_what_rang_before_is_not_ours() -> None:
    events = desk()
    events.timeline.began = None
    events.hear(ringing(), 99.0)
    assert events.call is None


def test_the_end_as_the_desk_saw_it() -> None:
    events = desk()
    events.hear(ringing(), 100.02)
    events.hear(event("call.ended", encode.call_data(ex.ended(ex.call(), Outcome.ANSWERED_ELSEWHERE))), 101.0)
    assert events.timeline.outcome is not None
    assert (events.timeline.outcome.word, events.timeline.outcome.at) == ("answered_elsewhere", 1.0)


def lines(kind: str, *rows: tuple[str, str, str]) -> bytes:
    told = [{"line": a, "state": b, "trunk": c, "shared": False, "sitting": True, "new": 1} for a, b, c in rows]
    return json.dumps({"type": kind, "data": {"lines": told, "new": {}}}).encode()


def test_the_lines_of_this_trunk() -> None:
    events = desk()
    assert not events.welcome
    events.hear(lines("welcome", ("6001", "registering", "pbx"), ("7001", "deaf", "other")), 99.0)
    assert (events.welcome, events.lines) == (True, (LineSeen("6001", "registering"),))
    events.hear(lines("pong", ("6001", "registered", "pbx")), 99.5)
    assert events.lines == (LineSeen("6001", "registered"),)


def test_other_frames_are_let_pass() -> None:
    events = desk()
    events.hear(b'{"type": "leader", "data": {"rings": true}}', 100.0)
    events.hear(event("notice", b"{}"), 100.0)
    assert events.timeline.first is None
    with pytest.raises(msgspec.DecodeError):
        events.hear(b"no frame", 100.0)
