"""Streams, cut anywhere, and what comes out of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import limits, message
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.framing import Framing, FramingFault, KeepAlive, Piece, refusal
from ctibridge.sip.hop import Hop, Transport

PING, PONG = KeepAlive.PING, KeepAlive.PONG
OPTIONS = (
    b"OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1\r\nFrom: <sip:b@x>;tag=1\r\n"
    b"To: <sip:a@x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
)
OK = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK2\r\n"
PEER = Hop(Transport.TCP, "192.0.2.9", 40_000, 7)


def whole(length: bytes = b"Content-Length: 4", body: bytes = b"a\r\n\r", start: bytes = OPTIONS) -> bytes:
    return start + length + b"\r\n\r\n" + body


def told(pieces: list[Piece]) -> list[object]:
    """Faults have no equality of their own."""
    return [(str(piece), piece.status, piece.request) if isinstance(piece, FramingFault) else piece for piece in pieces]


def fault_of(data: bytes) -> FramingFault:
    (fault,) = Framing().feed(data)
    assert isinstance(fault, FramingFault)
    return fault


MESSAGES = st.sampled_from(
    [whole(), whole(b"l:0", b""), whole(b"l \t: \r\n 2", b"\r\n"), whole(start=OK), whole(b"L: 4\r\ni: \r\n l: 9")]
)
RUBBISH = st.sampled_from([OPTIONS + b"\r\n", b"\r", b"\0", whole(b"l: 1\r\nl: 2"), b"GET / HTTP/1.1\r\n\r\n"])
STREAMS = st.lists(MESSAGES | st.just(b"\r\n") | RUBBISH, max_size=8).map(b"".join)


@given(STREAMS, st.lists(st.integers(0, 400), max_size=30))
def test_how_a_stream_is_cut_changes_nothing(stream: bytes, cuts: list[int]) -> None:
    expected = told(Framing().feed(stream))
    framing, pieces, rest = Framing(), list[Piece](), stream
    for cut in cuts:
        pieces += framing.feed(rest[:cut])
        rest = rest[cut:]
    assert told(pieces + framing.feed(rest)) == expected


@given(st.lists(MESSAGES, max_size=5))
def test_messages_come_out_as_they_went_in(messages: list[bytes]) -> None:
    framing = Framing()
    assert framing.feed(b"".join(messages)) == messages
    assert not framing.is_half


@given(st.binary(max_size=300))
def test_any_bytes_end_in_messages_or_in_one_fault_at_the_end(data: bytes) -> None:
    pieces = Framing().feed(data + b"\r\n\r\n")
    assert not any(isinstance(piece, FramingFault) for piece in pieces[:-1])


ODD = st.sampled_from(
    [b"l", b"L", b"Content-Length", b" ", b"\t", b":", b"4", b"5", b"\r", b"\n", b"\r\n", b"\x0b", b"i: a"]
)


@given(st.lists(ODD, max_size=12).map(b"".join))
def test_the_parser_sees_the_same_end_as_we_do(odd: bytes) -> None:
    """Who reads another length than the next one can be told two stories in one stream."""
    for piece in Framing().feed(whole(b"X: y\r\n" + odd + b"\r\nZ: z", b"12345")):
        if isinstance(piece, bytes):
            try:
                read = message.parse(piece)
            except RemoteFault:
                continue
            assert piece.partition(b"\r\n\r\n")[2] == read.body
            assert message.stated_length(read.headers) == len(read.body)


def test_each_byte_alone() -> None:
    framing = Framing()
    pieces = [piece for byte in whole() + whole(start=OK) for piece in framing.feed(bytes([byte]))]
    assert pieces == [whole(), whole(start=OK)]


@pytest.mark.parametrize(
    "length",
    [
        b"Content-Length: 4",
        b"content-length:4",
        b"CONTENT-LENGTH \t : 4",
        b"l: 4",
        b"L:\r\n 4",
        b"l: 4\r\nContent-Length: 4",
    ],
)
def test_the_length_in_every_spelling(length: bytes) -> None:
    assert Framing().feed(whole(length) + b"\r\n\r\n") == [whole(length), PING]


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (b"Subject: none", 400),
        (b"Content-Length: 3\r\nl: 4", 400),
        (b"l: 4, 4", 400),
        (b"l: -1", 400),
        (b"l: +4", 400),
        (b"l: 0x4", 400),
        (b"l: 4\n", 400),
        (b"l: 4\nl: 5", 400),
        (b"l: 1_0", 400),
        ("l: ٤".encode(), 400),
        (b"l:", 400),
        (b"l: 65535", 413),
        (b"l: 99999999999999999999", 400),
    ],
)
def test_a_length_that_is_no_boundary_is_answered_and_ends_the_stream(length: bytes, status: int) -> None:
    framing = Framing()
    pieces = framing.feed(whole() + whole(length) + whole())
    assert pieces[0] == whole()
    (fault,) = pieces[1:]
    assert isinstance(fault, FramingFault)
    assert fault.status == status
    assert framing.feed(whole()) == []
    answer = message.parse(refusal(fault, PEER, "tag") or b"")
    assert isinstance(answer, message.Response)
    assert answer.status == status


@pytest.mark.parametrize(
    "data",
    [
        OK + b"\r\n",
        b"ACK" + OPTIONS.removeprefix(b"OPTIONS").replace(b"1 OPTIONS", b"1 ACK") + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        OPTIONS.replace(b"Call-ID", b"X-Call") + b"\r\n",
        OPTIONS.replace(b"Via: ", b"Via: ?") + b"\r\n",
    ],
)
def test_what_is_no_request_ends_the_stream_in_silence(data: bytes) -> None:
    assert refusal(fault_of(data), PEER, "tag") is None


def test_a_head_without_end_is_not_collected_for_ever() -> None:
    framing = Framing()
    line = b"x: " + b"y" * 997 + b"\r\n"
    pieces = [piece for _ in range(100) for piece in framing.feed(line)]
    assert [type(piece) for piece in pieces] == [FramingFault]
    assert not framing.is_half


def test_the_longest_message() -> None:
    head = len(whole(b"l: 99999", b""))
    longest = whole(b"l: %d" % (limits.MESSAGE - head), b"x" * (limits.MESSAGE - head))
    assert Framing().feed(longest) == [longest]
    assert message.parse(longest).body.startswith(b"x")
    assert fault_of(whole(b"l: %d" % (limits.MESSAGE - head + 1), b"")).status == 413


def test_the_end_of_a_head_is_searched_where_it_was_not_yet() -> None:
    framing = Framing()
    framing.feed(b"OPTIONS sip:a@b SIP/2.0\r\n" + b"x" * 60_000)
    framing._buffer[100:200] = b"\r\n\r\n" * 25  # would be found by who begins anew
    assert framing.feed(b"y") == []
    assert framing.is_half


# -- keep-alives -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "pieces"),
    [
        (b"\r\n", []),
        (b"\r\n\r\n", [PING]),
        (b"\r\n\r\n\r\n\r\n", [PING, PING]),
        (b"\r\n" + whole(), [whole()]),
        (whole() + b"\r\n" + whole() + b"\r\n", [whole(), whole()]),
    ],
)
def test_two_line_ends_are_a_ping_and_one_is_nothing(data: bytes, pieces: list[Piece]) -> None:
    assert Framing().feed(data) == pieces


def test_after_our_ping_one_line_end_is_its_answer() -> None:
    framing = Framing()
    for _ in range(3):
        framing.pinged()
        assert framing.feed(b"\r\n") == [PONG]
    assert framing.feed(b"\r\n\r\n") == [PING]


def test_pongs_are_never_taken_for_a_ping_that_we_would_answer() -> None:
    framing = Framing()
    framing.pinged()
    assert framing.feed(whole() + b"\r\n" + whole()) == [whole(), PONG, whole()]


def test_half_a_line_end_is_half_a_piece() -> None:
    framing = Framing()
    assert framing.feed(b"\r") == []
    assert framing.is_half
    assert framing.feed(b"\n\r\n") == [PING]
    assert not framing.is_half
