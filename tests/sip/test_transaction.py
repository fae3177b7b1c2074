"""The headers that make a transaction, and responses along the request's own path."""

import pytest

from ctibridge.sip import message, transaction
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import Headers, Request
from tests.sip.scripts import CALLER, PBX, request


def changed(name: str, *values: str) -> Request:
    """An INVITE whose lines of that name are these."""
    base = request()
    lines = [line for line in base.headers.lines if line[0] != name]
    return Request(base.method, base.uri, Headers((*lines, *((name, value) for value in values))))


def test_what_is_read() -> None:
    read = transaction.read(request(tag="x", call="c"))
    assert read.dialog == ("c", "x")
    assert (read.to_tag, read.cseq.number, read.via.branch) == (None, 7, "z9hG4bK1")


def test_an_odd_caller_still_makes_a_transaction() -> None:
    assert transaction.read(request(caller='"never closed <sip:@@')).from_tag == "a"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("via", []), ("via", [""]), ("via", [","]), ("via", ["nonsense"]), ("from", []), ("from", ["<sip:a@b>"]),
        ("from", ["<sip:a@b>;tag=1", "<sip:a@b>;tag=2"]), ("to", []), ("call-id", []), ("call-id", [""]),
        ("call-id", ["1", "2"]), ("cseq", []), ("cseq", ["x"]), ("cseq", ["7 ACK"]), ("cseq", ["7 INVITE", "7 INVITE"]),
    ],
)  # fmt: skip
def test_what_is_not_sound_is_refused(name: str, values: list[str]) -> None:
    with pytest.raises(RemoteFault) as fault:
        transaction.read(changed(name, *values))
    assert fault.value.status == 400


def test_the_key_is_that_of_the_invite_its_cancel_and_its_ack() -> None:
    keys = {transaction.read(request(method, to="<sip:x@y>;tag=1")).key for method in ("INVITE", "CANCEL", "ACK")}
    assert len(keys) == 1


@pytest.mark.parametrize(
    "via",
    ["SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK2", "SIP/2.0/UDP 192.0.2.9:5061;branch=z9hG4bK1"],
    ids=["fork", "another hop with the same branch"],
)
def test_the_key_is_another(via: str) -> None:
    assert transaction.read(changed("via", via)).key != transaction.read(request()).key


def test_a_peer_of_rfc_2543_is_matched_by_all_that_stays_equal() -> None:
    def key(method: str, call: str = "c") -> tuple[str, ...]:
        old = request(method, call=call)
        lines = (("via", "SIP/2.0/UDP 192.0.2.9"), *old.headers.lines[1:])
        return transaction.read(Request(method, old.uri, Headers(lines))).key

    assert key("INVITE") == key("CANCEL") == key("ACK")
    assert key("INVITE") != key("INVITE", call="d")


def test_a_reply_mirrors_the_path_and_stamps_the_topmost_via_only() -> None:
    asked = changed("via", "SIP/2.0/UDP proxy;rport;branch=z9hG4bK1, SIP/2.0/UDP second;x=y", "SIP/2.0/UDP third")
    reply = transaction.reply(asked, 180, PBX, "me", (("contact", "<sip:me@here>"),))
    assert reply.headers.each_line("via") == [
        "SIP/2.0/UDP proxy;rport=5060;branch=z9hG4bK1;received=192.0.2.9, SIP/2.0/UDP second;x=y",
        "SIP/2.0/UDP third",
    ]
    assert reply.headers.need("from") == f"{CALLER};tag=a"
    assert reply.headers.need("to") == "<sip:6001@192.0.2.9>;tag=me"
    assert reply.headers.need("cseq") == "7 INVITE"
    assert reply.headers.need("contact") == "<sip:me@here>"
    assert bytes(reply).startswith(b"SIP/2.0 180 Ringing\r\n")


def test_a_to_tag_that_is_there_stays_and_100_gets_none() -> None:
    assert transaction.reply(request(to="<sip:x@y>;tag=1"), 481, PBX, "me").headers.need("to") == "<sip:x@y>;tag=1"
    assert transaction.reply(request(), 100, PBX, "me").headers.need("to") == "<sip:6001@192.0.2.9>"


def test_a_status_without_a_name_is_still_sent() -> None:
    assert message.parse(bytes(transaction.reply(request(), 499, PBX, "me"))).headers.lines


@pytest.mark.parametrize("values", [[], [""], [","], ["nonsense"]])
def test_without_a_via_there_is_no_way_back(values: list[str]) -> None:
    with pytest.raises(RemoteFault):
        transaction.reply_hop(changed("via", *values), PBX)


def test_an_empty_via_in_front_of_a_sound_one_raises_a_remote_fault_and_no_other() -> None:
    with pytest.raises(RemoteFault):
        transaction.reply(changed("via", "", "SIP/2.0/UDP a"), 400, PBX, "me")


def test_record_route_is_copied_whole_and_in_order() -> None:
    asked = request(extra=(("record-route", "<sip:b;lr>"), ("record-route", "<sip:a;lr>, <sip:c;lr>")))
    assert transaction.record_route(asked) == (
        ("record-route", "<sip:b;lr>"), ("record-route", "<sip:a;lr>, <sip:c;lr>"),
    )  # fmt: skip


def test_a_cookie_with_nothing_behind_it_names_no_transaction() -> None:
    calls = [changed("call-id", call) for call in ("1", "2")]
    bare = "SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK"
    asked = [Request("INVITE", each.uri, Headers((("via", bare), *each.headers.lines[1:]))) for each in calls]
    assert transaction.read(asked[0]).key != transaction.read(asked[1]).key
