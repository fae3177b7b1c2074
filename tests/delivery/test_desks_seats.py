"""All desks: who sits where, and who is told that nobody does."""

import json

from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.outputs import Command, Send
from ctibridge.delivery.tokens import Refusal
from ctibridge.domain.agent import Agent
from ctibridge.domain.desk_command import Sit
from ctibridge.domain.line import Line, LineState
from tests.delivery import examples as ex
from tests.delivery.desk_room import LINES, Room, error, events


def test_sit() -> None:
    room = Room()
    number, _ = room.sign_in("ben")
    assert room.desks.hearers("pbx", "6004") == frozenset()
    assert room.send(number, type="sit", lines=["6004"]) == [Command(Sit("ben", ("6004",)))]
    assert room.desks.hearers("pbx", "6004") == {"ben"}
    assert error(room.send(number, type="sit", lines=["6001"])) == "not_allowed"
    room.desks.gone(number)
    assert room.desks.hearers("pbx", "6004") == {"ben"}, "he sits there until he says otherwise"


def test_a_reload_tells_those_who_are_here_which_lines_are_theirs_now() -> None:
    room = Room()
    room.desks.set_agents({one: Agent(one, one.title()) for one in ("ana", "ben", "cleo")})
    ana, _ = room.sign_in("ana")
    ben, _ = room.sign_in("ben")
    room.send(ben, type="sit", lines=["6004"])
    room.desks.set_lines([LINES[0], Line("pbx", "6004", ("ben", "cleo"))])
    told = {one.session: json.loads(one.frame)["data"]["lines"] for one in room.said() if isinstance(one, Send)}
    assert {number: [line["line"] for line in lines] for number, lines in told.items()} == {
        ana: ["6001"], ben: ["6004"],
    }  # fmt: skip
    assert room.desks.hearers("pbx", "6004") == {"ben"}


def test_a_line_that_a_reload_gives_to_a_disabled_agent_rings_for_nobody() -> None:
    room = Room()
    room.desks.set_agents({"ana": ex.ANA, "ben": Agent("ben", "Ben", disabled=True)})
    room.desks.set_lines([Line("pbx", "6001", ("ben",))])
    assert room.desks.hearers("pbx", "6001") == frozenset()


def test_that_nobody_sits_is_told_at_the_desks_of_the_line() -> None:
    room = Room()
    room.sign_in("ana")
    room.sign_in("ben")
    room.desks.nobody_sits("pbx", "6004", ex.AT)
    assert events(room.said()) == [(1, "notice"), (2, "notice")]
    room.desks.nobody_sits("pbx", "6004", ex.AT)
    assert room.said() == []


def test_a_call_at_the_seat_of_a_disabled_agent_is_told_to_his_colleagues() -> None:
    """Ben's desk had been closed with 4403, and still line 6004 was his: no pop, and no notice at Ana's desk."""
    room = Room()
    room.sign_in("ana")
    number, _ = room.sign_in("ben")
    room.send(number, type="sit", lines=["6004"])
    assert room.desks.set_agents({"ana": ex.ANA, "ben": Agent("ben", "Ben", disabled=True)}) == {"ben"}
    room.desks.refuse(number, Refusal(CloseCode.WRONG_TOKEN, "the agent is disabled"))
    room.said()
    assert room.desks.hearers("pbx", "6004") == frozenset(), "nor is he one of those whose languages count"
    room.desks.nobody_sits("pbx", "6004", ex.AT)
    assert events(room.said()) == [(1, "notice")]


def test_a_call_on_the_line_of_an_agent_who_is_gone_is_no_fault() -> None:
    room = Room()
    assert room.desks.set_agents({}) == {"ana", "ben"}
    assert room.desks.hearers("pbx", "6001") == frozenset()
    room.desks.nobody_sits("pbx", "6001", ex.AT)
    assert room.said() == []


def test_a_line_that_is_gone_has_no_state_any_more() -> None:
    room = Room()
    room.desks.line_state("pbx", "6001", LineState.DEAF, ex.AT)
    room.desks.line_gone("pbx", "6001")
    before = len(room.desks.drain())
    room.desks.line_state("pbx", "6001", LineState.REGISTERED, ex.AT)
    assert before
    assert room.desks.drain() == []
