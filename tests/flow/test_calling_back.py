"""Missed callers reach those desks whose agents have the role, and their state outlives the process."""

from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.account import AccountRef
from ctibridge.domain.caller import Called
from ctibridge.domain.desk_command import DeskCommand, Done, Take
from ctibridge.domain.resolution import Status
from ctibridge.domain.screen_pop import Answer
from ctibridge.flow import calling_back
from ctibridge.lookup.question import Question
from ctibridge.sip.events import RingEnd
from tests.flow.house import FakeLookup, House
from tests.leaks import canary

ACME = Called("+4930", AccountRef("acme", "ACME AG"), "ACME IT Service Desk", granted=True)
DESK = "+4931"
"""At +4930 the look-up says that the number is many people's."""


class AcmeLookup(FakeLookup):
    """Every call is for acme."""

    def _shown(self, question: Question, agent: str) -> Answer:
        return replace(super()._shown(question, agent), called=ACME)


def house(lookup: FakeLookup | None = None) -> House:
    """Whose desks' `take` and `done` are carried on."""
    made = House(lookup or AcmeLookup())

    def obey(command: DeskCommand) -> None:
        if isinstance(command, Take | Done) and made.flow.calling_back.may(command):
            made.flow.carry_out(command)

    made.on_command = obey
    return made


def rings_and_hangs_up(one: House, leg: str = "a", caller: str = "111") -> None:
    """At ana's and cleo's desks."""
    one.ring(leg, caller=caller, called=DESK)
    one.ring(f"{leg}2", line="6003", dialog=leg, caller=caller, called=DESK)
    one.end(leg)
    one.end(f"{leg}2")


def worked(one: House) -> list[tuple[int, str, str | None, str | None]]:
    events = [frame for frame in one.frames if frame["type"] == "call.worked"]
    return [(event["desk"], event["subject"], event["data"]["by"], event["data"]["state"]) for event in events]


def errors(one: House) -> list[dict[str, Any]]:
    return [frame["data"] for frame in one.frames if frame["type"] == "error"]


async def test_all_desks_that_missed_it_hear_who_calls_back_and_that_it_is_settled() -> None:
    one = house()
    rings_and_hangs_up(one)
    one.says("ana", {"type": "take", "call": "call1"})
    one.says("cleo", {"type": "done", "call": "call1"})
    assert worked(one) == [
        (1, "call1", "ana", "taken"),
        (2, "call1", "ana", "taken"),
        (1, "call1", "cleo", "settled"),
        (2, "call1", "cleo", "settled"),
    ]
    await one.flow.stop()


async def test_the_same_caller_who_is_answered_later_is_settled_by_itself() -> None:
    one = house()
    rings_and_hangs_up(one)
    one.later(120)
    one.ring("b", called=DESK)
    one.end("b", RingEnd.COMPLETED_ELSEWHERE)
    assert worked(one) == [(1, "call1", None, "settled"), (2, "call1", None, "settled")]
    assert {frame["data"]["answered_in"] for frame in one.frames if frame["type"] == "call.worked"} == {"call3"}
    await one.flow.stop()


async def test_a_number_of_many_people_is_no_sign_of_the_same_caller() -> None:
    one = house()
    one.ring("a")
    one.end("a")
    one.later(120)
    one.ring("b")
    one.end("b", RingEnd.COMPLETED_ELSEWHERE)
    assert worked(one) == []
    await one.flow.stop()


async def test_who_has_no_role_there_neither_takes_it_nor_hears_who_does() -> None:
    lookup = AcmeLookup(seen={"cleo": frozenset()})
    one = house(lookup)
    rings_and_hangs_up(one)
    one.says("cleo", {"type": "take", "call": "call1"})
    assert errors(one) == [{"code": "not_allowed", "message": "you have no role at the company that was called"}]
    one.says("ana", {"type": "take", "call": "call1"})
    assert worked(one) == [(1, "call1", "ana", "taken")]
    became = [one.flow.calling_back.became("call1", agent) for agent in ("ana", "cleo")]
    assert [work is None for work in became] == [False, True]
    await one.flow.stop()


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (("take",), "ana took this caller 3 min ago"),
        (("take", "done"), "ana settled this call 3 min ago"),
    ],
)
async def test_why_it_cannot_be_taken_is_said_in_one_sentence(before: tuple[str, ...], why: str) -> None:
    one = house()
    rings_and_hangs_up(one)
    for kind in before:
        one.says("ana", {"type": kind, "call": "call1"})
    one.later(180)
    one.says("cleo", {"type": "take", "call": "call1"})
    assert errors(one) == [{"code": "not_allowed", "message": why}]
    await one.flow.stop()


async def test_a_call_that_rings_or_was_answered_or_is_not_known_is_not_taken() -> None:
    one = house()
    one.ring("a")
    one.says("ana", {"type": "take", "call": "call1"})
    one.end("a", RingEnd.COMPLETED_ELSEWHERE)
    one.says("ana", {"type": "done", "call": "call1"})
    assert [error["message"] for error in errors(one)] == [
        "this call still rings",
        "this caller was answered",
    ]
    other = house()
    other.says("ana", {"type": "take", "call": "nobody's"})
    assert [error["code"] for error in errors(other)] == ["unknown_call"]
    for each in (one, other):
        await each.flow.stop()


async def test_after_a_restart_it_still_waits_and_who_took_it_is_known() -> None:
    one = house()
    rings_and_hangs_up(one)
    one.says("ana", {"type": "take", "call": "call1"})
    await one.flow.stop()
    texts = {key: body for (kind, key), body in one.outbox.facts.items() if kind == calling_back.KIND}
    after = house()
    after.flow.calling_back.restore(texts, {})
    after.says("cleo", {"type": "take", "call": "call1"})
    assert errors(after)[0]["message"].startswith("ana took this caller")
    became = after.flow.calling_back.became("call1", "ana")
    assert became is not None
    assert became.by == "ana"
    await after.flow.stop()


async def test_what_rang_when_the_process_was_killed_waits_afterwards() -> None:
    one = house()
    one.ring("a")
    one.flow.calling_back.write()
    texts = {key: body for (kind, key), body in one.outbox.facts.items() if kind == calling_back.KIND}
    after = house()
    after.flow.calling_back.restore(texts, {})
    after.says("ana", {"type": "take", "call": "call1"})
    assert worked(after) == [(1, "call1", "ana", "taken")]
    for each in (one, after):
        await each.flow.stop()


async def test_a_text_that_cannot_be_read_costs_itself_alone() -> None:
    one = house()
    one.flow.calling_back.restore({"call9": b"{", "call8": b"null"}, {})
    assert one.flow.calling_back.became("call9", "ana") is None
    await one.flow.stop()


async def test_a_text_that_cannot_be_read_is_named_by_its_call_alone_and_leaves_the_store() -> None:
    one = house()
    rings_and_hangs_up(one)
    one.says("ana", {"type": "take", "call": "call1"})
    await one.flow.stop()
    texts = {key: body for (kind, key), body in one.outbox.facts.items() if kind == calling_back.KIND}
    texts["call9"] = b'{"id":"call9","caller":["' + canary("4930777666555").encode() + b'"]}'
    after = house()
    after.outbox.facts |= {(calling_back.KIND, key): body for key, body in texts.items()}
    with capture_logs() as lines:
        after.flow.calling_back.restore(texts, {})
    assert lines == [{"event": "missed_call_unreadable", "log_level": "warning", "call": "call9"}]
    after.flow.calling_back.write()
    assert [key for kind, key in after.outbox.facts if kind == calling_back.KIND] == ["call1"]
    became = after.flow.calling_back.became("call1", "ana")
    assert became is not None
    assert became.by == "ana"
    await after.flow.stop()


async def test_a_refusal_is_no_wrong_frame_however_often_it_comes() -> None:
    """The third one in a day closed the desk's connection with 4400."""
    one = house()
    rings_and_hangs_up(one)
    one.says("ana", {"type": "take", "call": "call1"})
    for _ in range(5):
        one.says("ana", {"type": "take", "call": "call1"})
        one.says("cleo", {"type": "take", "call": "call1"})
    messages = [error["message"] for error in errors(one)]
    assert messages == ["you took this caller already", "ana took this caller 0 min ago"] * 5
    assert {agent for _, _, agent in one.desks.live()} == {"ana", "cleo"}
    await one.flow.stop()


class SharedForAna(AcmeLookup):
    """She sees that the number is the company's own; who has no role there only sees a number."""

    def _shown(self, question: Question, agent: str) -> Answer:
        shown = super()._shown(question, agent)
        status = Status.SHARED if agent == "ana" else Status.UNKNOWN
        return replace(shown, resolution=replace(shown.resolution, status=status))


async def test_a_stranger_on_the_companys_main_number_settles_nobody_also_where_one_desk_sees_only_a_number() -> None:
    one = house(SharedForAna(seen={"ana": frozenset({"acme"}), "cleo": frozenset({"other"})}))
    rings_and_hangs_up(one)
    one.later(120)
    one.ring("b", called=DESK)
    one.ring("b2", line="6003", dialog="b", called=DESK)
    one.end("b", RingEnd.COMPLETED_ELSEWHERE)
    one.end("b2", RingEnd.COMPLETED_ELSEWHERE)
    assert worked(one) == []
    await one.flow.stop()


async def test_a_desk_that_is_told_of_no_company_does_not_open_the_call_to_everybody() -> None:
    class Partly(AcmeLookup):
        def _shown(self, question: Question, agent: str) -> Answer:
            shown = super()._shown(question, agent)
            return shown if agent == "ana" else replace(shown, called=replace(ACME, account=None, granted=False))

    one = house(Partly(seen={"ana": frozenset({"acme"}), "cleo": frozenset({"other"})}))
    rings_and_hangs_up(one)
    one.says("cleo", {"type": "done", "call": "call1"})
    assert worked(one) == []
    assert [error["code"] for error in errors(one)] == ["not_allowed"]
    await one.flow.stop()


async def test_a_note_is_for_those_who_have_the_role_at_the_company_that_was_called() -> None:
    """Who had lost it, and saw another customer at the same number, heard a colleague's note of it."""
    lookup = AcmeLookup(granted={"ana": True, "cleo": True}, seen={"cleo": frozenset({"khalij"})})
    one = house(lookup)
    one.ring("a")
    one.ring("a2", line="6003", dialog="a")
    one.write("ana", "call1", "asks for Regula's token")
    assert [frame["desk"] for frame in one.frames if frame["type"] == "call.worked"] == [1]
    await one.flow.stop()
