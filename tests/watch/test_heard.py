import json

import pytest

from ctibridge.watch import heard
from tests.delivery.golden_files import GOLDEN

EVENTS = sorted(path.stem for path in GOLDEN.glob("*.json") if "specversion" in json.loads(path.read_text()))


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.json").read_text()


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_of_the_daemon_is_read_whole(name: str) -> None:
    event = heard.read(golden(name))
    assert isinstance(event, heard.Heard)
    assert (event.sequence, event.id) == (42, "k3f9.42")
    assert event.data != heard.Data(), "its data fits"


def test_a_pop_is_read() -> None:
    event = heard.read(golden("call.ringing"))
    assert isinstance(event, heard.Heard)
    data = event.data
    assert data.call is not None
    assert data.call.state == "ringing"
    assert data.language.greeting == "Grüezi, ACME Service Desk, mein Name ist Ana."
    (candidate,) = data.resolution.candidates
    assert (candidate.person.name, candidate.evidence[0].matched) == ("Regula Frei", "+4915112345678")
    assert data.links[0].url.startswith("https://acme.xurrent.com/")


def test_the_state_at_sign_in_is_read() -> None:
    welcome = heard.read(golden("welcome"))
    assert isinstance(welcome, heard.Welcome)
    assert [line.state for line in welcome.lines] == ["registered", "alone"]
    assert welcome.calls[0].called.name == "ACME IT Service Desk"


def test_other_answers_of_the_daemon_are_read() -> None:
    assert isinstance(heard.read(golden("pong")), heard.Pong)
    error = heard.read(golden("error"))
    assert isinstance(error, heard.Refused)
    assert error.code


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    frame = json.loads(golden("call.ringing"))
    frame["data"]["call"]["state"] = "parked"
    frame["data"]["mood"] = {"kind": "cheerful"}
    del frame["data"]["trust"]
    event = heard.read(json.dumps(frame | {"type": "call.parked"}))
    assert isinstance(event, heard.Heard)
    assert event.data.call is not None
    assert (event.type, event.data.call.state) == ("call.parked", "parked")


def test_an_event_of_another_shape_still_counts() -> None:
    frame = json.loads(golden("call.ringing")) | {"data": [1]}
    event = heard.read(json.dumps(frame))
    assert isinstance(event, heard.Heard)
    assert (event.sequence, event.data) == (42, heard.Data())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"type": 5}',
        '{"type": "people", "data": {}}',
        '{"type": "welcome", "data": []}',
        '{"type": "x", "specversion": "1.0", "sequence": "²"}',
        '{"type": "x", "specversion": "1.0", "sequence": "-1"}',
        '{"type": "x", "specversion": "1.0", "sequence": "1_0"}',
        '{"type": "x", "specversion": "1.0", "sequence": "' + "9" * 5000 + '"}',
        '{"type": "x", "specversion": "1.0", "sequence": "1", "data": ' + "[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_anything_else_is_nothing(text: str | bytes) -> None:
    assert heard.read(text) is None


def test_what_a_caller_is_called_does_not_print() -> None:
    event = heard.read(golden("call.ringing"))
    assert "Frei" not in repr(event)
    assert "4915112345678" not in repr(event)
