"""One golden file for each frame that is no event."""

import json
from dataclasses import replace

import msgspec
import pytest

from ctibridge.delivery import encode, encode_control
from ctibridge.delivery import wire_control as wire
from ctibridge.delivery.encode import call_body, note_body
from ctibridge.delivery.encode_context import time
from ctibridge.delivery.wire_context import AccountBody
from ctibridge.domain.agent import Agent
from ctibridge.domain.private import Name, Private
from ctibridge.domain.work import Work, WorkState
from tests.delivery import examples as ex
from tests.delivery.golden_files import check

OWN = wire.LineBody("6001", "registered", "pbx", shared=False, sitting=True)
SHARED = wire.LineBody("6004", "alone", "pbx", shared=True, sitting=False)
MISSED = ex.ended(ex.call(2))
WORK = wire.WorkBody("taken", "ben", time(ex.AT))
NEW = wire.WelcomeData(
    "ana",
    "k3f9",
    42,
    [OWN, SHARED],
    False,
    [msgspec.Raw(encode.pop_data(ex.IDENTIFIED, ex.call())), msgspec.Raw(encode.call_data(MISSED))],
    [
        wire.DetailBody("01JDX001", 42, None, [], None),
        wire.DetailBody(
            "01JDX002", 40, msgspec.Raw(encode.pop_data(ex.WITHHELD, ex.call(2))), [note_body(ex.NOTE)], WORK
        ),
    ],
    rings=True,
    live_only=True,
    name="Ana Lindqvist",
    expires_in=43_200,
)
LISTED = wire.TodayCallBody(
    call_body(MISSED), "ACME IT Service Desk", AccountBody("acme", "ACME AG"), "identified", "Regula Frei",
    "+4915112345678", "+4915112345678", "de-CH", "Deutsch (Schweiz)", 1, WORK,
)  # fmt: skip
NAMELESS = wire.TodayCallBody(
    call_body(ex.call()), None, None, "withheld", None, None, None, None, None, 0,
    wire.WorkBody("settled", None, time(ex.AT), "01JDX003"),
)  # fmt: skip
FRAMES = {
    "welcome": encode_control.welcome(NEW),
    "welcome.resumed": encode_control.welcome(wire.WelcomeData("ana", "k3f9", 42, [], True, [])),
    "pong": encode_control.pong([OWN, SHARED], 41),
    "leader": encode_control.leader(rings=True),
    "people": encode_control.people("01JDX001", Private("frei"), [ex.candidate(pronunciation=Name("fry"))]),
    "today": encode_control.today("2026-11-21T00:00:00+01:00", [LISTED, NAMELESS]),
    "colleagues": encode_control.colleagues([(ex.ANA, True), (Agent("ben", "Ben Okafor"), False)], frozenset({"acme"})),
    "error": encode_control.error("bad_message", "type: no frame has this type"),
}


@pytest.mark.parametrize("name", FRAMES)
def test_control_frames_are_as_written_down(name: str) -> None:
    check(name, FRAMES[name])


def test_every_control_frame_is_written_down() -> None:
    tags = {one.__struct_config__.tag for one in wire.CONTROL}
    assert {json.loads(frame)["type"] for frame in FRAMES.values()} == tags


def test_what_became_of_a_missed_call_is_written_in_full_and_of_another_one_nothing() -> None:
    assert encode_control.work_body(None) is None
    assert encode_control.work_body(Work("ben", WorkState.TAKEN, ex.AT)) == WORK
    by_itself = encode_control.work_body(Work(None, WorkState.SETTLED, ex.AT, "01JDX003"))
    assert by_itself == wire.WorkBody("settled", None, time(ex.AT), "01JDX003")


def test_people_are_the_answer_to_a_search_whatever_was_searched_for() -> None:
    found = json.loads(encode_control.people("c", Private("frei\ud800"), []))
    assert found == {"type": "people", "data": {"call": "c", "text": "frei?", "people": []}}


def test_grants_are_marked_by_what_may_be_seen_and_not_by_its_order() -> None:
    def mark(*accounts: str) -> str:
        marked: str = json.loads(encode_control.colleagues([], frozenset(accounts)))["data"]["grants"]
        return marked

    assert mark("acme", "globex") == mark("globex", "acme")
    assert len({mark(), mark("acme"), mark("globex"), mark("acme", "globex")}) == 4


def test_colleagues_stand_in_the_order_in_which_they_come() -> None:
    agents = [(replace(ex.ANA, id=who), here) for who, here in (("cleo", True), ("ana", False))]
    told = json.loads(encode_control.colleagues(agents, frozenset()))["data"]["agents"]
    assert [(one["id"], one["languages"], one["here"]) for one in told] == [
        ("cleo", ["en", "de"], True),
        ("ana", ["en", "de"], False),
    ]
