"""One screen as its edge has it: what its home says in which order, and what is never papered over."""

import asyncio
from typing import Any, cast

import pytest

from ctibridge.delivery.adapters import relay_edge
from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.relay_edge import Edge
from ctibridge.delivery.adapters.relay_post import Outgoing
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.relayed import (
    Cut,
    Ended,
    Greeted,
    Heard,
    Left,
    Moved,
    Open,
    Part,
    Pinged,
    Said,
    Sent,
    Taken,
    ToEdge,
)
from ctibridge.delivery.tokens import Refusal
from tests.delivery.adapters.test_connection import Wire
from tests.delivery.adapters.test_relay_post import Posted
from tests.peers.process import until

AUTH = '{"type": "auth", "token": "ctb_secret", "resume": {"epoch": "e1", "sequence": 3}, "more": 1}'


class Room:
    """One screen of Ana's, whose desk is at `one`. ends: how connections ended."""

    def __init__(self, takes: int = 1000) -> None:
        self.post = Posted()
        self.ends: list[tuple[int, str]] = []
        self.home = "one"
        self.edge = Edge(Outgoing(self.post), cast("Any", self), 100, lambda _: self.home)
        self.wire = Wire(takes, greeted=False)
        self.edge.carry(self.wire.connection, "one", ("ana", "t1"), bytes(32), AUTH)

    def end(self, _: Connection, code: CloseCode, reason: str) -> None:
        self.ends.append((code, reason))

    def too_slow(self, connection: Connection) -> None:
        self.edge.gone(connection.number)

    def hear(self, *parts: ToEdge, node: str = "one") -> None:
        for part in parts:
            self.edge.hear(node, "one-1", part)

    def said(self) -> list[Part]:
        """To the home, since the last time."""
        self.edge._out.flush()
        found = [part for node, parts in self.post.parts for part in parts if node == "one"]
        self.post.parts.clear()
        return found


@pytest.fixture
async def room() -> Any:
    room = Room()
    yield room
    room.edge.close_all()


async def test_it_opens_without_its_token(room: Room) -> None:
    (opened,) = room.said()
    assert isinstance(opened, Open)
    assert opened.auth == b'{"type":"auth","token":"","resume":{"epoch":"e1","sequence":3},"rings":false}'
    room.hear(
        Taken(100), Greeted(100, 1, [b"a"], last=False), Sent([(100, 2)], b"c"), Greeted(100, 3, [b"b"], last=True)
    )
    assert room.wire.socket.frames == [b"a", b"b", b"c"], "the greeting stands in front, also in pieces"
    assert room.edge.said(1, "x")
    assert room.edge.said(1, b"y")
    assert room.edge.heard(1)
    assert not room.edge.said(2, "x")
    assert not room.edge.heard(2)
    assert room.said() == [Said(100, 1, b"x"), Said(100, 2, b"y"), Heard(100)]
    assert list(room.edge.live()) == [(1, "t1", "ana")]


async def test_twice_is_once_and_a_hole_is_the_end(room: Room) -> None:
    room.hear(Greeted(100, 1, [], last=True), Sent([(100, 2)], b"a"), Sent([(100, 2)], b"a"), Sent([(100, 3)], b"b"))
    assert room.wire.socket.frames == [b"a", b"b"]
    room.said()
    room.hear(Sent([(100, 5)], b"d"))
    assert room.wire.socket.frames == [b"a", b"b"]
    assert room.ends == [(1012, "something was lost; retry in 1 s")]
    assert room.said() == [Left(100)]
    room.hear(Sent([(100, 6)], b"e"), Ended(100, 1012, ""), Moved(100), Cut(100))
    assert room.said() == [Left(100)], "whoever still speaks to it is told; and no answer to an answer"


async def test_another_node_cannot_speak_for_the_home(room: Room) -> None:
    room.hear(Greeted(100, 1, [b"a"], last=True), Cut(100), node="two")
    assert (room.wire.socket.frames, room.wire.socket.was_cut) == ([], False)


async def test_how_it_ends(room: Room) -> None:
    room.hear(Ended(100, 4401, "the token is revoked"))
    assert room.ends == [(4401, "the token is revoked")]
    room.edge.carry(room.wire.connection, "one", ("ana", "t1"), bytes(32), AUTH)
    room.hear(Ended(101, 4999, "of a later version"))
    assert room.ends[-1] == (1012, "of a later version")
    room.edge.carry(room.wire.connection, "one", ("ana", "t1"), bytes(32), AUTH)
    room.edge.refuse(1, Refusal(CloseCode.TOKEN_REFUSED, "expired"))
    assert room.ends[-1] == (4401, "expired")
    room.edge.carry(room.wire.connection, "one", ("ana", "t1"), bytes(32), AUTH)
    room.hear(Cut(103))
    assert room.wire.socket.was_cut
    assert len(room.edge) == 0


async def test_pings_pass_while_there_is_room() -> None:
    room = Room(takes=2)
    room.hear(Greeted(100, 1, [], last=True), Pinged(100))
    assert room.wire.socket.frames == [b"ping"]
    room.said()
    room.hear(Sent([(100, 2)], b"a"), Pinged(100))
    assert room.said() == [Heard(100)], "no room for one: whether it takes anything is the backlog's business"
    room.edge.close_all()


async def test_a_home_that_falls_silent(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_edge, "SILENCE", 0.1)
    monkeypatch.setattr(relay_edge, "LOOKS_EVERY", 0.02)
    room.edge._look()
    room.hear(Taken(100))
    await until(lambda: len(room.edge) == 0, "it is closed")
    assert room.ends == [(1012, "nothing heard of the desk; retry in 1 s")]


async def test_so_many_at_most(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_edge, "MOST_OPENING", 1)
    other = Wire()
    other.connection.number = 2
    room.edge.carry(other.connection, "one", ("ana", "t1"), bytes(32), AUTH)
    assert [code for code, _ in room.ends] == [1013]
    room.hear(Taken(100))
    room.edge.carry(other.connection, "one", ("ana", "t1"), bytes(32), AUTH)
    assert len(room.edge) == 2
    assert len(asyncio.all_tasks()) == 1, "a pipe has no task of its own"
