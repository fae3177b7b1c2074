"""A connection whose kernel buffer is full: what waits, what is sent then, and when it ends."""

import asyncio
from typing import Any, cast

import pytest

from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.server import DeskSocket
from ctibridge.delivery.backlog import LIMIT, End
from ctibridge.delivery.close_code import CloseCode


class FullSocket:
    """Takes `takes` frames, then none until `drain`."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.frames: list[bytes] = []
        self.blocked = False
        self.held = 0
        self.was_cut = False
        self.on_blocked: Any = None
        self.on_writable: Any = None
        self.on_pong: Any = None

    def push(self, frame: bytes) -> None:
        self.frames.append(frame)
        if len(self.frames) >= self.takes:
            self.blocked, self.held = True, len(frame)
            self.on_blocked()

    def drain(self, takes: int) -> None:
        self.takes = len(self.frames) + takes
        self.blocked, self.held = False, 0
        self.on_writable()

    def ping(self) -> None:
        self.frames.append(b"ping")

    def cut(self) -> None:
        self.was_cut = True


class Wire:
    """greeted: its `welcome` has been taken."""

    def __init__(self, takes: int = 2, *, greeted: bool = True) -> None:
        self.socket = FullSocket(takes)
        self.sent: list[dict[str, Any]] = []
        self.waiting: list[Connection] = []
        self.connection = Connection(1, cast("DeskSocket", self.socket), self.send, self.waiting.append)
        if greeted:
            self.connection.greet(())

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


async def test_in_order_across_a_full_buffer() -> None:
    wire = Wire(takes=2)
    assert all(wire.connection.put(b"%d" % number) for number in range(5))
    assert wire.socket.frames == [b"0", b"1"]
    wire.socket.drain(2)
    wire.socket.drain(10)
    assert wire.socket.frames == [b"0", b"1", b"2", b"3", b"4"]


async def test_nothing_is_written_before_the_greeting_and_all_of_it_behind() -> None:
    wire = Wire(takes=10, greeted=False)
    assert wire.connection.put(b"41")
    assert wire.socket.frames == []
    wire.connection.greet((b"welcome", b"40"))
    assert wire.connection.put(b"42")
    assert wire.socket.frames == [b"welcome", b"40", b"41", b"42"]


async def test_who_is_closed_before_his_greeting_hears_why_and_nothing_else() -> None:
    wire = Wire(greeted=False)
    wire.connection.put(b"41")
    wire.connection.end(End(CloseCode.TOKEN_REFUSED, "revoked"))
    wire.connection.greet((b"welcome",))
    await wire.connection.closed()
    assert (wire.socket.frames, [message["code"] for message in wire.sent]) == ([], [4401])


async def test_a_thousand_wait_for_a_greeting_and_no_more() -> None:
    wire = Wire(greeted=False)
    assert all(wire.connection.put(b"x") for _ in range(LIMIT))
    assert not wire.connection.put(b"x")
    await wire.connection.closed()
    assert [message["code"] for message in wire.sent] == [4008]


async def test_the_end_goes_out_behind_what_the_socket_holds() -> None:
    wire = Wire(takes=1)
    wire.connection.greet((b"welcome", b"1"))
    wire.connection.end(End(CloseCode.TOKEN_REFUSED, "revoked"))
    await asyncio.sleep(0)
    assert wire.sent == []
    wire.socket.drain(10)
    await wire.connection.closed()
    assert wire.socket.frames == [b"welcome"]
    assert wire.sent == [{"type": "websocket.close", "code": 4401, "reason": "revoked"}]


async def test_a_thousand_wait_and_no_more() -> None:
    wire = Wire(takes=1)
    assert all(wire.connection.put(b"x") for _ in range(LIMIT + 1))
    assert not wire.connection.put(b"x")
    wire.socket.drain(10)
    await wire.connection.closed()
    assert [message["code"] for message in wire.sent] == [4008]


async def test_nobody_is_pinged_whose_buffer_is_full() -> None:
    wire = Wire(takes=2)
    assert wire.connection.ping()
    wire.connection.put(b"1")
    assert not wire.connection.ping()
    assert wire.socket.frames == [b"ping", b"1"]


async def test_a_stalled_peer_is_told_and_then_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(takes=1)
    assert wire.connection.deadline is None
    wire.connection.put(b"1")
    assert wire.waiting == [wire.connection]
    clock = asyncio.get_running_loop().time()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: clock + 31)
    assert not wire.connection.look()
    assert wire.connection.look()
    assert not wire.socket.was_cut
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: clock + 62)
    wire.connection.look()
    assert (wire.socket.was_cut, wire.connection.deadline) == (True, None), "there is nothing more to be done"


async def test_its_length_is_what_waits() -> None:
    wire = Wire(takes=2)
    for number in range(5):
        wire.connection.put(b"%d" % number)
    assert len(wire.connection) == 3
    wire.socket.drain(10)
    assert len(wire.connection) == 0
