"""What was missed is replayed whole, without what the agent may not see any more."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ctibridge.delivery import caught_up, encode, withdrawn
from ctibridge.delivery.desk import Desk
from ctibridge.delivery.kept import KeptCall, KeptDesk, KeptEvent, KeptPop
from ctibridge.domain.notice import Notice
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.work import Work, WorkState
from tests.delivery import examples as ex
from tests.delivery.test_desk import told

ACME = frozenset({"acme"})
NOBODY: frozenset[str] = frozenset()
CALL = "01JDX001"
STRANGER = replace(
    ex.UNKNOWN, called=replace(ex.CALLED, granted=False), resolution=Resolution(Status.UNKNOWN, None, ())
)
OF_ACME = Notice("same_site", "Three callers of ACME in Zürich.", (), ACME)
OWN = replace(ex.NOTE, by="ana")
WORDS = ("Regula", "Zürich", "laptop", "New password", "Xurrent")


def story() -> tuple[list[KeptEvent], list[KeptCall]]:
    """One of each kind, and the call as it was kept behind each."""
    desk = Desk("/ctibridge/desk-1", KeptDesk("ana", "k3f9", 0, 1, 0))
    late = replace(ex.WHOLE, complete=False)
    happened = [
        desk.ringing(ex.pop(), ex.AT),
        desk.updated(ex.pop(late), ex.AT),
        desk.suggested(ex.SUGGESTIONS, ex.AT),
        desk.answered(ex.answered(ex.call()), ex.AT),
        desk.worked(CALL, ex.NOTE),
        desk.ended(ex.ended(ex.call()), ex.AT),
        desk.noticed(OF_ACME, ex.AT),
        desk.work(ex.call(), Work("ben", WorkState.TAKEN, ex.AT)),
        desk.worked(CALL, OWN),
    ]
    said = [told(one) for one in happened]
    return [one.event for one in said], [one.call for one in said if one.call is not None]


EVENTS, CALLS = story()


def data(event: KeptEvent | None) -> dict[str, Any]:
    assert event is not None
    read: dict[str, Any] = json.loads(event.data)
    return read


def withdrawn_in_the_file(event: KeptEvent) -> KeptEvent:
    """With what was written of a call that spoke of them (`outbox_leaving.withdraw`)."""
    goes = event.kind == "call.worked" or withdrawn.speaks_of(event.accounts, ACME)
    return replace(event, accounts=None, data=withdrawn.data(event.data)) if goes else event


def test_who_sees_everything_hears_the_same_bytes() -> None:
    assert [caught_up.event_now(event, ACME, {}) for event in EVENTS] == EVENTS
    assert caught_up.to_ask(EVENTS, {}, ACME) == frozenset()


def test_of_what_may_not_be_seen_any_more_nothing_is_left_and_no_event_is_missing() -> None:
    assert caught_up.to_ask(EVENTS, {}, NOBODY) == {CALL}
    now = [caught_up.event_now(event, NOBODY, {CALL: STRANGER}) for event in EVENTS]
    assert [(one.sequence, one.kind, one.at, one.call) for one in now if one is not None] == [
        (one.sequence, one.kind, one.at, one.call) for one in EVENTS
    ]
    hidden = [one for one in now[:-1] if one is not None and any(word in one.data.decode() for word in WORDS)]
    assert hidden == []
    assert "laptop" in data(now[-1])["note"], "what he wrote himself stays his own"


def test_a_pop_that_is_asked_for_again_keeps_its_call_and_revision() -> None:
    """Its `call` is as it was then, whatever became of it since."""
    now = [data(caught_up.event_now(event, NOBODY, {CALL: STRANGER})) for event in EVENTS[:2]]
    assert [one["call"] for one in now] == [data(event)["call"] for event in EVENTS[:2]]
    assert [one["resolution"]["revision"] for one in now] == [1, 2]
    assert {one["resolution"]["status"] for one in now} == {"unknown"}
    assert {one["called"]["granted"] for one in now} == {False}


def test_a_pop_that_nobody_can_answer_for_cannot_be_shown() -> None:
    assert [caught_up.event_now(event, NOBODY, {}) is None for event in EVENTS] == [True, True] + [False] * 7


def test_what_is_not_about_people_is_emptied() -> None:
    now = {event.sequence: caught_up.event_now(event, NOBODY, {}) for event in EVENTS[2:]}
    assert (data(now[3])["standard_requests"], data(now[3])["knowledge_articles"]) == ([], [])
    assert (data(now[5])["note"], data(now[5])["by"]) == (None, "ben")
    assert data(now[7]) == json.loads(encode.notice_data(caught_up.WITHDRAWN))
    assert (now[4], now[6], now[8]) == (EVENTS[3], EVENTS[5], EVENTS[7]), "of nobody"


@pytest.mark.parametrize("visible", [ACME, NOBODY])
def test_events_that_were_emptied_in_the_store_are_sent_again(visible: frozenset[str]) -> None:
    """Whoever left the store is not told of, also to who may see the account."""
    gone = [withdrawn_in_the_file(event) for event in EVENTS]
    assert caught_up.to_ask(gone, {}, visible) == {CALL}
    now = [caught_up.event_now(event, visible, {CALL: STRANGER}) for event in gone]
    assert [one.sequence for one in now if one is not None] == list(range(1, 10))
    texts = [one.data.decode() for one in now if one is not None]
    assert not [text for text in texts if any(word in text for word in WORDS)]
    assert data(now[0])["call"] == data(EVENTS[0])["call"]


def test_pops_are_asked_for_again_by_call() -> None:
    pops = {"a": KeptPop(ACME, b"{}"), "b": KeptPop(NOBODY, b"{}"), "c": KeptPop(None, b"{}")}
    assert caught_up.to_ask((), pops, ACME) == {"c"}
    assert caught_up.to_ask((), pops, NOBODY) == {"a", "c"}


def newest(known: KeptCall, pop: bytes | None, visible: frozenset[str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(bytes(caught_up.call_now(known, pop, visible)))
    return read


def test_a_call_is_as_in_its_newest_event() -> None:
    pops = {one.pop.data for one in CALLS if one.pop is not None}
    by_event = pops | {one.newest for one in CALLS if one.newest is not None}
    events = {event.data for event in EVENTS if event.call == CALL and event.kind != "suggestions"}
    assert by_event == events
    rang, *_, last = CALLS
    assert newest(rang, b'{"x": 1}', ACME) == {"x": 1}
    assert newest(last, None, ACME)["by"] == "ana"


def test_a_call_whose_pop_cannot_be_shown_is_there_all_the_same() -> None:
    assert newest(CALLS[0], None, NOBODY) == {"call": data(EVENTS[0])["call"]}


def test_of_a_colleagues_note_that_came_last_the_call_stays() -> None:
    noted = next(one for one in CALLS if len(one.notes) == 1)
    assert "laptop" in newest(noted, None, ACME)["note"]
    assert (newest(noted, None, NOBODY)["note"], newest(noted, None, NOBODY)["by"]) == (None, "ben")
    taken, own = CALLS[-2:]
    assert newest(taken, None, NOBODY)["state"] == "taken"
    assert "laptop" in newest(own, None, NOBODY)["note"]


def test_what_stands_beside_a_call() -> None:
    rang, last = CALLS[0], CALLS[-1]
    whole = caught_up.detail(last, b"{}", ACME)
    assert (whole.call, whole.rang_in, bytes(whole.pop or b"")) == (CALL, 1, b"{}")
    assert [note.by for note in whole.notes] == ["ben", "ana"]
    assert whole.work is not None
    assert (whole.work.state, whole.work.by) == ("taken", "ben")
    assert caught_up.detail(rang, b"{}", ACME).pop is None, "it stands in `calls`"
    assert [note.by for note in caught_up.detail(last, None, NOBODY).notes] == ["ana"]


def test_a_call_that_was_emptied_in_the_store_can_be_told() -> None:
    gone = [withdrawn.call(one, ACME, {CALL}) for one in CALLS]
    for known in gone:
        assert newest(known, None, ACME)["call"]["id"] == CALL
        assert caught_up.detail(known, None, ACME).notes == []
