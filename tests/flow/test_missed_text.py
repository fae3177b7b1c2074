"""A missed call comes back from its text as it was; what is no such text is nothing, and is not repeated."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ctibridge.calls.missed_call import AtDesk, MissedCall, Spoken
from ctibridge.domain.call import AnsweredBy, Call, CallState, Outcome
from ctibridge.domain.work import Work, WorkState
from ctibridge.flow.missed_text import read, read_all, write
from tests.calls.legs import at
from tests.calls.missing import Desks, kept

# As desks.db holds it from the first release on. (Written anew before that: the one by hand named the call once for
# all desks, and who answered as a pair.)
GOLDEN = (
    b'{"id":"c1","caller":"4930999888777","account":"acme","desks":{'
    b'"ana":{"call":{"id":"c1","trunk":"pbx","line":"6001","state":"ended","rang_at":"2026-11-21T18:00:30Z",'
    b'"answered_at":"2026-11-21T18:00:34.500000Z","ended_at":"2026-11-21T18:00:34.500000Z",'
    b'"outcome":"answered_elsewhere","round":2,"answered_by":{"line":"6002","agent":"cem"}},'
    b'"missed":true,"told":true},'
    b'"cem":{"call":{"id":"c1","trunk":"pbx","line":"6002","state":"answered","rang_at":"2026-11-21T18:00:30Z",'
    b'"answered_at":"2026-11-21T18:00:33Z","ended_at":null,"outcome":null,"round":2,"answered_by":null},'
    b'"missed":false,"told":false}},'
    b'"spoken":{"call":"c1","by":"cem","at":"2026-11-21T18:00:33Z"},'
    b'"work":{"by":"cem","state":"settled","at":"2026-11-21T18:00:33Z","answered_in":"c1"},"shared":true}'
)


def clock(second: int, micros: int = 0) -> datetime:
    return datetime(2026, 11, 21, 18, 0, second, micros, tzinfo=UTC)


def golden() -> MissedCall:
    """All that a text can hold."""
    end, by = clock(34, 500_000), AnsweredBy("6002", "cem")
    ana = Call("c1", "pbx", "6001", CallState.ENDED, clock(30), end, end, Outcome.ANSWERED_ELSEWHERE, 2, by)
    cem = Call("c1", "pbx", "6002", CallState.ANSWERED, clock(30), clock(33), round=2)
    desks = {"ana": AtDesk(ana, missed=True, told=True), "cem": AtDesk(cem)}
    work = Work("cem", WorkState.SETTLED, clock(33), "c1")
    return MissedCall("c1", "4930999888777", "acme", desks, Spoken("c1", "cem", clock(33)), work, shared=True)


def test_the_text_as_the_store_holds_it() -> None:
    assert write(golden()) == GOLDEN
    assert read(GOLDEN) == golden()


def test_what_is_read_is_what_was_written() -> None:
    desks = Desks()
    desks.miss("c1", 0.123456, "ana", "ben")
    desks.missed.take("c1", "ben", at(12))
    desks.ring("c1", 30, "ana", "cem", round_=2)
    desks.answer("c1", 33, "cem")
    desks.end("c1", 34, "ana", outcome=Outcome.ANSWERED_ELSEWHERE, by="cem")
    one = kept(desks)["c1"]
    again = read(write(one))
    assert again is not None
    assert again == one
    assert write(again) == write(one)
    assert list(again.desks) == ["ana", "ben", "cem"]
    assert (again.going_on, again.was_missed) == ({"cem"}, True)
    assert again.desks["ana"].call.answered_by is not None


def test_a_call_of_which_only_the_ring_is_known_is_read_back_as_that() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", caller=None, account=None)
    one = read(write(kept(desks)["c1"]))
    assert one is not None
    assert one.desks["ana"].call == Call("c1", "pbx", "6001", CallState.RINGING, at(0).at)
    assert (one.caller, one.account, one.work, one.spoken) == (None, None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"id": "c1"}',
        b'{"id": "\xff"}',
        b'{"x":' + b"[" * 100_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_another_text_is_nothing(text: bytes) -> None:
    assert read(text) is None


ZONELESS = "2026-11-21T18:00:30"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", 7),
        ("desks", {}),
        ("desks", []),
        ("work", {"by": "ana"}),
        ("spoken", {"by": None, "at": "2026-11-21T18:00Z"}),
        # A time without a zone could not be compared with any other.
        ("spoken.at", ZONELESS),
        ("work.at", ZONELESS),
        ("desks.cem.call.rang_at", ZONELESS),
        ("desks.cem.call.answered_at", ZONELESS),
        ("desks.ana.call.ended_at", ZONELESS),
        # One text is one call.
        ("id", "c2"),
        ("desks.cem.call.id", "c2"),
        ("spoken.call", "c2"),
    ],
)
def test_a_text_with_something_wrong_in_it_is_nothing(path: str, value: object) -> None:
    assert read(with_(path, value)) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [("caller", 5), ("shared", "no"), ("desks.ana.call.round", "x"), ("desks.ana.told", 1), ("account", ["acme"])],
)
def test_a_number_where_a_word_belongs_is_not_taken_for_one(path: str, value: object) -> None:
    """The reader by hand took them: an account that was a list then went into keys, and ended the start."""
    assert read(with_(path, value)) is None


def test_one_that_cannot_be_read_costs_itself_alone() -> None:
    calls, unreadable = read_all({"c0": b"{", "c1": GOLDEN, "c3": b"?"})
    assert (calls, unreadable) == ([golden()], ["c0", "c3"])


def with_(path: str, value: object) -> bytes:
    """The golden text, with another value there."""
    body = json.loads(GOLDEN)
    *above, last = path.split(".")
    at_: dict[str, Any] = body
    for name in above:
        at_ = at_[name]
    assert last in at_
    at_[last] = value
    return json.dumps(body).encode()
