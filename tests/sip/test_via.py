"""Via: read, stamped, printed, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import via
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.via import Via

TOKEN = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1)
HOST = st.sampled_from(["192.0.2.9", "2001:db8::9", "pbx.example.net"])
VALUE = st.none() | st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"))


@given(st.sampled_from(["UDP", "TCP"]), HOST, st.none() | st.integers(1, 65535), st.dictionaries(TOKEN, VALUE))
def test_a_via_is_printed_and_read_again(
    transport: str, host: str, port: int | None, params: dict[str, str | None]
) -> None:
    value = Via(transport, host, port, params)
    assert via.parse(str(value)) == value


@pytest.mark.parametrize(
    ("text", "host", "port", "branch"),
    [
        ("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx", "192.0.2.9", None, "z9hG4bKx"),
        ("SIP / 2.0 / UDP  pbx.example.net : 5070 ; branch = z9hG4bKx ; rport", "pbx.example.net", 5070, "z9hG4bKx"),
        ("sip/2.0/udp [2001:db8::9]:5060", "2001:db8::9", 5060, ""),
    ],
)
def test_parse(text: str, host: str, port: int | None, branch: str) -> None:
    read = via.parse(text)
    assert (read.transport, read.host, read.port, read.branch) == ("UDP", host, port, branch)


@pytest.mark.parametrize(
    "text",
    ["", "UDP 192.0.2.9", "SIP/30/UDP a", "SIP/2.0/UDP", "SIP/2.0/UDP a:0", "SIP/2.0/UDP a:65536", "SIP/2.0/UDP a b"],
)
def test_what_is_no_via(text: str) -> None:
    with pytest.raises(RemoteFault):
        via.parse(text)


SOURCE = ("192.0.2.9", 40000)


@pytest.mark.parametrize(
    ("text", "stamped", "back"),
    [
        ("SIP/2.0/UDP 192.0.2.9", "SIP/2.0/UDP 192.0.2.9", ("192.0.2.9", 5060)),
        ("SIP/2.0/UDP 192.0.2.9:5070", "SIP/2.0/UDP 192.0.2.9:5070", ("192.0.2.9", 5070)),
        ("SIP/2.0/UDP a:5070", "SIP/2.0/UDP a:5070;received=192.0.2.9", ("192.0.2.9", 5070)),
        ("SIP/2.0/UDP a;rport", "SIP/2.0/UDP a;rport=40000;received=192.0.2.9", SOURCE),
        ("SIP/2.0/UDP a;maddr=203.0.113.1", "SIP/2.0/UDP a;maddr=203.0.113.1;received=192.0.2.9", ("192.0.2.9", 5060)),
    ],
    ids=["plain", "port", "received", "rport", "never to maddr: nobody makes us knock at another door"],
)
def test_the_way_back(text: str, stamped: str, back: tuple[str, int]) -> None:
    read = via.parse(text)
    assert str(read.seen_from(SOURCE)) == stamped
    assert read.reply_to(SOURCE) == back


def test_a_quoted_parameter_is_mirrored_as_it_came() -> None:
    text = 'SIP/2.0/UDP 192.0.2.9;note="a;branch=b";branch=z9hG4bKx'
    assert str(via.parse(text).seen_from(("192.0.2.9", 5060))) == text


def test_sent_by_has_the_default_port_and_no_case() -> None:
    assert via.parse("SIP/2.0/UDP PBX.example.net").sent_by == ("pbx.example.net", 5060)


def test_another_version_is_read_and_mirrored_so_that_it_can_be_refused() -> None:
    assert str(via.parse("SIP/7.0/UDP a;branch=x")) == "SIP/7.0/UDP a;branch=x"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("SIP/2.0/UDP 192.0.2.9:5060;received=203.0.113.7;rport=40000", ("203.0.113.7", 40_000)),
        ("SIP/2.0/UDP 192.0.2.9:5060;rport=40000", ("192.0.2.9", 40_000)),
        ("SIP/2.0/TLS [2001:db8::9]:5061;rport=5061", ("2001:db8::9", 5061)),
        ("SIP/2.0/UDP 192.0.2.9:5060;rport", None),
        ("SIP/2.0/UDP 192.0.2.9:5060;rport=0", None),
        ("SIP/2.0/UDP pbx.example.net;rport=40000", None),
    ],
)
def test_a_response_tells_whence_our_request_came(text: str, seen: tuple[str, int] | None) -> None:
    assert via.parse(text).seen_at == seen
