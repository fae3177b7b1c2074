import msgspec
import pytest

from ctibridge.delivery import aged, encode, wire, withdrawn
from ctibridge.delivery.wire import EventType
from ctibridge.domain.context import Suggestions
from ctibridge.domain.screen_pop import Answer
from tests.delivery import examples as ex

WORDS = ("Regula", "Frei", "p17", "49151", "0151", "acme.example", "Grüezi", "Xurrent", "laptop", '6002"')


@pytest.mark.parametrize("kind", ["call.ringing", "call.updated"])
@pytest.mark.parametrize("answer", [ex.WHOLE, ex.NOTED, ex.CLAIMED, ex.AMBIGUOUS, ex.WITHHELD, ex.UNKNOWN])
def test_a_pop_is_still_one_and_says_of_nobody(kind: EventType, answer: Answer) -> None:
    left = aged.data(kind, encode.pop_data(answer, ex.call()))
    pop = msgspec.json.decode(left, type=wire.PopData)
    assert pop.call is not None
    assert pop.call.id == "01JDX001"
    assert pop.resolution.candidates == []
    assert pop.called.name == answer.called.name
    assert (pop.resolution.status == "withheld") == (answer is ex.WITHHELD)
    assert [word for word in WORDS[:-1] if word in left.decode()] == []
    assert aged.data(kind, left) == left


def test_of_work_it_is_left_who_did_it() -> None:
    left = msgspec.json.decode(aged.data("call.worked", encode.noted_data(ex.call(), ex.NOTE)), type=wire.WorkedData)
    assert (left.by, left.note) == ("ben", None)


def test_of_suggestions_the_call_and_of_a_notice_that_it_was_one() -> None:
    before = encode.suggestions_data(ex.call(), Suggestions("01JDX001"))
    assert msgspec.json.decode(aged.data("suggestions", before))["call"]["id"] == "01JDX001"
    assert b"withdrawn" in aged.data("notice", b'{"kind":"several_callers","text":"Regula","account":"acme"}')


@pytest.mark.parametrize("kind", ["call.answered", "call.ended"])
def test_what_names_nobody_stays(kind: EventType) -> None:
    assert aged.data(kind, encode.call_data(ex.call())) == encode.call_data(ex.call())


def test_what_was_emptied_before_is_not_even_asked_for_again() -> None:
    before = withdrawn.data(encode.pop_data(ex.IDENTIFIED, ex.call()))
    assert b"49151" in before
    left = aged.data("call.ringing", before)
    assert b"151" not in left
    assert msgspec.json.decode(left)["call"]["id"] == "01JDX001"
