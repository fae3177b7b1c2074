import pytest

from ctibridge.watch import words
from ctibridge.watch.heard import Work
from ctibridge.watch.pop import AnsweredBy, Call, Language
from tests.watch.examples import ringing


def elsewhere(by: AnsweredBy | None = None) -> Call:
    return Call("c", "ended", outcome="answered_elsewhere", answered_by=by)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (Call("c", "ringing"), "ringing"),
        (Call("c", "ringing", round=3), "ringing, round 3"),
        (Call("c", "answered"), "answered here"),
        (Call("c", "ended", outcome="abandoned"), "caller hung up"),
        (Call("c", "ended", outcome="timed_out"), "rang out"),
        (elsewhere(), "answered on another device"),
        (elsewhere(AnsweredBy("6002", "ben")), "answered by ben on 6002"),
        (elsewhere(AnsweredBy("6002", "ana")), "answered by you on 6002"),
        (elsewhere(AnsweredBy("6002")), "answered by line 6002"),
        (Call("c", "ended"), "ended, outcome unknown"),
        (Call("c", "ended", outcome="of a later version"), "ended, outcome unknown"),
    ],
)  # fmt: skip
def test_how_a_call_stands(call: Call, said: str) -> None:
    assert words.standing(call, "ana") == said


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (None, ""),
        (Work("taken", "ben"), "ben calls back"),
        (Work("taken", "ana"), "you call back"),
        (Work("taken"), "somebody calls back"),
        (Work("settled", "ben"), "settled by ben"),
        (Work("settled"), "settled"),
    ],
)
def test_what_became_of_a_missed_call(work: Work | None, said: str) -> None:
    assert words.work(work, "ana") == said


def test_answered_elsewhere_is_not_missed() -> None:
    assert not words.is_missed(Call("c", "ended", outcome="answered_elsewhere"))
    assert not words.is_missed(Call("c", "ended"))
    assert words.is_missed(Call("c", "ended", outcome="abandoned"))


def test_for_whom_and_in_which_language() -> None:
    pop = ringing().data
    assert pop.call is not None
    assert (words.company(pop.call, pop), words.account(pop)) == ("ACME IT Service Desk", "ACME AG")
    assert words.language(pop.language) == "Deutsch (Schweiz) · German (Switzerland) · from the person’s record"
    assert words.company(pop.call, None) == "Line 6001"
    direct = ringing(called={"name": None, "account": None}).data
    assert words.company(pop.call, direct) == "No service number"


def test_who_does_not_speak_it_hears_whom_to_ask() -> None:
    spoken = Language("fr", "French", "français", spoken_by_agent=False, spoken_by=("ana", "ben", "chloe"))
    assert words.not_spoken(spoken, "ana") == "You do not speak French. Ask ben or chloe."
    assert words.not_spoken(Language("fr", "French"), "ana") == ""
    assert words.not_spoken(Language("fr", "French", spoken_by_agent=False), "ana") == "You do not speak French"


def test_what_the_signalling_says_of_the_caller() -> None:
    said = words.caller(ringing(caller={"diverted_by": "+49301", "attestation": "A"}).data)
    assert (
        said == "+4915112345678 · sent along: R. Frei · diverted by +49301 · A: caller and number known to the network"
    )
    ours = words.caller(
        ringing(caller={"number": None, "extension": "6002", "internal": {"line": "6002", "agent": "ben"}}).data
    )
    assert ours == "6002 · sent along: R. Frei · line of ben"


def test_outside_support_hours() -> None:
    assert words.hours(ringing().data) == ""
    assert words.hours(ringing(called={"support_hours": "closed"}).data) == "outside support hours"
    assert words.hours(ringing(called={"holiday": "Auffahrt"}).data) == "closed: Auffahrt"


def test_what_is_known_besides() -> None:
    pop = ringing(file="call.updated.whole").data
    assert list(words.context(pop)) == [
        "Happening now: SAP is down",
        "Happening now: Power cut",
        "Called 2 times before",
        "Open: Postfach voll (assigned)",
        "Not everything could be looked up: requests",
    ]
    assert words.announcements(pop)[1] == "Mail is slow today."


def test_who_hands_over() -> None:
    assert words.handed(ringing(file="call.ringing.handed_over").data) == "Has spoken to this caller: ben (line 6002)"
    assert words.handed(ringing().data) == ""
    later = ringing(hand_over={"kind": "parked", "line": "6002", "agent": None, "call": "c", "caller": {}}).data
    assert words.handed(later) == "Handed over by line 6002"


def test_what_others_wrote_is_plain() -> None:
    pop = ringing(called={"name": "\x1b[31mACME\x07\u202e"}, caller={"display_name": "\x9b2J" + "x" * 9000}).data
    assert pop.call is not None
    assert words.company(pop.call, pop).replace("\N{REPLACEMENT CHARACTER}", "") == "[31mACME"
    assert len(words.caller(pop)) < 200
    assert "\x9b" not in words.caller(pop)
