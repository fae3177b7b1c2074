"""Dialogs as both sides see them, and the way their requests take (RFC 3261 12)."""

import pytest

from ctibridge.sip import dialog
from ctibridge.sip.dialog import Dialog
from ctibridge.sip.hop import datagram
from ctibridge.sip.message import Headers, Request
from tests.sip.dialling import answers, dialled

AT = ("198.51.100.1", 5060)


def made(routes: tuple[str, ...] = (), target: str = "sip:6001@192.0.2.50:5070") -> Dialog:
    return Dialog("call-1", "<sip:a@x>;tag=ours", "<sip:b@x>;tag=theirs", target, routes)


def test_both_sides_name_the_same_dialog_each_from_its_own_end() -> None:
    _, invite = dialled()
    caller = dialog.made_by_answer(invite, answers(invite, 200, tag="phone"))
    phone = dialog.made_by_invite(invite, "phone")
    assert caller.id == ("call-1", "from-1", "phone")
    assert phone.id == ("call-1", "phone", "from-1")
    assert dialog.named_by(caller.request("BYE", 2)) == phone.id
    assert dialog.named_by(phone.request("BYE", 1)) == caller.id


def test_the_phone_keeps_record_route_as_it_stands_and_the_caller_turns_it_round() -> None:
    recorded = ("record-route", "<sip:192.0.2.20;lr>, <sip:192.0.2.21;lr>")
    _, invite = dialled(headers=(recorded,))
    near, far = "<sip:192.0.2.20;lr>", "<sip:192.0.2.21;lr>"
    assert dialog.made_by_invite(invite, "phone").routes == (near, far)
    assert dialog.made_by_answer(invite, answers(invite, 200, extra=(recorded,))).routes == (far, near)


def test_a_caller_without_contact_is_reached_at_his_from() -> None:
    _, invite = dialled()
    bare = Request("INVITE", invite.uri, Headers(tuple(line for line in invite.headers.lines if line[0] != "contact")))
    assert dialog.made_by_invite(bare, "phone").target == "sip:test@192.0.2.1"


def test_a_strict_router_gets_the_uri_itself() -> None:
    request = made(("<sip:192.0.2.20>", "<sip:192.0.2.21;lr>")).request("BYE", 2)
    assert request.uri == "sip:192.0.2.20"
    assert request.headers.each_line("route") == ["<sip:192.0.2.21;lr>", "<sip:6001@192.0.2.50:5070>"]


@pytest.mark.parametrize(
    ("routes", "target", "hop"),
    [
        ((), "sip:6001@192.0.2.50:5070", ("192.0.2.50", 5070)),
        ((), "sip:6001@[2001:db8::5]", ("2001:db8::5", 5060)),
        ((), "sip:6001@pbx.example.net", AT),
        ((), "urn:nobody", AT),
        (("<sip:192.0.2.20;lr>",), "sip:6001@pbx.example.net", ("192.0.2.20", 5060)),
        (("<sip:192.0.2.20:5080>",), "sip:6001@192.0.2.50", ("192.0.2.20", 5080)),
        (("<sip:proxy.example.net;lr>",), "sip:6001@192.0.2.50", AT),
        (("nonsense",), "sip:6001@192.0.2.50", AT),
    ],
)
def test_where_requests_go(routes: tuple[str, ...], target: str, hop: tuple[str, int]) -> None:
    assert made(routes, target).next_hop(datagram(*AT)) == datagram(*hop)
