"""Answers go to whoever asked, and say whom they named."""

import json

from ctibridge.delivery.outputs import Send
from ctibridge.domain.private import Private
from tests.delivery import examples as ex
from tests.delivery.desk_room import Room, error


def test_an_answer_is_for_one_screen_and_its_people_were_seen() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.sign_in()
    room.desks.people(number, "01JDX001", Private("frei"), [ex.candidate()], room.now.at)
    (sent,) = room.said()
    assert isinstance(sent, Send)
    assert sent.session == number
    assert json.loads(sent.frame)["type"] == "people"
    assert [(sight.agent, sight.account) for sight in room.outbox.sights.values()] == [("ana", "acme")]


def test_what_is_refused() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.desks.unknown_person(number)
    assert error(room.said()) == "unknown_person"
    room.desks.not_allowed(number, "a colleague was quicker")
    room.desks.not_allowed(number, "a colleague was quicker")
    assert len(room.said()) == 2, "no fault of the connection's"
    room.desks.unknown_call(number)
    assert error(room.said()) == "unknown_call"


def test_who_has_gone_is_told_nothing() -> None:
    room = Room()
    number, _ = room.sign_in()
    room.desks.gone(number)
    room.desks.people(number, "01JDX001", Private("frei"), [ex.candidate()], room.now.at)
    room.desks.unknown_call(number)
    assert room.said() == []
    assert not room.outbox.sights
