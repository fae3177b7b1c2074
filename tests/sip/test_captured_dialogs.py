"""Documents and subscriptions of real PBXs, replayed to what they say of the calls."""

import pytest

from ctibridge.sip import dialog_info, name_addr, uri
from ctibridge.sip.line_dialogs import Confirmed, Ended, LineDialogs, Rings
from ctibridge.sip.message import Request, Response
from ctibridge.sip.subscriber import Active, Document, Send, Subscriber
from ctibridge.sip.subscription import Subscription
from tests.sip import documents
from tests.sip.documents import short
from tests.sip.scripts import NAME, counted
from tests.sip.subscribing import WHO, sent


def replay(scenario: str, call: str) -> list[str]:
    """In short, what the documents of one subscription say."""
    line, said = LineDialogs(), []
    for request in documents.captured(scenario):
        if isinstance(request, Request) and request.headers.need("call-id") == call:
            said += line.feed(dialog_info.parse(request.body))
    assert line.dialogs == ()
    return [short(change) for change in said]


def test_four_calls_of_asterisk_one_after_the_other_under_one_id() -> None:
    names = (NAME, "None", "Head", NAME)
    expected = [word for name in names for word in (f"Rings {name}", "Ended False")]
    assert replay(documents.RINGING, "9f1341a79af53670@127.0.0.53") == expected


@pytest.mark.parametrize("call", ["7188dd1c9d13b14d@127.0.0.53", "00529842e25bc965@127.0.0.53"])
def test_an_answered_call_of_asterisk_with_its_repeated_documents(call: str) -> None:
    assert replay(documents.ANSWERED, call) == [f"Rings {NAME}", f"Confirmed {NAME} True", "Ended True"]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("abandoned", {"6001": ["Rings None", "Ended False"]}),
        ("answered-callee", {"6001": ["Rings None", "Confirmed None True", "Ended True"]}),
        ("declined", {"6001": ["Rings None", "Ended False"]}),
        ("unreadable", {"6001": ["Rings None", "Ended False"]}),
        ("two-contacts", {"6001": ["Rings None", "Confirmed None True", "Ended True"]}),
        ("two-calls", {"6001": ["Rings None", "Confirmed None True", "Rings None", "Ended False", "Ended True"]}),
        ("internal", {
            "6001": ["Rings None", "Confirmed None True", "Ended True"],
            "6002": ["Confirmed None False", "Ended True"],
        }),
        ("ring-group-line-dialogs", {
            "6001": ["Rings None", "Confirmed None True", "Ended True"],
            "6002": ["Rings None", "Ended False"],
        }),
        ("transfer", {
            "6001": ["Rings None", "Confirmed None True", "Ended True"],
            "6002": ["Confirmed None False", "Confirmed None False", "Ended True", "Ended True"],
            "6003": ["Rings None", "Confirmed None True", "Ended True"],
        }),
    ],
)  # fmt: skip
def test_calls_of_kamailio(scenario: str, expected: dict[str, list[str]]) -> None:
    lines: dict[str, tuple[LineDialogs, list[str]]] = {}
    for request in documents.captured(f"kamailio/dialog-info-{scenario}"):
        assert isinstance(request, Request)
        user = uri.parse(name_addr.parse(request.headers.need("from")).uri).user or ""
        line, said = lines.setdefault(user, (LineDialogs(), []))
        if request.body:
            said += map(short, line.feed(dialog_info.parse(request.body)))
    assert {user: said for user, (_, said) in lines.items() if said} == expected


@pytest.mark.parametrize(
    ("scenario", "call", "tag", "calls"),
    [
        (documents.RINGING, "9f1341a79af53670@127.0.0.53", "4b51bfa7", [Rings, Ended] * 4),
        (documents.ANSWERED, "7188dd1c9d13b14d@127.0.0.53", "5e44c6b2", [Rings, Confirmed, Ended]),
    ],
)
def test_a_captured_subscription_of_asterisk(scenario: str, call: str, tag: str, calls: list[type]) -> None:
    """Its NOTIFYs get 200, those of an earlier subscription 481, and what they say is what happened."""
    who = Subscriber(
        "6001", "sip:6001@127.0.0.10", "sip:7005@127.0.0.10", "sip:7005@127.0.0.53:5060", WHO.credentials, 300
    )
    line, dialogs = Subscription(who, counted("", "", call, tag)), LineDialogs()
    line.start(0.0)
    said: list[object] = []
    for now, received in enumerate(documents.captured(scenario)):
        if isinstance(received, Response):
            said += line.receive(received, now)
            continue
        status, words = line.notify(received, now)
        assert status == (200 if received.headers.need("call-id") == call else 481)
        for word in words:
            said += dialogs.feed(word.info, anew=word.anew) if isinstance(word, Document) else [word]
    assert [type(word) for word in said] == [Send, Active, *calls]
    within = sent(line.start(250.0))
    assert within.uri == "sip:127.0.0.10:5060"
