"""Whatever is missed, a desk that comes back hears it without a gap, or is told that it starts anew."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ctibridge.delivery.desk import KEPT_CALLS, KEPT_EVENTS, Desk
from ctibridge.delivery.frames import Resume
from ctibridge.domain.call import CallState, Outcome
from ctibridge.domain.notice import Notice
from tests.delivery import examples as ex


def desk() -> Desk:
    return Desk("/ctibridge/desk-1", "k3f9")


def read(frame: bytes | None) -> dict[str, Any]:
    assert frame is not None
    event: dict[str, Any] = json.loads(frame)
    return event


def snapshot(of: Desk, after: timedelta = timedelta()) -> list[dict[str, Any]]:
    return [json.loads(bytes(raw)) for raw in of.calls(ex.AT + after)]


def test_one_sequence_without_gaps() -> None:
    one = desk()
    frames = [
        one.ringing(ex.pop(), ex.AT),
        one.updated(ex.pop(), ex.AT),
        one.noticed(Notice("x", "X."), ex.AT),
        one.ended(ex.ended(ex.call()), ex.AT),
    ]
    events = [read(frame) for frame in frames]
    assert [event["id"] for event in events] == ["k3f9.1", "k3f9.2", "k3f9.3", "k3f9.4"]
    assert [event["type"] for event in events] == ["call.ringing", "call.updated", "notice", "call.ended"]
    assert [event.get("subject") for event in events] == ["01JDX001", "01JDX001", None, "01JDX001"]


def test_a_call_rings_once_for_each_round() -> None:
    one = desk()
    again = ex.pop(of=ex.call(round=2))
    kinds = [
        read(one.ringing(ex.pop(), ex.AT))["type"],
        read(one.ringing(ex.pop(), ex.AT))["type"],
        read(one.ended(ex.ended(ex.call()), ex.AT))["type"],
        read(one.ringing(again, ex.AT))["type"],
        read(one.ringing(again, ex.AT))["type"],
    ]
    assert kinds == ["call.ringing", "call.updated", "call.ended", "call.ringing", "call.updated"]
    assert snapshot(one)[0]["call"]["round"] == 2


def test_a_call_ends_once_and_only_where_it_rang() -> None:
    one = desk()
    over = ex.ended(ex.call())
    assert one.ended(over, ex.AT) is None
    assert one.updated(ex.pop(), ex.AT) is None
    one.ringing(ex.pop(), ex.AT)
    assert one.ended(over, ex.AT) is not None
    assert one.ended(over, ex.AT) is None
    assert one.sequence == 2


def test_the_end_of_an_earlier_round_does_not_end_the_next() -> None:
    one = desk()
    one.ringing(ex.pop(of=ex.call(round=2)), ex.AT)
    assert one.ended(ex.ended(ex.call(round=1)), ex.AT) is None
    assert snapshot(one)[0]["call"]["state"] == "ringing"


def test_a_late_revision_does_not_make_a_call_ring_again() -> None:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    one.ended(ex.ended(ex.call(), Outcome.ANSWERED_ELSEWHERE), ex.AT)
    late = read(one.updated(ex.pop(), ex.AT))
    assert late["data"]["call"]["state"] == "ended"
    assert late["data"]["call"]["outcome"] == "answered_elsewhere"


def test_the_snapshot_is_the_newest_event_of_each_call() -> None:
    one = desk()
    one.ringing(ex.pop(of=ex.call(1)), ex.AT)
    one.ringing(ex.pop(ex.WITHHELD, ex.call(2)), ex.AT)
    over = read(one.ended(ex.ended(ex.call(1)), ex.AT))
    one.updated(ex.pop(ex.SHARED, ex.call(2)), ex.AT)
    calls = snapshot(one)
    assert calls[0] == over["data"]
    assert (calls[1]["call"]["id"], calls[1]["resolution"]["status"]) == ("01JDX002", "shared")


def test_a_call_leaves_the_snapshot_half_an_hour_after_its_end() -> None:
    one = desk()
    one.ringing(ex.pop(of=ex.call(1)), ex.AT)
    one.ringing(ex.pop(of=ex.call(2)), ex.AT)
    one.ended(ex.ended(ex.call(1), after=0), ex.AT)
    assert len(snapshot(one, timedelta(minutes=30))) == 2
    assert [call["call"]["id"] for call in snapshot(one, timedelta(minutes=30, seconds=1))] == ["01JDX002"]
    one.ringing(ex.pop(of=ex.call(3)), ex.AT + timedelta(hours=1))
    assert not one.knows("01JDX001")


def test_the_first_screen_that_showed_it_counts() -> None:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    one.shown("01JDX001", ex.AT + timedelta(seconds=1))
    one.shown("01JDX001", ex.AT + timedelta(seconds=2))
    one.updated(ex.pop(), ex.AT)
    assert one.shown_at("01JDX001") == ex.AT + timedelta(seconds=1)
    assert one.shown_at("nobody") is None


def test_acknowledged_never_goes_back() -> None:
    one = desk()
    for sequence in (3, 1):
        one.ack(sequence)
    assert one.acked == 3


def test_replay_or_nothing() -> None:
    one = desk()
    for number in range(KEPT_EVENTS + 5):
        one.noticed(Notice("x", str(number)), ex.AT)
    newest = KEPT_EVENTS + 5
    assert one.replay(None) is None
    assert one.replay(Resume("other", newest)) is None
    assert one.replay(Resume("k3f9", newest + 1)) is None
    assert one.replay(Resume("k3f9", 4)) is None
    assert len(one.replay(Resume("k3f9", 5)) or ()) == KEPT_EVENTS
    assert one.replay(Resume("k3f9", newest)) == ()
    assert [read(frame)["sequence"] for frame in one.replay(Resume("k3f9", newest - 2)) or ()] == ["1004", "1005"]


def test_a_desk_that_was_stored_goes_on_where_it_was() -> None:
    one = Desk("/ctibridge/desk-1", "k3f9", sequence=41)
    assert one.replay(Resume("k3f9", 40)) is None
    assert one.replay(Resume("k3f9", 41)) == ()
    assert read(one.noticed(Notice("x", "X."), ex.AT))["id"] == "k3f9.42"


def test_a_burst_of_calls_that_ring_forgets_none_before_its_end() -> None:
    one = desk()
    for number in range(3 * KEPT_CALLS):
        one.ringing(ex.pop(of=replace(ex.call(), id=str(number))), ex.AT)
    ends = [one.ended(ex.ended(replace(ex.call(), id=str(number))), ex.AT) for number in range(3 * KEPT_CALLS)]
    assert None not in ends


def test_calls_that_are_over_are_bounded() -> None:
    one = desk()
    for number in range(KEPT_CALLS + 3):
        one.ringing(ex.pop(of=replace(ex.call(), id=str(number))), ex.AT)
        one.ended(ex.ended(replace(ex.call(), id=str(number))), ex.AT)
    one.ringing(ex.pop(of=replace(ex.call(), id="last")), ex.AT)
    assert len(snapshot(one)) == KEPT_CALLS + 1
    assert [one.knows(each) for each in ("2", "3", "last")] == [False, True, True]


def test_calls_that_never_end_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctibridge.delivery.desk.MOST_CALLS", 10)
    one = desk()
    for number in range(13):
        one.ringing(ex.pop(of=replace(ex.call(), id=str(number))), ex.AT)
    assert len(snapshot(one)) == 10


def test_an_answered_call_is_told_once_and_ends_later() -> None:
    one = desk()
    answered = ex.answered(ex.call())
    assert one.answered(answered, ex.AT) is None, "it did not ring here"
    one.ringing(ex.pop(), ex.AT)
    event = read(one.answered(answered, ex.AT))
    assert (event["type"], event["data"]["call"]["state"]) == ("call.answered", "answered")
    assert one.answered(answered, ex.AT) is None
    assert snapshot(one)[0]["call"]["state"] == "answered"
    over = read(one.ended(ex.ended(answered, Outcome.ANSWERED_HERE, after=64), ex.AT))
    assert (over["sequence"], over["data"]["call"]["answered_at"]) == ("3", "2026-11-21T18:00:04.123456Z")
    assert one.answered(answered, ex.AT) is None, "it is over"


def test_what_was_learned_after_the_answer_keeps_the_call_answered() -> None:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    one.answered(ex.answered(ex.call()), ex.AT)
    event = read(one.updated(ex.pop(), ex.AT))
    assert (event["data"]["call"]["state"], event["data"]["resolution"]["revision"]) == ("answered", 2)


def test_what_is_learned_at_several_desks_leaves_each_its_own_line() -> None:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    another = ex.pop(of=ex.call(line="6009"))
    assert read(one.updated(another, ex.AT))["data"]["call"]["line"] == "6001"


def test_revisions_only_rise() -> None:
    one = desk()
    late = replace(ex.IDENTIFIED, resolution=replace(ex.IDENTIFIED.resolution, revision=2))
    frames = [
        one.ringing(ex.pop(), ex.AT),
        one.updated(ex.pop(late), ex.AT),
        one.updated(ex.pop(), ex.AT),
        one.ended(ex.ended(ex.call()), ex.AT),
        one.updated(ex.pop(late), ex.AT),
        one.ringing(ex.pop(of=ex.call(round=2)), ex.AT),
    ]
    events = [read(frame)["data"] for frame in frames]
    assert [data["resolution"]["revision"] for data in events if "resolution" in data] == [1, 2, 3, 4, 4]


class Resuming(RuleBasedStateMachine):
    """A screen that loses its connection at any time, and a desk to which things happen meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = desk()
        self.happened: list[dict[str, Any]] = []
        self.screen: list[dict[str, Any]] = []
        self.connected = True
        self.epoch = self.desk.epoch
        self.seen = 0

    def say(self, frame: bytes | None) -> None:
        if frame is not None:
            self.happened.append(read(frame))
            if self.connected:
                self.hear(self.happened[-1])

    def hear(self, event: dict[str, Any]) -> None:
        assert int(event["sequence"]) == self.seen + 1
        self.seen += 1
        self.screen.append(event)

    @rule(number=st.integers(1, 4), round_=st.integers(1, 3))
    def rings(self, number: int, round_: int) -> None:
        self.say(self.desk.ringing(ex.pop(of=ex.call(number, round=round_)), ex.AT))

    @rule(number=st.integers(1, 4), round_=st.integers(1, 3))
    def ends(self, number: int, round_: int) -> None:
        self.say(self.desk.ended(ex.ended(ex.call(number, round=round_)), ex.AT))

    @rule(number=st.integers(1, 4), round_=st.integers(1, 3))
    def is_answered(self, number: int, round_: int) -> None:
        self.say(self.desk.answered(ex.answered(ex.call(number, round=round_)), ex.AT))

    @rule(number=st.integers(1, 4))
    def is_revised(self, number: int) -> None:
        self.say(self.desk.updated(ex.pop(of=ex.call(number)), ex.AT))

    @rule(number=st.integers(1, 4))
    def a_note_is_written(self, number: int) -> None:
        self.say(self.desk.worked(f"01JDX{number:03}", ex.NOTE))

    @rule(many=st.sampled_from([1, 10, KEPT_EVENTS]))
    def much_is_noticed(self, many: int) -> None:
        for _ in range(many):
            self.say(self.desk.noticed(Notice("x", "X."), ex.AT))

    @rule()
    def the_screen_sleeps(self) -> None:
        self.connected = False

    @rule()
    def the_daemon_is_killed(self) -> None:
        self.desk = Desk("/ctibridge/desk-1", self.desk.epoch + "x")
        self.happened.clear()
        self.connected = False

    @rule()
    def the_screen_comes_back(self) -> None:
        replay = self.desk.replay(Resume(self.epoch, self.seen))
        self.connected = True
        if replay is None:
            self.epoch, self.seen, self.screen = self.desk.epoch, self.desk.sequence, self.happened[:]
        else:
            for frame in replay:
                self.hear(read(frame))

    @invariant()
    def a_connected_screen_has_heard_everything(self) -> None:
        if self.connected:
            assert self.seen == self.desk.sequence
            assert self.screen[-len(self.happened) :] == self.happened or not self.happened

    @invariant()
    def a_call_rings_once_for_each_round(self) -> None:
        rings = [
            (event["subject"], event["data"]["call"].get("round", 1))
            for event in self.happened
            if event["type"] == "call.ringing"
        ]
        assert len(rings) == len(set(rings))

    @invariant()
    def the_snapshot_knows_what_rings(self) -> None:
        newest: dict[str, str] = {}
        for event in self.happened:
            if event["type"] != "notice":
                newest[event["subject"]] = event["data"]["call"]["state"]
        assert {call["call"]["id"]: call["call"]["state"] for call in snapshot(self.desk)} == newest


TestResuming = Resuming.TestCase
TestResuming.settings = settings(max_examples=25, stateful_step_count=25)


def test_states_of_a_call_only_go_forward() -> None:
    one = desk()
    one.ringing(ex.pop(of=ex.call(state=CallState.ANSWERED, answered_at=ex.AT)), ex.AT)
    assert read(one.updated(ex.pop(), ex.AT))["data"]["call"]["state"] == "answered"


def test_a_note_is_told_with_its_own_time_and_takes_nothing_from_the_call() -> None:
    one = desk()
    assert one.worked("01JDX001", ex.NOTE) is None
    one.ringing(ex.pop(), ex.AT)
    one.ended(ex.ended(ex.call()), ex.AT)
    event = read(one.worked("01JDX001", ex.NOTE))
    assert (event["type"], event["subject"], event["sequence"]) == ("call.worked", "01JDX001", "3")
    assert event["time"] == "2026-11-21T17:59:40.123456Z"
    assert event["data"]["call"]["outcome"] == "abandoned"
    assert snapshot(one) == [event["data"]], "each call as in its newest event"
    one.ringing(ex.pop(of=ex.call(round=2)), ex.AT)
    assert one.notes("01JDX001") == 1, "over rounds"


def test_a_call_is_at_a_desk_until_half_an_hour_after_its_end() -> None:
    one = desk()
    assert (one.call("01JDX001", ex.AT), one.notes("01JDX001")) == (None, 0)
    one.ringing(ex.pop(), ex.AT)
    assert one.call("01JDX001", ex.AT + timedelta(days=1)) == ex.call()
    one.ended(ex.ended(ex.call()), ex.AT)
    assert one.call("01JDX001", ex.AT + timedelta(minutes=30, seconds=8)) == ex.ended(ex.call())
    assert one.call("01JDX001", ex.AT + timedelta(minutes=30, seconds=9)) is None
