"""SIP, SIPS and tel URIs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import uri
from ctibridge.sip.errors import RemoteFault
from tests.sip.scripts import NUMBER


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("sip:6001@192.0.2.9", "6001", "192.0.2.9", None),
        ("SIPS:6001@pbx.example.net:5061;transport=tls?Subject=x", "6001", "pbx.example.net", 5061),
        ("sip:pbx.example.net", None, "pbx.example.net", None),
        ("sip:@pbx.example.net", "", "pbx.example.net", None),
        ("sip:a:secret@b", "a", "b", None),
        ("sip:%2B4930@b", "+4930", "b", None),
        ("sip:%252B@b", "%2B", "b", None),
        ("sip:+4930;phone-context=x@b;user=phone", "+4930", "b", None),
        ("sip:a@[2001:db8::9]:5070", "a", "2001:db8::9", 5070),
        ("sip:%FF@b", "\ufffd", "b", None),
        ("tel:+49-30-123;ext=4", "+49-30-123", "", None),
    ],
)
def test_parse(text: str, user: str | None, host: str, port: int | None) -> None:
    read = uri.parse(text)
    assert (read.user, read.host, read.port) == (user, host, port)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("<sip:a@b>", 400), ("1sip:a@b", 400), (" :a@b", 400), ("sip:2001:db8::10", 400), ("sip:a@b>", 400),
        ("", 400), ("6001", 400), ("sip:", 400), ("sip:a@", 400), ("sip:a@b@c", 400), ("sip:a@b:99999", 400),
        ("sip:a@b:0", 400), ("sip:a@[::1", 400), ("http://a", 416), ("soap.beep://a:1", 416), ("urn:service:sos", 416),
    ],
)  # fmt: skip
def test_what_is_none(text: str, status: int) -> None:
    with pytest.raises(RemoteFault) as fault:
        uri.parse(text)
    assert fault.value.status == status


def test_the_address_has_the_default_port_and_no_case() -> None:
    assert uri.parse("sip:a@PBX.example.net").address == ("pbx.example.net", 5060)


@pytest.mark.parametrize(
    ("text", "headers"), [("sip:a@b?x=y", True), ("sip:a?b@c", False), ("sip:a@b;lr", False), ("sip:b;x?", True)]
)
def test_headers_of_a_uri_are_noticed_and_left_unread(text: str, headers: bool) -> None:
    assert uri.parse(text).has_headers is headers


def test_parameters() -> None:
    assert uri.parse("sip:a@b;lr;Transport=UDP").params == {"lr": None, "transport": "UDP"}


@given(st.text())
def test_any_text_is_a_uri_or_a_fault(text: str) -> None:
    try:
        uri.parse(text)
        uri.parse("sip:" + text)
    except RemoteFault:
        return


def test_print_shows_nobody() -> None:
    assert NUMBER not in repr(uri.parse(f"sip:{NUMBER}@b"))
