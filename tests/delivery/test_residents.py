"""Desks that come and go while the node runs: who numbers, who is told, which sessions end."""

import json
from dataclasses import replace

from ctibridge.delivery.kept import KeptDesk
from ctibridge.delivery.outputs import Close, KeepEvent, Send
from ctibridge.delivery.tokens import Kind, Token
from tests.delivery import examples as ex
from tests.delivery.desk_room import Room, events
from tests.delivery.kept_examples import kept, pop


def names(room: Room) -> list[str]:
    return [one.event.call or "" for one in room.desks.drain() if isinstance(one, KeepEvent)]


def ring(room: Room, number: int, agent: str = "ana") -> None:
    room.desks.ringing(agent, ex.pop(of=ex.call(number)), room.now.at)


def test_a_frozen_desk_numbers_nothing() -> None:
    room = Room()
    number, _ = room.sign_in()
    other, _ = room.sign_in("ben")
    ring(room, 1)
    room.said()
    room.desks.residents.freeze(["ana"])
    (close,) = room.said()
    assert close == Close(number, 1012, "the desk moves; retry in 1 s")  # type: ignore[arg-type]
    assert room.send(number, type="ping") == []
    ring(room, 2)
    room.desks.updated("ana", ex.pop(of=ex.call(1)), room.now.at)
    room.desks.ended("ana", ex.ended(ex.call(1)), room.now.at)
    assert room.said() == []
    assert room.desks.having("01JDX001", room.now.at) == {}
    standing = room.desks.residents.standing("ana")
    assert standing is not None
    assert (standing.sequence, [one.call.id for one in standing.calls]) == (1, ["01JDX001"])
    ring(room, 3, "ben")
    assert events(room.said()) == [(other, "call.ringing")]


def test_who_signs_in_just_then_comes_back() -> None:
    room = Room()
    room.desks.residents.freeze(["ana"])
    number = room.check()
    room.desks.admit(number, token(), "ana", room.now)
    (close,) = room.said()
    assert isinstance(close, Close)
    assert close.code == 1012


def token() -> Token:
    return Token("t1", Kind.DESK, "ana", ex.AT)


def test_a_node_of_several_has_no_desk_until_it_gains_some() -> None:
    room = Room(kept=[KeptDesk("ana", "e7", 5, 1, 0, (kept(1),))])
    residents = room.desks.residents
    residents.join(lambda agent: agent != "cleo")
    assert room.desks.restarted(room.now.at) == {}
    assert [residents.has(agent) for agent in ("ana", "ben", "cleo")] == [False, True, False]
    assert residents.gained(["ana"], room.now.at, {"01JDX001"}) == ["01JDX001"]
    assert room.said() == [], "it goes on"
    ring(room, 2)
    assert names(room) == ["01JDX002"]
    desk = residents.standing("ana")
    assert desk is not None
    assert (desk.epoch, desk.sequence) == ("e7", 6)


def test_what_nobody_knows_of_any_more_ends_as_unknown() -> None:
    room = Room(kept=[KeptDesk("ana", "e7", 5, 1, 0, (kept(1), kept(2)))])
    room.desks.residents.join(lambda _: True)
    assert room.desks.residents.gained(["ana", "nobody"], room.now.at, {"01JDX002"}) == ["01JDX001", "01JDX002"]
    (one,) = [one.event for one in room.desks.drain() if isinstance(one, KeepEvent)]
    assert (one.kind, one.call, json.loads(one.data)["call"]["outcome"]) == ("call.ended", "01JDX001", "unknown")


def test_an_adopted_desk_goes_on_where_it_stood() -> None:
    room = Room()
    ring(room, 9)
    room.said()
    residents = room.desks.residents
    residents.freeze(["ana"])
    room.outbox.keep_call(kept(1, pop=pop(1)))
    residents.adopt(KeptDesk("ana", "e-of-two", 41, 12, 40, (kept(1),)))
    room.desks.stored("ana", 41)
    assert not residents.has("ana")
    assert residents.gained(["ana"], room.now.at, {"01JDX001"}) == ["01JDX001"]
    desk = residents.standing("ana")
    assert desk is not None
    assert (desk.epoch, desk.sequence, desk.floor, desk.acked) == ("e-of-two", 41, 12, 40)
    number, (welcome,) = room.sign_in()
    assert (welcome["data"]["epoch"], welcome["data"]["sequence"]) == ("e-of-two", 41)
    (pong,) = room.send(number, type="ping")
    assert isinstance(pong, Send)
    assert json.loads(pong.frame)["data"]["stored"] == 41
    room.desks.ended("ana", ex.ended(ex.call(1)), room.now.at)
    assert events(room.said()) == [(number, "call.ended")]


def test_a_desk_that_begins_anew_shows_nothing_as_in_progress() -> None:
    over = kept(1, of=ex.ended(ex.call(1)))
    room = Room(kept=[KeptDesk("ana", "e7", 5, 1, 3, (over, kept(2)))])
    residents = room.desks.residents
    residents.join(lambda _: True)
    assert [one.call.id for one in residents.renew("ana", "e8")] == ["01JDX002"]
    residents.gained(["ana"], room.now.at)
    desk = residents.standing("ana")
    assert desk == KeptDesk("ana", "e8", 0, 1, 0, (over,))
    room.desks.stored("ana", 5)  # what was being written just then
    room.desks.lost("ana", 4)
    assert residents.standing("ana") == replace(desk, floor=1)
    ring(room, 2)
    told = [one.event for one in room.desks.drain() if isinstance(one, KeepEvent)]
    assert [(one.epoch, one.sequence, one.kind) for one in told] == [("e8", 1, "call.ringing")]
