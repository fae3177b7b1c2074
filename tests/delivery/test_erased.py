"""What is found of who leaves, however it is written; and that nothing of him is in what is left."""

import time
from typing import Any

import msgspec
import pytest

from ctibridge.delivery import erased
from ctibridge.delivery.erased import Level, Traces
from ctibridge.delivery.kept import KeptPop
from ctibridge.domain.erasure import Extension, Leaving
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.number_forms import written
from tests.delivery.kept_examples import ACME, kept, note

NUMBER = "+4915112345678"
REGULA = PersonKey("acme", "p17")
LEAVING = Leaving(
    frozenset({REGULA}), frozenset({"Regula Frei", "r.frei@acme.example"}), (written(NUMBER, ["9"]),),
    (Extension("acme", "4711"),),
)  # fmt: skip
TRACES = Traces(LEAVING)


def pop(*people: str, number: str = "+4930999", account: str = "acme", **caller: Any) -> bytes:
    candidates = [
        {"person": {"account": account, "id": person, "name": f"Name {person}"}, "account": {"id": account},
         "evidence": [{"kind": "number", "matched": number}]}
        for person in people
    ]  # fmt: skip
    return msgspec.json.encode({
        "call": {"id": "01JDX001", "state": "ringing"},
        "caller": {"number": number, "raw": number, "extension": None, "presentation": "allowed", "source": "From",
                   "attestation": "not-checked", "display_name": None, **caller},
        "called": {"number": "+4930111", "account": {"id": account, "name": "ACME"}},
        "resolution": {"status": "identified", "revision": 2, "candidates": candidates},
        "links": [{"title": "x", "url": "https://t.example/?n=%2B4930999"}],
    })  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        NUMBER, "4915112345678", "015112345678", "0151 123 456 78", "0151/12345678", "0049 151 12345678",
        "+49 (0)151 12345678", "9015112345678", "9004915112345678", "tel%3A%2B4915112345678", "?n=%204915112345678",
        "151-1234.5678", "Regula Frei", "frei, regula", "REGULA  FREI", "R.Frei@ACME.example",
    ],
)  # fmt: skip
def test_however_it_is_written_it_is_found(text: str) -> None:
    assert TRACES.has(f"call {text} back")
    assert TRACES.level(msgspec.json.encode({"call": {"id": "x"}, "note": f"call {text} back"})) is Level.HIS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Пётр Иванов", "пётр иванов"), ("Пётр Иванов", "Иванов, Пётр"), ("Ilse Kiss", "\u0130l\u017fe \u212aiss"),
        ('Hans "Hansi" Frei', 'HANS "Hansi" Frei'), ("Li", "li"), ("李 小龍", "李 小龍"), ("Ís", "ís"),
    ],
)  # fmt: skip
def test_names_of_any_script_are_found(name: str, text: str) -> None:
    traces = Traces(Leaving(names=frozenset({name})))
    assert traces.level(msgspec.json.encode({"call": {"id": "x"}, "note": f"call {text}!"})) is Level.HIS
    assert traces.level(msgspec.json.encode({"call": {"id": "x"}, "note": f"call {text}x"})) is Level.NOT


def test_millions_of_events_that_speak_of_others_cost_next_to_nothing() -> None:
    """A pattern of all ways to write a number takes two milliseconds for one."""
    others = [msgspec.json.encode({"note": "Grüezi " + "x" * 1_500, "n": n}) for n in range(200)]
    traces = Traces(Leaving(LEAVING.people, LEAVING.names | {"Пётр Иванов"}, LEAVING.numbers, LEAVING.extensions))
    began = time.thread_time()
    assert {traces.level(one) for one in others} == {Level.NOT}
    assert time.thread_time() - began < 0.2 * len(others) / 1_000


@pytest.mark.parametrize(
    "text", ["0151123456789", "1015112345678", "+4315112345678", "15112345", "Regula Freiberg", "Frei", "Regula", ""]
)
def test_what_is_somebody_elses_is_not_found(text: str) -> None:
    assert not TRACES.has(text)


def test_a_call_is_hers_where_she_alone_was_named_or_the_number_is_hers() -> None:
    assert TRACES.level(pop("p17")) is Level.HIS
    assert TRACES.level(pop("p18", number=NUMBER)) is Level.HIS
    assert TRACES.level(pop("p18", display_name="Regula Frei")) is Level.HIS
    assert TRACES.level(pop("p17", "p18")) is Level.LISTED, "a switchboard"
    assert TRACES.level(pop("p18")) is Level.NOT
    assert TRACES.level(pop("p17", account="fleuron")) is Level.NOT, "another one's id"


def test_a_short_number_is_hers_in_her_company_alone() -> None:
    assert TRACES.level(pop(number="x", extension="4711")) is Level.HIS
    assert TRACES.level(pop(number="x", extension="4711", account="fleuron")) is Level.NOT
    assert TRACES.level(b'{"call":{"id":"4711"},"by":"ana"}') is Level.NOT


def test_who_looks_for_nobody_finds_nothing() -> None:
    assert Traces(Leaving()).level(pop("p17", number=NUMBER)) is Level.NOT


def test_of_a_call_that_was_hers_nothing_says_who_called() -> None:
    left = msgspec.json.decode(erased.data(pop("p17", number=NUMBER, display_name="Regula Frei"), Level.HIS))
    assert left["caller"] == {
        "number": None, "raw": None, "extension": None, "presentation": "unavailable", "source": "From",
        "attestation": "not-checked", "display_name": None, "diverted_by": None, "remarks": [],
    }  # fmt: skip
    assert left["called"] == {"number": "+4930111"}
    assert left["resolution"] == {"revision": 2}
    assert "links" not in left
    assert TRACES.level(msgspec.json.encode(left)) is Level.NOT, "a second pass finds nothing"


def test_of_a_call_that_listed_her_the_number_stays_as_it_is_others() -> None:
    left = msgspec.json.decode(erased.data(pop("p17", "p18"), Level.LISTED))
    assert left["caller"]["number"] == "+4930999"
    assert left["resolution"] == {"revision": 2}


def test_a_kept_call_loses_notes_and_pop() -> None:
    before = kept(1, accounts=ACME, notes=(note("zurück an 0151 12345678"),), newest=pop("p17", number=NUMBER),
                  pop=KeptPop(ACME, pop("p17", number=NUMBER)))  # fmt: skip
    after = erased.call(before, Level.HIS)
    assert (after.notes, after.accounts, after.call) == ((), None, before.call)
    assert after.pop is not None
    assert after.newest is not None
    assert all(TRACES.level(body) is Level.NOT for body in (after.pop.data, after.newest))


def test_what_another_room_keeps_says_nobody_or_goes() -> None:
    asked = {"call": {"id": "c"}, "signalled": {"raw": NUMBER, "display_name": "R", "presentation": "allowed",
             "called": ["+4930111"], "remarks": [{"value": NUMBER}]},
             "continues": {"signalled": {"raw": NUMBER}}}  # fmt: skip
    left = erased.fact(msgspec.json.encode(asked), TRACES, Level.HIS)
    assert left is not None
    assert msgspec.json.decode(left) == {
        "call": {"id": "c"}, "continues": None,
        "signalled": {"raw": None, "display_name": None, "presentation": "unavailable", "called": ["+4930111"],
                      "remarks": []},
    }  # fmt: skip
    assert erased.fact(msgspec.json.encode({"other": NUMBER}), TRACES, Level.HIS) is None, "under a key of nobody's"
    assert erased.fact(b"no JSON", TRACES, Level.HIS) is None
