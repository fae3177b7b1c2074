"""What a NOTIFY has to be, and what is answered where it is not."""

import pytest

from ctibridge.sip.dialog_info import LONGEST_BODY
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import Request
from ctibridge.sip.notification import REPLY_HEADERS, parse
from ctibridge.sip.subscription_state import Substate
from tests.sip.documents import AOR, element, notify, without, xml

RINGING = xml(element("1", "early"))


def test_what_is_read_of_a_notify() -> None:
    heard = parse(notify(1, body=RINGING, extra=(("record-route", "<sip:a;lr>, <sip:b;lr>"),)))
    assert (heard.state.substate, heard.state.expires) == (Substate.ACTIVE, 300)
    assert (heard.target, heard.sender) == ("sip:192.0.2.9:5060", f"<{AOR}>;tag=p1")
    assert heard.routes == ("<sip:a;lr>", "<sip:b;lr>")
    assert heard.info is not None
    assert [each.id for each in heard.info.dialogs] == ["1"]


@pytest.mark.parametrize("body", [b"", b"\r\n"])
def test_a_notify_without_body_is_one(body: bytes) -> None:
    assert parse(notify(1, body=body, kind="text/plain")).info is None


@pytest.mark.parametrize("event", ["dialog", "Dialog ", "dialog;call-id=x", 'dialog ; note="id=1"'])
def test_events_that_are_ours(event: str) -> None:
    assert parse(notify(1, event=event)).info is None


@pytest.mark.parametrize(
    "kind",
    ["application/dialog-info+xml", "Application/Dialog-Info+XML;charset=utf-8", " application/dialog-info+xml ;a"],
)
def test_types_that_we_take(kind: str) -> None:
    assert parse(notify(1, body=RINGING, kind=kind)).info is not None


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (without(notify(1), "event"), 489),
        (notify(1, event="presence"), 489),
        (notify(1, event="dialog;id=7"), 489),
        (without(notify(1), "subscription-state"), 400),
        (notify(1, ""), 400),
        (notify(1, extra=(("subscription-state", "active"),)), 400),
        (notify(1, body=RINGING, kind="application/pidf+xml"), 415),
        (without(notify(1, body=RINGING), "content-type"), 415),
        (notify(1, body=RINGING, extra=(("content-encoding", "gzip"),)), 415),
        (notify(1, body=b"<presence/>"), 400),
        (notify(1, body=b" " * LONGEST_BODY + RINGING), 413),
        (notify(1, extra=(("record-route", ",".join(["<sip:a>"] * 101)),)), 400),
    ],
)
def test_what_is_refused(request_: Request, status: int) -> None:
    with pytest.raises(RemoteFault) as fault:
        parse(request_)
    assert fault.value.status == status


@pytest.mark.parametrize("kind", ["application/dialog-info+xml", "text/plain"])
def test_the_end_of_a_subscription_counts_whatever_its_body(kind: str) -> None:
    heard = parse(notify(1, "terminated;reason=timeout", b"<odd", kind=kind))
    assert (heard.state.substate, heard.info) == (Substate.TERMINATED, None)


@pytest.mark.parametrize("contact", ["", "<sip:a b@c>", "<tel:+49>", "<http://x>", "<sip:", "*", "<sip:a\x01@c>"])
def test_a_contact_that_no_start_line_could_hold_is_none(contact: str) -> None:
    assert parse(notify(1, contact=contact)).target is None


def test_a_refusal_says_what_we_would_take() -> None:
    assert REPLY_HEADERS[415] == (("accept", "application/dialog-info+xml"),)
    assert REPLY_HEADERS[489] == (("allow-events", "dialog"),)
