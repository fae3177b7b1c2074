"""One screen elsewhere, as its desk's home has it."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from ctibridge.delivery.adapters import relay_home
from ctibridge.delivery.adapters.relay_home import Home, RemoteConnection
from ctibridge.delivery.adapters.relay_post import Outgoing
from ctibridge.delivery.backlog import End
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.relayed import PIECE, Ended, Greeted, Heard, Left, Moved, Open, Part, Said, Taken
from ctibridge.delivery.tokens import Refusal
from tests.delivery.adapters.test_relay_post import Posted

AUTH = b'{"type":"auth","token":""}'
OPEN = Open(100, bytes(32), AUTH)


class Room:
    """Desks, admission and hall in one, which write down what they are told."""

    def __init__(self) -> None:
        self.post = Posted()
        self.told: list[tuple[Any, ...]] = []
        self.verdict = asyncio.Event()
        self.home = Home(Outgoing(self.post), cast("Any", self), cast("Any", self), cast("Any", self), lambda _: True)
        self.connections: list[RemoteConnection] = []

    async def of_hash(self, number: int, token: bytes) -> Refusal:
        await self.verdict.wait()
        return Refusal(CloseCode.TOKEN_REFUSED, "revoked")

    def settle(self, number: int, verdict: Refusal) -> None:
        self.told.append(("settle", number, int(verdict.code)))

    def take_in(self, make: Callable[[int], RemoteConnection]) -> RemoteConnection:
        self.connections.append(make(len(self.connections) + 1))
        return self.connections[-1]

    def forget(self, number: int) -> None:
        self.told.append(("forget", number))

    def deliver(self) -> None: ...

    def connected(self, number: int, _: object, *, relayed: bool) -> None:
        assert relayed
        self.told.append(("connected", number))

    def receive(self, number: int, raw: bytes, _: object) -> None:
        self.told.append(("receive", number, raw))

    def refuse(self, number: int, refusal: Refusal) -> None:
        self.told.append(("refuse", number, int(refusal.code)))

    def heard(self, number: int, _: object) -> None:
        self.told.append(("heard", number))

    def gone(self, number: int) -> None:
        self.told.append(("gone", number))

    def hear(self, *parts: Any, incarnation: str = "1") -> list[tuple[Any, ...]]:
        for part in parts:
            self.home.hear("two", incarnation, part)
        told, self.told = self.told, []
        return told

    def posted(self) -> list[Part]:
        self.home._out.flush()
        found = [part for _, parts in self.post.parts for part in parts]
        self.post.parts.clear()
        return found


@pytest.fixture
async def room() -> Any:
    room = Room()
    yield room
    await room.home.stop()


async def test_what_is_said_before_the_verdict_waits_for_it(room: Room) -> None:
    assert room.hear(OPEN, OPEN) == [("connected", 1), ("receive", 1, AUTH)]
    assert room.posted() == [Taken(100)]
    assert room.hear(Said(100, 1, b"a"), Said(100, 1, b"a"), Heard(100)) == [("heard", 1)]
    room.verdict.set()
    await asyncio.gather(*room.home._admitting)
    assert room.hear() == [("settle", 1, 4401), ("receive", 1, b"a")]
    assert room.hear(Said(100, 2, b"b")) == [("receive", 1, b"b")]
    assert room.hear(Said(100, 4, b"d")) == [("refuse", 1, 1012)], "a hole"
    assert room.hear(Left(100), Left(100)) == [("gone", 1), ("forget", 1)]


async def test_whoever_is_not_known_resumes(room: Room) -> None:
    assert room.hear(Said(7, 3, b"x"), Heard(7)) == []
    assert room.posted() == [Moved(7), Moved(7)]


async def test_an_edge_that_was_started_again(room: Room) -> None:
    room.hear(OPEN)
    assert room.hear(OPEN, incarnation="2") == [("gone", 1), ("forget", 1), ("connected", 2), ("receive", 2, AUTH)]
    room.home.node_gone("two", "1")
    assert room.hear() == []
    room.home.node_gone("two", "2")
    assert room.hear() == [("gone", 2), ("forget", 2)]
    assert (len(room.home), list(room.home.nodes()), room.home.sessions) == (0, [], set())


async def test_bounds(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_home, "MOST", 1)
    monkeypatch.setattr(relay_home, "MOST_EARLY", 1)
    room.hear(OPEN)
    assert room.hear(Said(100, 1, b"a"), Said(100, 2, b"b")) == [("refuse", 1, 4400)]
    room.posted()
    room.hear(Open(101, bytes(32), AUTH))
    (ended,) = room.posted()
    assert isinstance(ended, Ended)
    assert ended.code == 1013


async def test_a_long_greeting_and_the_end(room: Room) -> None:
    room.hear(OPEN)
    (connection,) = room.connections
    assert room.home.sessions == {connection.number}
    connection.greet((bytes(PIECE), b"b"))
    assert connection.put(b"c")
    connection.end(End(CloseCode.RESTART, "restart"))
    _, first, last, _, ended = room.posted()
    assert isinstance(first, Greeted)
    assert isinstance(last, Greeted)
    assert [(one.n, one.last) for one in (first, last)] == [(1, False), (2, True)]
    assert ended == Ended(100, 1012, "restart")
    assert len(room.home) == 0
