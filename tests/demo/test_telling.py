"""What a person reads."""

import msgspec
import pytest

from ctibridge.delivery import wire
from ctibridge.delivery.wire_context import AccountBody, ContextBody
from ctibridge.demo import telling
from ctibridge.demo.desk import Heard

ACME = AccountBody("acme", "ACME AG")


def event(kind: str, data: object) -> Heard:
    return Heard(kind, "2026-11-21T18:00:00.000000Z", "1", msgspec.Raw(msgspec.json.encode(data)))


def candidate(name: str | None, disabled: bool = False) -> wire.CandidateBody:
    person = wire.PersonBody("acme", "p1", name, None, None, None, None, None, None, False, disabled, None)
    return wire.CandidateBody(person, ACME, [])


def pop(status: str, *candidates: wire.CandidateBody, granted: bool = True) -> Heard:
    data: dict[str, object] = {
        "call": None,
        "caller": wire.CallerBody("+498900", None, None, "allowed", None, "From", "not-checked", None),
        "called": wire.CalledBody("+4930", ACME, "ACME Desk", "open", granted),
        "language": wire.LanguageBody("de", "German", "Deutsch", "person", True, None),
        "resolution": {"status": status, "revision": 1, "account": ACME, "candidates": candidates},
        "context": ContextBody([], [], [], True),
        "trust": wire.TrustBody(False, []),
        "links": [],
    }
    return event("call.ringing", data)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (pop("identified", candidate("Eva")), "Eva, ACME AG"),
        (pop("identified", candidate(None)), "p1, ACME AG"),
        (pop("ambiguous", candidate("Eva"), candidate("Ole")), "Eva, ACME AG or Ole, ACME AG"),
        (pop("shared"), "a shared number of ACME AG"),
        (pop("withheld"), "number withheld"),
        (pop("unknown"), "unknown caller +498900"),
        (pop("unknown", candidate("Eva", disabled=True)), "unknown caller +498900, known as Eva (no longer there)"),
        (pop("unknown", granted=False), "somebody of whom ACME AG shows this agent nothing"),
    ],
)
def test_a_pop(said: Heard, text: str) -> None:
    assert telling.line(said) == f"18:00:00  rings  ACME Desk · Deutsch · {text}"


@pytest.mark.parametrize(
    ("outcome", "text"),
    [("abandoned", "the caller hung up"), ("failed", "the call broke"), ("unknown", "ended, nobody saw how")],
)
def test_an_end(outcome: str, text: str) -> None:
    call = {"id": "c", "state": "ended", "line": "6001", "trunk": "pbx", "rang_at": "x", "outcome": outcome}
    assert telling.line(event("call.ended", {"call": call})) == f"18:00:00  ended  {text}"


def test_a_notice_and_what_is_nothing_new() -> None:
    assert telling.line(event("notice", wire.NoticeData("x", "a line is deaf"))) == "18:00:00  note   a line is deaf"
    assert telling.line(event("call.updated", {})) is None
