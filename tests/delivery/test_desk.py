"""One desk: its sequence, its calls, and what of them is kept. Who comes back and what he hears is in `test_resume`."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ctibridge.delivery.desk import KEPT_CALLS, Desk, Told
from ctibridge.delivery.frames import Resume
from ctibridge.delivery.kept import KEPT_EVENTS, KeptCall, KeptDesk
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.domain.notice import Notice
from ctibridge.domain.work import Work, WorkState
from tests.delivery import examples as ex


def desk(sequence: int = 0, floor: int = 1, acked: int = 0, calls: tuple[KeptCall, ...] = ()) -> Desk:
    return Desk("/ctibridge/desk-1", KeptDesk("ana", "k3f9", sequence, floor, acked, calls))


def told(event: Told | None) -> Told:
    assert event is not None
    return event


def read(event: Told | None) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(told(event).frame)
    return frame


def snapshot(of: Desk, after: timedelta = timedelta()) -> list[Call]:
    return [known.call for known in of.calls(ex.AT + after)]


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
    assert snapshot(one)[0].round == 2


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
    assert snapshot(one)[0].state is CallState.RINGING


def test_a_late_revision_does_not_make_a_call_ring_again() -> None:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    one.ended(ex.ended(ex.call(), Outcome.ANSWERED_ELSEWHERE), ex.AT)
    late = read(one.updated(ex.pop(), ex.AT))
    assert late["data"]["call"]["state"] == "ended"
    assert late["data"]["call"]["outcome"] == "answered_elsewhere"


def test_of_each_call_its_newest_event_is_kept() -> None:
    one = desk()
    rang = told(one.ringing(ex.pop(of=ex.call(1)), ex.AT))
    one.ringing(ex.pop(ex.WITHHELD, ex.call(2)), ex.AT)
    over = told(one.ended(ex.ended(ex.call(1)), ex.AT))
    shared = told(one.updated(ex.pop(ex.SHARED, ex.call(2)), ex.AT))
    assert [known.newest for known in one.calls(ex.AT)] == [over.event.data, None]
    assert [
        (event.call.newest, event.call.pop and event.call.pop.data) for event in (rang, over, shared) if event.call
    ] == [
        (None, rang.event.data),
        (over.event.data, None),
        (None, shared.event.data),
    ], "a pop is kept with its call, what came after it beside it"
    assert [known.pop for known in one.calls(ex.AT)] == [None, None], "a desk holds no pops in memory"


def test_a_call_leaves_the_snapshot_half_an_hour_after_its_end() -> None:
    one = desk()
    one.ringing(ex.pop(of=ex.call(1)), ex.AT)
    one.ringing(ex.pop(of=ex.call(2)), ex.AT)
    one.ended(ex.ended(ex.call(1), after=0), ex.AT)
    assert len(snapshot(one, timedelta(minutes=30))) == 2
    assert [call.id for call in snapshot(one, timedelta(minutes=30, seconds=1))] == ["01JDX002"]
    one.ringing(ex.pop(of=ex.call(3)), ex.AT + timedelta(hours=1))
    assert not one.knows("01JDX001")


def test_the_first_screen_that_showed_it_counts() -> None:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    kept = [one.shown("01JDX001", ex.AT + timedelta(seconds=seconds)) for seconds in (1, 2)]
    assert [None if known is None else known.shown_at for known in kept] == [ex.AT + timedelta(seconds=1), None]
    one.updated(ex.pop(), ex.AT)
    assert [known.shown_at for known in one.calls(ex.AT)] == [ex.AT + timedelta(seconds=1)]


def test_acknowledged_never_goes_back() -> None:
    one = desk()
    for sequence in (3, 1):
        one.ack(sequence)
    assert one.acked == 3


def test_resumed_or_not() -> None:
    one = desk()
    for number in range(KEPT_EVENTS + 5):
        one.noticed(Notice("x", str(number)), ex.AT)
    newest = KEPT_EVENTS + 5
    assert one.floor == 6
    assert one.resumes_after(None) is None
    assert one.resumes_after(Resume("other", newest)) is None
    after = [one.resumes_after(Resume("k3f9", sequence)) for sequence in (4, 5, newest, newest + 1)]
    assert after == [None, 5, newest, None]


def test_behind_what_could_not_be_kept_nobody_resumes() -> None:
    one = desk()
    for _ in range(3):
        one.noticed(Notice("x", "X."), ex.AT)
    one.lost(3)
    one.lost(2)
    assert one.floor == 3
    assert [one.resumes_after(Resume("k3f9", sequence)) for sequence in (1, 2, 3)] == [None, 2, 3]


def test_a_desk_that_was_stored_goes_on_where_it_was() -> None:
    one = desk(sequence=41, floor=42, acked=40)
    after = [one.resumes_after(Resume("k3f9", sequence)) for sequence in (40, 41)]
    assert (one.acked, after) == (40, [None, 41])
    assert read(one.noticed(Notice("x", "X."), ex.AT))["id"] == "k3f9.42"
    assert one.resumes_after(Resume("k3f9", 41)) == 41


def test_a_desk_that_was_stored_knows_its_calls() -> None:
    before = desk()
    before.ringing(ex.pop(of=ex.call(1)), ex.AT)
    before.ringing(ex.pop(of=ex.call(2)), ex.AT)
    before.ended(ex.ended(ex.call(1)), ex.AT)
    one = desk(sequence=3, calls=before.calls(ex.AT))
    assert read(one.ringing(ex.pop(of=ex.call(2)), ex.AT))["type"] == "call.updated"
    one.ringing(ex.pop(of=ex.call(3)), ex.AT + timedelta(hours=1))
    assert [one.knows(f"01JDX00{number}") for number in (1, 2, 3)] == [False, True, True]


def test_what_went_on_before_ends_as_unknown_and_that_can_ring_no_more() -> None:
    before = desk()
    before.ringing(ex.pop(of=ex.call(1)), ex.AT)
    before.ringing(ex.pop(of=ex.call(2)), ex.AT)
    before.answered(ex.answered(ex.call(2)), ex.AT)
    before.ringing(ex.pop(of=ex.call(3)), ex.AT)
    before.ended(ex.ended(ex.call(3)), ex.AT)
    one = desk(sequence=5, calls=before.calls(ex.AT))
    ends = [read(event) for event in one.restarted(ex.AT + timedelta(minutes=5))]
    assert [(end["sequence"], end["subject"], end["data"]["call"]["outcome"]) for end in ends] == [
        ("6", "01JDX001", "unknown"),
        ("7", "01JDX002", "unknown"),
    ]
    assert ends[1]["data"]["call"]["answered_at"] == "2026-11-21T18:00:04.123456Z"
    assert list(one.restarted(ex.AT)) == []
    assert read(one.ringing(ex.pop(of=ex.call(1)), ex.AT))["type"] == "call.updated"


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
    assert snapshot(one)[0].state is CallState.ANSWERED
    over = read(one.ended(ex.ended(answered, Outcome.ANSWERED_HERE, after=64), ex.AT))
    assert (over["sequence"], over["data"]["call"]["answered_at"]) == ("3", "2026-11-21T18:00:04.123456Z")
    assert one.answered(answered, ex.AT) is None, "it is over"


def test_an_update_in_the_words_of_another_desk_ends_no_call_here() -> None:
    """Ben's line had let go of the call, and the update, asked for with his, ended it at Ana's desk, too: with his
    line's outcome, without a word, and her own end was told to nobody."""
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    another = ex.pop(of=ex.ended(ex.call(line="6009"), Outcome.FAILED))
    assert read(one.updated(another, ex.AT))["data"]["call"]["state"] == "ringing"
    assert read(one.ended(ex.ended(ex.call()), ex.AT))["data"]["call"]["outcome"] == "abandoned"


def test_an_update_that_is_a_round_ahead_takes_nothing_from_the_ringing() -> None:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    assert "round" not in read(one.updated(ex.pop(of=ex.call(round=2)), ex.AT))["data"]["call"]
    assert read(one.ringing(ex.pop(of=ex.call(round=2)), ex.AT))["type"] == "call.ringing"


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
    assert [json.loads(known.newest or b"") for known in one.calls(ex.AT)] == [event["data"]]
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


def test_what_becomes_of_a_missed_call_is_kept_with_it() -> None:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    one.ended(ex.ended(ex.call()), ex.AT)
    later = Work(None, WorkState.SETTLED, ex.AT, "01JDX002")
    event = one.work(ex.ended(ex.call()), later)
    data = read(event)["data"]
    assert (data["state"], data["by"], data["note"], data["answered_in"]) == ("settled", None, None, "01JDX002")
    assert [(known.work, known.newest) for known in one.calls(ex.AT)] == [(later, event.event.data)]


def test_of_a_missed_call_that_the_desk_has_forgotten_it_is_told_all_the_same() -> None:
    event = desk().work(ex.ended(ex.call()), Work("ben", WorkState.TAKEN, ex.AT))
    assert (read(event)["subject"], read(event)["data"]["by"], event.call) == ("01JDX001", "ben", None)


def test_an_answered_call_can_be_worked_on_for_two_hours_and_a_missed_one_for_half_an_hour() -> None:
    """A contact alone sees the end with the pick-up: after 30 minutes of talk there was no note and no search."""
    one = desk()
    for number, outcome in ((1, Outcome.ANSWERED_ELSEWHERE), (2, Outcome.ABANDONED)):
        one.ringing(ex.pop(of=ex.call(number)), ex.AT)
        one.ended(ex.ended(ex.call(number), outcome), ex.AT)
    answered, missed = ex.call(1).id, ex.call(2).id
    later = ex.AT + timedelta(minutes=61)
    assert (one.call(answered, later) is None, one.call(missed, later) is None) == (False, True)
    assert one.call(answered, ex.AT + timedelta(hours=3)) is None
    assert one.calls(later) == (), "the snapshot is of the last half hour"
