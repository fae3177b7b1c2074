"""One connection between the loop and its owner, with both played by hand."""

import asyncio
from collections.abc import Callable
from typing import cast

from ctibridge.sip.adapters.connection import UNWRITTEN, Connection
from ctibridge.sip.adapters.life import HALF, IDLE, LINGER
from ctibridge.sip.hop import Hop, Transport
from tests.sip.adapters.stream_peers import OK, OPTIONS


class Wire:
    """A transport that writes down."""

    def __init__(self) -> None:
        self.written = b""
        self.unread = 0
        self.end = ""

    def write(self, data: bytes) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return self.unread

    def abort(self) -> None:
        self.end = "aborted"

    def close(self) -> None:
        self.end = "closed"


class Played:
    """The owner, and time."""

    def __init__(self, ping_every: float | None = None) -> None:
        self.now = 0.0
        self.said: list[object] = []
        self.wire = Wire()
        hop = Hop(Transport.TCP, "192.0.2.9", 5060, 7)
        self.connection = Connection(hop, self, lambda: self.now, ping_every=ping_every)

    def made(self) -> "Played":
        self.connection.connection_made(cast("asyncio.BaseTransport", self.wire))
        return self

    def stands(self, connection: Connection) -> None:
        self.said.append("stands")

    def heard(self, connection: Connection, message: bytes) -> None:
        self.said.append(message)

    def ends(self, connection: Connection, why: str) -> None:
        self.said.append(f"ends: {why}")

    def gone(self, connection: Connection) -> None:
        self.said.append("gone")

    def tag(self) -> str:
        return "tag"


def test_what_waits_is_written_once_the_connection_stands() -> None:
    played = Played()
    played.connection.send(OPTIONS)
    assert played.wire.written == b""
    played.made()
    assert played.wire.written == OPTIONS
    played.connection.send(OK)
    assert played.wire.written == OPTIONS + OK


def test_more_than_may_wait_is_dropped() -> None:
    played = Played()
    for _ in range(20):
        played.connection.send(b"x" * (UNWRITTEN // 10))
    played.made()
    assert UNWRITTEN * 0.8 < len(played.wire.written) <= UNWRITTEN


def test_messages_and_keep_alives() -> None:
    played = Played().made()
    played.connection.data_received(b"\r\n\r\n" + OPTIONS[:30])
    played.connection.data_received(OPTIONS[30:] + b"\r\n\r\n")
    assert played.said == ["stands", OPTIONS]
    assert played.wire.written == b"\r\n\r\n"


def test_a_ping_and_its_answer_for_hours() -> None:
    played = Played(28).made()
    for hour in range(1, 10_000):
        played.now = hour
        written = len(played.wire.written)
        played.connection.tick(hour)
        if len(played.wire.written) > written:
            played.connection.data_received(b"\r\n")
    assert played.wire.written == b"\r\n\r\n" * (9_999 // 28)
    assert played.said == ["stands"]


def test_a_peer_that_stops_answering_pings() -> None:
    played = Played(28).made()
    played.connection.tick(28)
    played.connection.data_received(b"\r\n")
    played.connection.tick(56)
    played.connection.tick(66)
    assert played.said == ["stands", "ends: no answer to a keep-alive"]
    assert played.wire.end == "aborted"


def test_a_message_that_never_ends_and_a_connection_that_says_nothing() -> None:
    half, idle = Played().made(), Played().made()
    half.connection.data_received(OPTIONS[:30])
    for each in (half, idle):
        each.connection.tick(HALF)
    idle.connection.tick(IDLE)
    assert half.said == ["stands", "ends: a message was begun and not ended"]
    assert idle.said == ["stands", "ends: nothing came for 15 minutes"]


def test_a_lost_boundary_is_answered_and_nothing_behind_it_counts() -> None:
    played = Played().made()
    played.connection.data_received(OPTIONS.replace(b"Content-Length: 0\r\n", b"") + OPTIONS)
    played.connection.data_received(OPTIONS)
    assert played.wire.written.startswith(b"SIP/2.0 400 ")
    assert played.said == ["stands", "ends: framing: no Content-Length"]
    assert played.wire.end == "closed"
    played.connection.tick(LINGER)
    assert played.wire.end == "aborted"


def test_a_peer_that_does_not_read() -> None:
    played = Played().made()
    played.wire.unread = UNWRITTEN + 1
    played.connection.send(OK)
    played.connection.send(OK)
    assert played.wire.written == OK
    assert (played.said[1:], played.wire.end) == (["ends: the peer does not read"], "aborted")


def test_the_end_is_said_once_whoever_caused_it() -> None:
    ends: list[Callable[[Connection], None]] = [
        lambda connection: connection.connection_lost(None),
        lambda connection: connection.connection_lost(ConnectionResetError()),
        lambda connection: connection.cut("x"),
        lambda connection: connection.finish("x"),
    ]
    for end in ends:
        played = Played().made()
        end(played.connection)
        played.connection.cut("again")
        played.connection.connection_lost(None)
        assert len([word for word in played.said if str(word).startswith("ends")]) == 1


def test_a_connection_that_stands_after_its_end_is_let_go() -> None:
    played = Played()
    played.connection.cut("we stop")
    played.made()
    assert (played.said, played.wire.end) == (["ends: we stop"], "aborted")
