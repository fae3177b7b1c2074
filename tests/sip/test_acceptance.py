"""What a request is asked before it is served."""

import pytest

from ctibridge.sip import acceptance, limits
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import HeaderList, Headers, Request
from tests.sip.scripts import CONTACT, request

IANA = [
    "ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER",
    "SUBSCRIBE", "UPDATE",
]  # fmt: skip
"""Every method that IANA has registered."""
ALLOW = (("allow", "INVITE, ACK, CANCEL, OPTIONS, NOTIFY"),)
SDP: HeaderList = (("accept", "application/sdp"),)
IDENTITY: HeaderList = (("accept-encoding", "identity"),)


def typed(kind: str, *extra: tuple[str, str]) -> Request:
    return request("OPTIONS", extra=(("content-type", kind), *extra), body=b"body")


def refused(asked: Request) -> RemoteFault:
    with pytest.raises(RemoteFault) as fault:
        acceptance.check(asked)
    return fault.value


def test_every_method_of_iana_is_known() -> None:
    assert sorted(acceptance.KNOWN) == IANA


@pytest.mark.parametrize("method", ["INVITE", "ACK", "CANCEL", "OPTIONS", "BYE", "UPDATE", "PRACK", "INFO", "NOTIFY"])
def test_what_we_serve_or_what_belongs_to_a_dialog_passes(method: str) -> None:
    acceptance.check(request(method))


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("REGISTER", 405), ("SUBSCRIBE", 405), ("REFER", 405), ("MESSAGE", 405), ("PUBLISH", 405),
        ("NEWMETHOD", 501), ("invite", 501), ("Options", 501), ("ACK ", 501),
    ],
)  # fmt: skip
def test_a_method_that_we_do_not_serve_hears_what_we_do(method: str, status: int) -> None:
    fault = refused(request(method))
    assert (fault.status, fault.extra) == (status, ALLOW)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("tel:+4930123", None), ("sips:t1@192.0.2.1", None), ("sip:[2001:db8::1]", None),
        ("http://192.0.2.1", 416), ("urn:service:sos", 416), ("nonsense", 400), ("sip:2001:db8::1", 400),
        ("<sip:t1@192.0.2.1>", 400), (f"{CONTACT}?Route=%3Csip:x%3E", 400),
        (f"{CONTACT};x={'y' * limits.REQUEST_URI}", 414),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "BYE"])
def test_the_request_uri(method: str, target: str, status: int | None) -> None:
    asked = request(method, target=target)
    if status is None:
        acceptance.check(asked)
    else:
        assert refused(asked).status == status


def test_a_broken_uri_comes_before_the_method_and_an_unknown_scheme_behind_it() -> None:
    assert refused(request("REGISTER", target="sip:2001:db8::1")).status == 400
    assert refused(request("REGISTER", target="http://192.0.2.1")).status == 405


@pytest.mark.parametrize("method", ["ACK", "CANCEL"])
def test_ack_and_cancel_pass_whatever_they_require(method: str) -> None:
    lines = (("require", "100rel"), ("content-encoding", "gzip"), ("content-type", "x/y"))
    acceptance.check(request(method, target="http://a", extra=lines, body=b"x"))


def test_every_extension_that_is_required_is_named() -> None:
    fault = refused(request("OPTIONS", extra=(("require", "100rel, foo"), ("proxy-require", "bar"), ("require", "x"))))
    assert fault.status == 420
    assert fault.extra == (("unsupported", "100rel"), ("unsupported", "foo"), ("unsupported", "x"))


def test_an_empty_require_asks_nothing_and_an_endless_one_is_a_fault() -> None:
    acceptance.check(request("OPTIONS", extra=(("require", " , "),)))
    endless = ", ".join(["x"] * (limits.VALUES + 1))
    assert refused(request("OPTIONS", extra=(("require", endless),))).status == 400


def test_max_forwards_is_for_who_passes_a_request_on() -> None:
    acceptance.check(request("OPTIONS", extra=(("max-forwards", "0"),)))


@pytest.mark.parametrize("via", ["SIP/2.0/UDP a;branch=z9hG4bK1;;", "SIP/2.0/UDP a;branch=z9hG4bK1,,SIP/2.0/UDP b"])
@pytest.mark.parametrize("method", ["INVITE", "CANCEL"])
def test_a_via_with_empty_parts_makes_no_sound_transaction(method: str, via: str) -> None:
    base = request(method)
    fault = refused(Request(method, base.uri, Headers((("via", via), *base.headers.lines[1:]))))
    assert fault.status == 400


@pytest.mark.parametrize(
    ("asked", "status", "extra"),
    [
        (typed("text/plain"), 415, SDP),
        (typed("application/unknownformat"), 415, SDP),
        (typed("application/sdp", ("content-encoding", "gzip")), 415, (*SDP, *IDENTITY)),
        (typed("multipart/mixed;boundary=x", ("content-encoding", "x, gzip")), 415, (*SDP, *IDENTITY)),
        (typed("application/pkcs7-mime"), 493, ()),
        (typed("Application/X-PKCS7-MIME; smime-type=Enveloped-Data"), 493, ()),
        (typed("application/pkcs7-mime;smime-type=signed-data"), 415, SDP),
        (typed("text/plain", ("content-disposition", "render;handling=required")), 415, SDP),
        (typed("text/plain", ("content-disposition", "render")), 415, SDP),
    ],
)
def test_a_body_that_nobody_here_reads(asked: Request, status: int, extra: HeaderList) -> None:
    fault = refused(asked)
    assert (fault.status, fault.extra) == (status, extra)


@pytest.mark.parametrize(
    "asked",
    [
        typed("application/sdp"),
        typed(" Application/SDP ; charset=x"),
        typed("multipart/mixed;boundary=x"),
        typed("multipart/signed"),
        typed("application/sdp", ("content-encoding", "identity")),
        typed("text/plain", ("content-disposition", "render; Handling=Optional")),
        typed("text/plain", ("content-disposition", "x;handling=optional"), ("content-encoding", "gzip")),
        request("OPTIONS", body=b"of no type"),
        request("OPTIONS", extra=(("content-type", "text/plain"), ("content-encoding", "gzip"))),
    ],
)
def test_a_body_that_is_sdp_or_many_parts_or_optional_or_none(asked: Request) -> None:
    acceptance.check(asked)


@pytest.mark.parametrize(
    ("lines", "body", "status"),
    [
        ((("require", "100rel"),), b"", 420),
        ((("content-type", "application/unknownformat"),), b"x", 415),
        ((("content-type", "application/pkcs7-mime"),), b"x", 493),
        ((("content-type", "application/sdp"),), b"x", None),
    ],
)
def test_an_invite_pops_first_and_is_refused_behind_the_pop(lines: HeaderList, body: bytes, status: int | None) -> None:
    asked = request(extra=lines, body=body)
    acceptance.check(asked)
    fault = acceptance.refusal(asked)
    assert (None if fault is None else fault.status) == status


def test_within_a_dialog_that_we_do_not_have_nothing_is_asked() -> None:
    acceptance.check(request("BYE", extra=(("require", "x"), ("content-type", "x/y")), body=b"x"))
