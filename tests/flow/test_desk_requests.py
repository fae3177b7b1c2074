"""Search, choose and select go to the look-up and the answers come back, each to whom it is for."""

import asyncio
import gc
import json
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest

from ctibridge.domain.account import AccountRef
from ctibridge.domain.context import StandardRequest, Suggestions
from ctibridge.domain.desk_command import Choose, DeskCommand, ListCalls, ListColleagues, Search, Select
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.domain.resolution import Candidate
from ctibridge.flow import desk_requests
from ctibridge.flow.desk_requests import DeskRequests
from ctibridge.lookup.question import Pick, Question
from ctibridge.sip.events import RingEnd
from tests.flow.house import FakeLookup, House, settle

REGULA = Candidate(Person(PersonKey("acme", "p17"), Name("Regula Frei")), AccountRef("acme", "ACME AG"), ())

P17 = {"account": "acme", "id": "p17"}
AT = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass
class FakeDirectory:
    """Knows Regula, for whoever sees acme. hold: searches wait for it. sees: the caller's numbers whose calls he may
    see."""

    hold: asyncio.Event | None = None
    fails: bool = False
    sees: frozenset[str] = frozenset()
    picks: list[Pick] = field(default_factory=list)
    chose: list[tuple[str, bool]] = field(default_factory=list)
    searched: list[tuple[str, str | None]] = field(default_factory=list)

    async def may_see(self, question: Question, agent: str) -> bool:
        return raw(question) in self.sees

    async def choose(self, question: Question, pick: Pick, *, keep: bool) -> bool:
        if self.fails:
            raise RuntimeError("boom")
        self.picks.append(pick)
        self.chose.append((raw(question), keep))
        return pick.person == REGULA.person.key

    async def suggestions(
        self, question: Question, agent: str, service: str | None, configuration_item: str | None
    ) -> Suggestions | None:
        if self.fails:
            raise RuntimeError("boom")
        if service != "mail":
            return None
        return Suggestions(question.call_id or "", (StandardRequest("r1", "mail", "New mailbox"),), ())

    async def search(self, question: Question, agent: str, text: str, account: str | None) -> tuple[Candidate, ...]:
        self.searched.append((text, account))
        if self.fails:
            raise RuntimeError("boom")
        if self.hold is not None:
            await self.hold.wait()
        return (REGULA,) if text.startswith("fr") else ()


def raw(question: Question) -> str:
    assert question.signalled.raw is not None
    return question.signalled.raw.value


class Desk:
    """Ana's, with her connection 1; `says` is what she sends, `frames` what she hears."""

    def __init__(self, directory: FakeDirectory, lookup: FakeLookup | None = None) -> None:
        house = self.house = House(lookup or FakeLookup())
        self.requests = DeskRequests(directory, house.desks, house.flow, lambda: house.now, house.deliver)
        house.on_command = self.obey
        house.ring("a")
        self.frames = house.frames
        self.frames.clear()

    def obey(self, command: DeskCommand) -> None:
        match command:
            case Choose():
                self.requests.choose(command)
            case Select():
                self.requests.select(command)
            case Search():
                self.requests.search(command)

    async def says(self, session: int = 1, /, **frame: object) -> None:
        self.sends(session, **frame)
        await settle()

    def sends(self, session: int = 1, /, **frame: object) -> None:
        """Sends, and goes on at once."""
        self.house.desks.receive(session, json.dumps(frame), self.house.now)
        self.house.deliver()

    @property
    def types(self) -> list[object]:
        return [frame["type"] for frame in self.frames]


async def test_a_search_is_answered_on_its_connection_with_the_text_it_was_for() -> None:
    desk = Desk(FakeDirectory())
    await desk.says(type="search", call="call1", text="frei", account=None)
    (frame,) = desk.frames
    assert frame["type"] == "people"
    data = frame["data"]
    assert (data["call"], data["text"]) == ("call1", "frei")
    assert data["people"][0]["person"]["name"] == "Regula Frei"


async def test_who_sends_gets_only_the_newest_answer() -> None:
    directory = FakeDirectory(hold=asyncio.Event())
    desk = Desk(directory)
    for text in ("f", "fr", "fre"):
        await desk.says(type="search", call="call1", text=text)
    assert directory.hold is not None
    directory.hold.set()
    await settle()
    assert [frame["data"]["text"] for frame in desk.frames] == ["fre"]
    assert [text for text, _ in directory.searched] == ["f", "fr", "fre"]


async def test_a_chosen_person_is_told_as_an_update() -> None:
    directory = FakeDirectory()
    desk = Desk(directory)
    await desk.says(type="choose", call="call1", person={"account": "acme", "id": "p17"})
    assert desk.types == ["call.updated"]
    assert directory.picks[0].by == "ana"


async def test_whom_he_may_not_see_and_who_is_not_there_are_the_same_error() -> None:
    desk = Desk(FakeDirectory())
    await desk.says(type="choose", call="call1", person={"account": "secret", "id": "p17"})
    (frame,) = desk.frames
    assert frame["data"] == {"code": "unknown_person", "message": "there is no such person"}


async def test_suggestions_are_an_event_of_the_desk() -> None:
    desk = Desk(FakeDirectory())
    await desk.says(type="select", call="call1", service="mail")
    assert desk.types == ["suggestions"]
    assert desk.frames[0]["sequence"] == "2"
    await desk.says(type="select", call="call1", configuration_item="laptop")
    assert desk.types == ["suggestions"] * 2
    assert desk.frames[1]["data"]["standard_requests"] == []


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "search", "call": "other", "text": "frei"}, "unknown_call"),
        ({"type": "choose", "call": "other", "person": {"account": "acme", "id": "p17"}}, "unknown_call"),
        ({"type": "select", "call": "other", "service": "mail"}, "unknown_call"),
        ({"type": "select", "call": "call1"}, "bad_message"),
        ({"type": "select", "call": "call1", "service": "a", "configuration_item": "b"}, "bad_message"),
        ({"type": "choose", "call": "call1"}, "bad_message"),
        ({"type": "search", "call": "call1", "text": "f" * 201}, "bad_message"),
    ],
)
async def test_wrong_frames_are_refused_and_cost_nothing_else(frame: dict[str, object], code: str) -> None:
    desk = Desk(FakeDirectory())
    await desk.says(**frame)
    (answer,) = desk.frames
    assert answer["data"]["code"] == code


async def test_what_fails_costs_itself_alone_and_who_looks_at_it_is_answered() -> None:
    """The desk went on looking for ever."""
    desk = Desk(FakeDirectory(fails=True))
    await desk.says(type="search", call="call1", text="frei")
    await desk.says(type="select", call="call1", service="mail")
    assert desk.types == ["people", "suggestions"]
    assert desk.frames[0]["data"]["people"] == []
    assert desk.frames[1]["data"]["standard_requests"] == []
    await desk.says(type="choose", call="call1", person=P17)
    await desk.says(type="ping")
    assert desk.types[2:] == ["pong"]


async def test_of_a_call_that_is_forgotten_meanwhile_there_is_nobody_and_nothing() -> None:
    """What an agent asked for it was answered by nothing at all."""
    desk = Desk(FakeDirectory())
    desk.house.flow._open.forget("call1")
    await desk.says(type="search", call="call1", text="frei")
    await desk.says(type="select", call="call1", service="mail")
    await desk.says(type="choose", call="call1", person=P17)
    people, suggestions, error = desk.frames
    assert (people["type"], people["data"]["people"]) == ("people", [])
    assert (suggestions["type"], suggestions["data"]["standard_requests"]) == ("suggestions", [])
    assert error["data"]["code"] == "unknown_call"


async def test_two_searches_in_one_moment_leave_nothing_that_was_never_run() -> None:
    """The first was given up before it began: its coroutine was never awaited."""
    desk = Desk(FakeDirectory())
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for text in ("f", "fr"):
            desk.sends(type="search", call="call1", text=text)
        await settle()
        gc.collect()
    assert [str(one.message) for one in warned] == []
    assert [frame["data"]["text"] for frame in desk.frames] == ["fr"]


async def test_of_many_lists_that_a_desk_asks_for_the_newest_alone_is_read() -> None:
    """400 `today` frames of one agent put 1.8 s in front of everybody else who asked."""
    desk, hold, read = Desk(FakeDirectory()), asyncio.Event(), list[str]()

    async def reading(text: str) -> None:
        await hold.wait()
        read.append(text)

    desk.sends(type="search", call="call1", text="frei")
    for session, text in ((1, "monday"), (1, "tuesday"), (2, "monday"), (1, "today")):
        desk.requests.instead(ListCalls("ana", session, AT, text), partial(reading, text))
        await settle()
    hold.set()
    await settle()
    assert read == ["monday", "today"], "another connection has its own"
    assert desk.types == ["people"], "and a search is something else"
    assert (desk.requests._newest, desk.requests._running) == ({}, set())


async def test_a_list_is_read_however_much_else_is_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above a thousand requests of all desks `today` was never answered, nor a search, nor who the colleagues are."""
    monkeypatch.setattr(desk_requests, "MOST_RUNNING", 1)
    hold, read = asyncio.Event(), list[int]()

    class Slow(FakeDirectory):
        async def choose(self, question: Question, pick: Pick, *, keep: bool) -> bool:
            await hold.wait()
            return await super().choose(question, pick, keep=keep)

    desk = Desk(directory := Slow())

    async def reading(number: int) -> None:
        await hold.wait()
        read.append(number)

    await desk.says(type="choose", call="call1", person=P17)
    for session in (1, 2, 3):
        desk.requests.instead(ListCalls("ana", session, AT, "today"), partial(reading, session))
        desk.requests.instead(ListColleagues("ana", session), partial(reading, session + 10))
    await desk.says(type="search", call="call1", text="frei")
    await desk.says(type="choose", call="call1", person=P17)
    assert (desk.types, directory.picks) == (["people"], []), "what no newer one replaces has its limit"
    hold.set()
    await settle()
    assert (read, len(directory.picks)) == ([1, 11, 2, 12, 3, 13], 1)
    await desk.says(type="choose", call="call1", person=P17)
    assert len(directory.picks) == 2


async def test_more_requests_than_can_run_are_dropped_and_leave_nothing_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_requests, "MOST_RUNNING", 1)
    directory = FakeDirectory()
    desk = Desk(directory)
    for _ in range(2):
        desk.sends(type="choose", call="call1", person=P17)
    await settle()
    assert len(directory.picks) == 1


async def test_what_is_still_being_asked_is_given_up_at_the_end() -> None:
    desk = Desk(FakeDirectory(hold=asyncio.Event()))
    await desk.says(type="search", call="call1", text="frei")
    await desk.requests.stop()
    assert desk.frames == []


# -- calls that are handed on ------------------------------------------------------------------------------------------


async def handed_on(directory: FakeDirectory) -> Desk:
    """Ana, who has 111 on the line, asks cleo (connection 2)."""
    desk = Desk(directory, FakeLookup(granted={"ana": True, "cleo": True}))
    desk.house.end("a", RingEnd.COMPLETED_ELSEWHERE)
    desk.house.later(20)
    desk.house.ring("b", "6003", "6001", "6003")
    await settle()
    desk.frames.clear()
    return desk


async def test_who_is_chosen_on_a_call_that_was_handed_on_is_the_first_caller() -> None:
    """He was remembered as the colleague's own number, and the pop did not change."""
    directory = FakeDirectory(sees=frozenset({"111"}))
    desk = await handed_on(directory)
    await desk.says(2, type="choose", call="call2", person=P17)
    assert directory.chose == [("111", True)]
    assert desk.types == ["call.updated"]
    own, first = desk.house.flow.question("call2"), desk.house.flow.first_question("call2")
    assert own is not None
    assert first is not None
    assert (own.chosen, first.chosen) == ((), (directory.picks[0],))


async def test_who_may_not_see_the_first_call_chooses_for_his_own_and_a_colleague_is_not_remembered_as_him() -> None:
    directory = FakeDirectory()
    desk = await handed_on(directory)
    await desk.says(2, type="choose", call="call2", person=P17)
    assert directory.chose == [("6001", False)]
    own, first = desk.house.flow.question("call2"), desk.house.flow.first_question("call2")
    assert own is not None
    assert first is not None
    assert (own.chosen, first.chosen) == ((directory.picks[0],), ())


async def test_a_choice_of_an_outside_caller_is_remembered_and_goes_along_when_his_call_is_handed_on() -> None:
    directory = FakeDirectory()
    desk = Desk(directory)
    await desk.says(type="choose", call="call1", person=P17)
    assert directory.chose == [("111", True)]
    desk.house.end("a", RingEnd.COMPLETED_ELSEWHERE)
    desk.house.later(20)
    desk.house.ring("b", "6003", "6001", "6003")
    first = desk.house.flow.first_question("call2")
    assert first is not None
    assert first.chosen == (directory.picks[0],)


async def test_a_colleague_who_calls_for_himself_is_not_remembered() -> None:
    directory = FakeDirectory(sees=frozenset({"6001"}))
    desk = Desk(directory)
    desk.house.end("a")
    desk.house.later(3600)
    desk.house.ring("b", "6003", "6001", "6003")
    await desk.says(2, type="choose", call="call2", person=P17)
    assert desk.house.flow.first_question("call2") is None
    assert directory.chose == [("6001", False)]
