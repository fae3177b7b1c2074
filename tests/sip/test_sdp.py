"""One audio stream, offered and answered."""

import pytest

from ctibridge.sip import sdp

KAMAILIO = (
    b"v=0\r\no=user1 1 1 IN IP4 127.0.0.30\r\ns=-\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\n"
)


def test_an_offer_names_what_every_phone_speaks() -> None:
    lines = sdp.offer("192.0.2.1", 4000, 7).decode().split("\r\n")
    assert lines[:5] == ["v=0", "o=- 7 7 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"]
    assert "m=audio 4000 RTP/AVP 8 0 101" in lines
    assert {"a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000"} <= set(lines)


def test_ipv6_is_said_as_such() -> None:
    assert b"c=IN IP6 2001:db8::1" in sdp.offer("2001:db8::1", 4000, 7)


def test_an_answer_takes_what_both_know_in_the_peer_s_order() -> None:
    offered = b"v=0\r\nm=audio 6000 RTP/AVP 96 0 8\r\n"
    answered = sdp.answer(offered, "192.0.2.1", 4000, 7)
    assert answered is not None
    assert sdp.payloads(answered) == ("0", "8")


def test_what_we_do_not_speak_is_not_answered() -> None:
    assert sdp.answer(b"v=0\r\nm=audio 6000 RTP/AVP 96\r\n", "192.0.2.1", 4000, 7) is None


@pytest.mark.parametrize(
    ("description", "found"),
    [
        (KAMAILIO, ("8", "0")),
        (b"m=video 5000 RTP/AVP 31\r\n", ()),
        (b"m=audio 0 RTP/AVP 8\r\n", ()),
        (b"m=audio\r\n", ()),
        (b"\xff\xfe\x00", ()),
        (b"", ()),
    ],
)
def test_payloads(description: bytes, found: tuple[str, ...]) -> None:
    assert sdp.payloads(description) == found
