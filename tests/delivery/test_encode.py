"""One golden file for each event: what subscribers have built on may grow, and changes on purpose only."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ctibridge.delivery import encode, wire
from ctibridge.delivery.desk import Desk
from ctibridge.delivery.kept import KeptDesk
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Caller, Remark
from ctibridge.domain.note import Note
from ctibridge.domain.notice import Notice
from ctibridge.domain.private import Name, Number, Private
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.work import Work, WorkState
from tests.delivery import examples as ex
from tests.delivery.golden_files import check

DEAF = Notice("line_deaf", "Line 6001 is deaf: its calls do not appear here.", (("line", "6001"), ("trunk", "pbx")))
TAKEN = Work("ana", WorkState.TAKEN, ex.AT)
SETTLED = Work("ana", WorkState.SETTLED, ex.AT)
ANSWERED_LATER = Work(None, WorkState.SETTLED, ex.AT, "01JDX002")
DISABLED = replace(
    ex.UNKNOWN, resolution=Resolution(Status.UNKNOWN, None, (ex.candidate(disabled=True, vip=True),), revision=2)
)
UNREAD = ex.candidate(name=None, job_title=None, organization=None, site=None, language=None, email=None)

EVENTS: dict[str, tuple[wire.EventType, bytes]] = {
    "call.ringing": ("call.ringing", encode.pop_data(ex.IDENTIFIED, ex.call())),
    "call.ringing.claimed": ("call.ringing", encode.pop_data(ex.CLAIMED, ex.call())),
    "call.ringing.round2": ("call.ringing", encode.pop_data(ex.SHARED, ex.call(round=2))),
    "call.ringing.withheld": ("call.ringing", encode.pop_data(ex.WITHHELD, ex.call())),
    "call.ringing.handed_over": ("call.ringing", encode.pop_data(ex.HANDED_OVER, ex.call())),
    "call.ringing.handed_over.noted": ("call.ringing", encode.pop_data(ex.NOTED, ex.call())),
    "call.worked": ("call.worked", encode.noted_data(ex.ended(ex.call()), ex.NOTE)),
    "call.worked.taken": ("call.worked", encode.work_data(ex.ended(ex.call()), TAKEN)),
    "call.worked.settled": ("call.worked", encode.work_data(ex.ended(ex.call()), SETTLED)),
    "call.worked.answered_later": ("call.worked", encode.work_data(ex.ended(ex.call()), ANSWERED_LATER)),
    "call.updated": ("call.updated", encode.pop_data(DISABLED, ex.call())),
    "call.ended": ("call.ended", encode.call_data(ex.ended(ex.call(), Outcome.ANSWERED_ELSEWHERE))),
    "call.answered": ("call.answered", encode.call_data(ex.answered(ex.call()))),
    "call.ended.answered_here": (
        "call.ended",
        encode.call_data(ex.ended(ex.answered(ex.call()), Outcome.ANSWERED_HERE, after=64)),
    ),
    "call.ended.taken": ("call.ended", encode.call_data(ex.taken(ex.call()))),
    "call.ringing.closed": ("call.ringing", encode.pop_data(ex.CLOSED, ex.call())),
    "call.updated.whole": ("call.updated", encode.pop_data(ex.WHOLE, ex.call())),
    "suggestions": ("suggestions", encode.suggestions_data(ex.call(), ex.SUGGESTIONS)),
    "notice": ("notice", encode.notice_data(DEAF)),
}


@pytest.mark.parametrize("name", EVENTS)
def test_events_are_as_written_down(name: str) -> None:
    kind, data = EVENTS[name]
    subject = None if kind == "notice" else "01JDX001"
    frame = encode.event("/ctibridge/desk-1", "k3f9", 42, kind, subject, ex.AT, data)
    check(name, frame)


def test_an_event_that_was_kept_is_sent_again_as_it_was() -> None:
    desk = Desk("/ctibridge/desk-1", KeptDesk("ana", "k3f9", 41, 42, 0))
    told = desk.ringing(ex.pop(ex.WHOLE), ex.AT)
    assert encode.event_again("/ctibridge/desk-1", told.event) == told.frame
    unnamed = desk.noticed(DEAF, ex.AT)
    assert encode.event_again("/ctibridge/desk-1", unnamed.event) == unnamed.frame


def test_without_a_call_the_data_says_so() -> None:
    assert json.loads(encode.pop_data(ex.IDENTIFIED, None))["call"] is None


def test_times_are_utc_with_microseconds() -> None:
    at = datetime(2026, 11, 21, 19, 0, tzinfo=timezone(timedelta(hours=1)))
    assert json.loads(encode.call_data(ex.call(at=at)))["call"]["rang_at"] == "2026-11-21T18:00:00.000000Z"


def test_a_person_who_has_not_been_read_is_named_by_id() -> None:
    answer = replace(ex.IDENTIFIED, resolution=Resolution(Status.IDENTIFIED, ex.ACME, (UNREAD,)))
    person = json.loads(encode.pop_data(answer, ex.call()))["resolution"]["candidates"][0]["person"]
    assert (person["id"], person["name"], person["email"]) == ("p17", None, None)


@pytest.mark.parametrize("text", ["\ud800", "\x00", 'a"b\\c', "<script>", "\u2028", "😀", "שלום"])
def test_whatever_a_caller_calls_himself_is_json(text: str) -> None:
    caller = replace(ex.CALLER, display_name=Name(text), raw=Number(text))
    data: dict[str, Any] = json.loads(encode.pop_data(replace(ex.IDENTIFIED, caller=caller), ex.call()))
    assert data["caller"]["display_name"] == text.replace("\ud800", "?")
    assert isinstance(caller, Caller)


def test_an_id_that_the_wire_does_not_know_is_our_fault() -> None:
    with pytest.raises(TypeError):
        encode.notice_data(Notice("x", "x", (("planet", "mars"),)))


@pytest.mark.parametrize(
    ("answer", "context", "expected"),
    [(True, None, True), (False, None, False), (True, True, True), (True, False, False), (False, True, False)],
)
def test_complete_says_that_nothing_at_all_is_to_come(answer: bool, context: bool | None, expected: bool) -> None:
    """People may be late, and so may the context: either is."""
    known = None if context is None else replace(ex.CONTEXT, complete=context)
    data = json.loads(encode.pop_data(replace(ex.IDENTIFIED, complete=answer, context=known), ex.call()))
    assert data["context"]["complete"] is expected


def test_a_remark_with_half_a_surrogate_pair_costs_no_pop() -> None:
    caller = replace(ex.HIDDEN, remarks=(Remark("queue", Private("a\ud800"), "X-Queue"),))
    data = json.loads(encode.pop_data(replace(ex.WITHHELD, caller=caller), ex.call()))
    assert data["caller"]["remarks"] == [{"kind": "queue", "value": "a?", "source": "X-Queue"}]


def test_a_first_caller_who_withholds_his_number_stays_withheld() -> None:
    assert ex.HANDED_OVER.hand_over is not None
    answer = replace(ex.HANDED_OVER, hand_over=replace(ex.HANDED_OVER.hand_over, caller=ex.HIDDEN, agent=None))
    assert json.loads(encode.pop_data(answer, ex.call()))["hand_over"] == {
        "kind": "internal",
        "line": "6002",
        "agent": None,
        "call": "01JDX000",
        "caller": {"number": None, "display_name": None},
        "notes": [],
    }


def test_a_note_with_half_a_surrogate_pair_is_json() -> None:
    assert json.loads(encode.noted_data(ex.call(), Note("ana", Private("a\ud800"), ex.AT)))["note"] == "a?"


def test_who_is_no_line_of_ours_and_continues_nothing_says_so() -> None:
    data = json.loads(encode.pop_data(ex.IDENTIFIED, ex.call()))
    assert (data["caller"]["internal"], data["hand_over"]) == (None, None)
