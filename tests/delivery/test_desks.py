"""The whole room on virtual time: calls and frames in, outputs out."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ctibridge.delivery import desks, encode_control
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desk import Desk
from ctibridge.delivery.outputs import CatchUp, Close, KeepCall, KeepEvent, KeepHeard, KeepSights, Output, Ping, Send
from ctibridge.delivery.tokens import Kind, Refusal, Token
from ctibridge.domain.call import Call
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.line import LineState
from ctibridge.domain.notice import Notice
from ctibridge.domain.work import Work, WorkState
from tests.delivery import examples as ex
from tests.delivery.desk_room import Room, events


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
    no_auth = Close(99, CloseCode.NO_AUTH, "no auth within 5 s")
    expired = Close(number, CloseCode.TOKEN_REFUSED, "the token has expired")
    assert told == [Ping(number), no_auth, Ping(number), expired]
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


def test_an_event_is_kept_before_it_is_sent_and_its_call_behind_it() -> None:
    room = Room()
    room.sign_in()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    kept, sent, call, saw = room.desks.drain()
    assert isinstance(saw, KeepSights)
    assert isinstance(kept, KeepEvent)
    assert isinstance(sent, Send)
    assert isinstance(call, KeepCall)
    assert json.loads(sent.frame)["id"] == f"{kept.event.epoch}.{kept.event.sequence}"
    assert kept.event.heard


def test_what_nobody_heard_says_so_until_somebody_signs_in() -> None:
    """An event that was kept while nobody listened was sent by replay, and killed before it was stored, its id went to
    another event: it had never been marked as sent."""
    room = Room()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    kept = room.desks.drain()[0]
    assert isinstance(kept, KeepEvent)
    assert not kept.event.heard
    room.desks.connected(1, room.now)
    room.desks.receive(1, '{"type": "auth", "token": "t"}', room.now)
    room.desks.drain()
    room.desks.admit(1, Token("t1", Kind.DESK, "ana", ex.AT), "ana", room.now)
    heard, catch_up = room.desks.drain()
    assert heard == KeepHeard("ana", "e1", 1)
    assert isinstance(catch_up, CatchUp)


def test_what_happens_before_the_greeting_is_sent_at_once_and_not_said_again_in_it() -> None:
    """The driver puts the greeting in front of it (`backlog`)."""
    room = Room()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.said()
    catch_up = room.admit(resume={"epoch": "e1", "sequence": 0})
    room.desks.ended("ana", ex.ended(ex.call()), ex.AT)
    assert events(room.said()) == [(1, "call.ended")]
    welcome, *missed = room.greet(catch_up)
    assert welcome["data"]["sequence"] == 1
    assert [event["type"] for event in missed] == ["call.ringing"]


def test_who_has_gone_is_not_greeted() -> None:
    room = Room()
    catch_up = room.admit()
    room.desks.gone(catch_up.session)
    room.desks.greet(catch_up, room.read(catch_up), room.now.at)
    assert room.said() == []


def test_the_greeting_says_who_rings_what_may_be_shown_and_what_is_not_stored() -> None:
    room = Room(notification="none")
    room.sign_in()
    room.desks.live_only = True
    _, (first, *_) = room.sign_in(rings=True)
    _, (second, *_) = room.sign_in(rings=True)
    assert [one["data"]["rings"] for one in (first, second)] == [True, False]
    assert (first["data"]["notification"], first["data"]["live_only"]) == ("none", True)
    room.desks.live_only = False
    assert room.sign_in()[1][0]["data"]["live_only"] is False
    assert first["data"]["node_alone"] is False
    room.desks.node_alone = True
    assert room.sign_in()[1][0]["data"]["node_alone"] is True
    assert first["data"]["name"] is None
    room.desks.set_agents({"ana": ex.ANA})
    assert room.sign_in()[1][0]["data"]["name"] == "Ana Lindqvist"


def test_a_page_that_changed_its_network_is_told_that_it_rings_and_what_it_left_that_it_does_not() -> None:
    room = Room()
    first, (welcome,) = room.sign_in(rings=True)
    resume = {key: welcome["data"][key] for key in ("epoch", "sequence")}
    _, (again,) = room.sign_in(rings=True, resume=resume)
    assert (welcome["data"]["rings"], again["data"]["rings"]) == (True, True)
    assert room.told == [Send(first, encode_control.leader(rings=False))]


def test_a_page_that_starts_anew_hears_the_notes_and_what_became_of_each_call() -> None:
    room = Room()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.desks.ended("ana", ex.ended(ex.call()), ex.AT)
    room.desks.worked("ana", "01JDX001", ex.NOTE)
    room.desks.work("ana", ex.ended(ex.call()), Work("ben", WorkState.TAKEN, ex.AT))
    _, (welcome,) = room.sign_in()
    (call,), (detail,) = welcome["data"]["calls"], welcome["data"]["details"]
    assert (call["state"], call["by"]) == ("taken", "ben")
    assert (detail["call"], detail["rang_in"], detail["work"]["state"]) == ("01JDX001", 1, "taken")
    assert [note["by"] for note in detail["notes"]] == ["ben"]
    assert detail["pop"]["resolution"]["status"] == "identified"


def test_what_could_not_be_kept_is_no_longer_resumed_from() -> None:
    room = Room()
    for _ in range(3):
        room.desks.notice("ana", Notice("x", "X."), ex.AT)
    room.desks.lost("ana", 3)
    room.said()
    assert [room.admit(resume={"epoch": "e1", "sequence": one}).after for one in (1, 2, 3)] == [None, 2, 3]


def test_a_desk_of_before_goes_on_and_what_rang_ends_as_unknown() -> None:
    room = Room()
    for agent in ("ana", "ben"):
        room.desks.ringing(agent, ex.pop(), ex.AT)
    room.desks.ended("ben", ex.taken(ex.call()), ex.AT)
    room.said()
    again = Room(kept=[room.outbox.desk(agent) for agent in ("ana", "ben")])
    known = again.desks.restarted(ex.AT)
    assert {agent: call.outcome for agent, call in known["01JDX001"].items()} == {
        "ana": "unknown",
        "ben": "answered_elsewhere",
    }
    again.said()
    assert [(one.epoch, one.sequence) for one in again.outbox.events["ana"]] == [("e1", 2)]
    assert "ben" not in again.outbox.events


def test_what_a_desk_of_before_was_told_long_ago_is_known_to_nobody() -> None:
    room = Room()
    room.desks.ringing("ana", ex.pop(), ex.AT)
    room.desks.ended("ana", ex.ended(ex.call()), ex.AT)
    room.said()
    again = Room(kept=[room.outbox.desk("ana")])
    assert again.desks.restarted(ex.AT + timedelta(hours=1)) == {}
    assert again.said() == []


def test_whoever_leaves_the_store_leaves_every_desk() -> None:
    room = Room()
    for agent in ("ana", "ben"):
        room.desks.ringing(agent, ex.pop(), ex.AT)
        room.desks.worked(agent, "01JDX001", replace(ex.NOTE, by="cleo"))
    room.desks.withdraw(frozenset({"acme"}))
    room.said()
    for agent in ("ana", "ben"):
        (detail,) = room.sign_in(agent)[1][0]["data"]["details"]
        assert detail["notes"] == []


def test_everybody_is_told_when_to_come_back() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.desks.close_all()
    (close,) = room.said()
    assert close == Close(number, CloseCode.RESTART, "restart; retry in 1 s")
    assert list(room.desks.live()) == []


def test_a_call_that_rang_while_no_screen_was_at_this_node_is_unheard_until_one_comes() -> None:
    room = Room()
    heard = []
    for sign_in in (lambda: None, lambda: room.sign_in(relayed=True), room.sign_in):
        sign_in()
        room.desks.ringing("ana", ex.pop(), ex.AT)
        heard.append(room.desks.was_heard("ana", ex.pop().call.id))
    assert heard == [False, False, True]


def test_what_was_unheard_is_so_also_in_the_next_life_of_the_desk_while_it_is_known() -> None:
    room, call = Room(), ex.call()
    for one in (call, ex.call(2)):
        room.desks.ringing("ana", ex.pop(of=one), ex.AT)
    room.desks.ended("ana", ex.ended(call), ex.AT)
    room.desks.residents.renew("ana", "e2")
    assert [room.desks.was_heard("ana", one) for one in (call.id, ex.call(2).id)] == [False, True]
