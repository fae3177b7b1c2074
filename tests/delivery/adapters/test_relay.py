"""Real websockets at one node, their desks at another: seen from outside all is as at home."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ctibridge.delivery import backlog, relayed
from ctibridge.delivery.adapters import admission, relay_edge
from ctibridge.delivery.adapters.server import DeskSocket
from ctibridge.delivery.tokens import Kind
from ctibridge.domain.desk_command import Sit
from tests.delivery import examples as ex
from tests.delivery.adapters.desk_server import Desk, DeskServer, signed_in
from tests.delivery.adapters.joined import Joined
from tests.peers.process import until

pytestmark = pytest.mark.e2e  # real sockets and real time

Frames = list[dict[str, Any]]


@pytest.fixture
async def joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Joined]:
    """Ana's desk has its home at `one`, Ben's at `two`."""
    monkeypatch.setattr(admission, "RECHECK_EVERY", 0.2)
    async with Joined.running(tmp_path, "one", "two", "three") as nodes:
        nodes.homes = {"ana": "one", "ben": "two"}
        yield nodes


def ring(server: DeskServer, *numbers: int, agent: str = "ana") -> None:
    for number in numbers:
        server.desks.ringing(agent, ex.pop(of=ex.call(number)), datetime.now(UTC))
    server.web.deliver()


async def read(desk: Desk, many: int) -> list[int]:
    """The sequences of the next events."""
    return [int((await desk.receive())["sequence"]) for _ in range(many)]


async def rings_at(server: DeskServer, token: str, resume: dict[str, Any] | None = None) -> Desk:
    desk = Desk(await server.open())
    await desk.send({"type": "auth", "token": token, "rings": True, **({"resume": resume} if resume else {})})
    desk.welcome = (await desk.receive())["data"]
    return desk


async def test_a_desk_whose_home_is_elsewhere(joined: Joined) -> None:
    one, two = joined.nodes["one"], joined.nodes["two"]
    here, there = await one.desk(), await two.desk()
    assert here.welcome["epoch"] == there.welcome["epoch"]
    assert there.client.subprotocol == "ctibridge.v1"
    ring(one, 1)
    assert await here.receive() == await there.receive()
    await there.send({"type": "sit", "lines": ["6004"]})
    await there.send({"type": "ping"})
    assert (await there.receive())["type"] == "pong"
    assert (one.commands, two.commands) == ([Sit("ana", ("6004",))], [])
    assert (len(joined.relays["two"].edge), len(joined.relays["one"].home)) == (1, 1)
    await there.client.close()
    await until(lambda: one.desks.connections[1] == 1, "the home knows that it left")
    assert len(joined.relays["two"].edge) == len(joined.relays["one"].home) == 0
    await here.client.close()
    assert not joined.nodes["three"].desks.here()


async def test_a_client_resumes_across_edges(joined: Joined) -> None:
    one = joined.nodes["one"]
    desk = await joined.nodes["two"].desk()
    ring(one, 1, 2)
    assert await read(desk, 2) == [1, 2]
    await desk.client.close()
    ring(one, 3, 4)
    again = await joined.nodes["three"].desk(resume={"epoch": desk.welcome["epoch"], "sequence": 2})
    assert (again.welcome["resumed"], again.welcome["sequence"]) == (True, 4)
    ring(one, 5)
    assert await read(again, 3) == [3, 4, 5]
    await again.client.close()


async def test_one_leader_in_the_whole_cluster(joined: Joined) -> None:
    token = await joined.nodes["one"].token()
    first = await rings_at(joined.nodes["two"], token)
    second, third = await rings_at(joined.nodes["three"], token), await rings_at(joined.nodes["one"], token)
    assert [desk.welcome["rings"] for desk in (first, second, third)] == [True, False, False]
    await first.client.close()
    assert (await second.receive())["data"] == {"rings": True}
    fourth = await rings_at(joined.nodes["two"], token, {"epoch": second.welcome["epoch"], "sequence": 0})
    assert fourth.welcome["rings"], "who resumes takes over"
    assert (await second.receive())["data"] == {"rings": False}
    for desk in (second, third, fourth):
        await desk.client.close()


async def test_a_pop_for_three_screens_at_one_edge_crosses_once(joined: Joined) -> None:
    screens = [await joined.nodes["two"].desk() for _ in range(3)]
    joined.sent.clear()
    ring(joined.nodes["one"], 1)
    frames = [await desk.receive() for desk in screens]
    assert frames[0] == frames[1] == frames[2]
    crossed = [(sender, to, part) for sender, to, body in joined.sent for part in relayed.read(body)]
    # On a slow machine the nodes look meanwhile whether the other one is there.
    sent = [(sender, to, len(part.to)) for sender, to, part in crossed if isinstance(part, relayed.Sent)]
    assert sent == [("one", "two", 3)]
    for desk in screens:
        await desk.client.close()


async def test_the_screen_whose_way_is_longer_is_told_first(joined: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was told when the call was kept and all screens here had it: 0.2 ms later, which one far away waits for."""
    here, there = await joined.nodes["one"].desk(), await joined.nodes["two"].desk()
    joined.sent.clear()
    crossed: list[int] = []

    def push(self: DeskSocket, frame: bytes) -> None:
        crossed.append(len(joined.sent))
        written(self, frame)

    written = DeskSocket.push
    monkeypatch.setattr(DeskSocket, "push", push)
    ring(joined.nodes["one"], 1)
    assert crossed == [1]
    assert await here.receive() == await there.receive()
    for desk in (here, there):
        await desk.client.close()


async def test_who_is_not_let_in_crosses_nothing(joined: Joined) -> None:
    two = joined.nodes["two"]
    assert await signed_in(two, "ctb_" + "A" * 43) == 4401
    assert await signed_in(two, await two.token(seconds=-1)) == 4401
    assert await signed_in(two, await two.token(None, Kind.IVR)) == 4403
    two.disable("ana")
    assert await signed_in(two, await two.token()) == 4403
    assert joined.sent == []


async def test_no_token_crosses(joined: Joined) -> None:
    token = await joined.nodes["two"].token()
    assert await signed_in(joined.nodes["two"], token) is None
    assert joined.sent
    assert not [body for _, _, body in joined.sent if token[4:].encode() in body]


async def test_wrong_frames_end_as_at_home(joined: Joined) -> None:
    two = joined.nodes["two"]
    desk = await two.desk()
    for _ in range(3):
        await desk.send({"type": "shown", "call": "nothing", "sequence": 1})
    frames = await desk.rest()
    assert [frame["data"]["code"] for frame in frames] == ["unknown_call"] * 2
    assert desk.client.close_code == 4400
    desk = await two.desk()
    await desk.send("no object")
    assert await desk.closed() == 4400
    desk = await two.desk()
    await desk.send({"type": "search", "call": "x", "text": "a" * 70_000})
    assert await desk.closed() == 1009


async def test_a_revoked_token_ends_the_session(joined: Joined) -> None:
    """Each node looks by itself, and the first that knows of it cuts: once the home alone, once the edge alone."""
    one, two = joined.nodes["one"], joined.nodes["two"]
    for knows in ("one", "two"):
        desk = await two.desk()
        other = joined.nodes["two" if knows == "one" else "one"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(other.tokens, "changed", _unchanged)
            (live,) = [token for token in await one.tokens.all() if token.revoked_at is None]
            start = time.monotonic()
            # As another process, or another node, says it.
            await (one if knows == "two" else two).tokens.revoke(live.id, datetime.now(UTC))
            assert await desk.closed() == 4401
        assert time.monotonic() - start < 5
    await until(lambda: one.desks.connections == (0, 0, 0), "the home forgot them")


async def _unchanged() -> bool:
    return False


async def test_a_slow_client_is_found_at_the_edge(joined: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LIMIT", 100)
    one = joined.nodes["one"]
    slow, other = await joined.nodes["two"].desk(), await joined.nodes["three"].desk()
    slow.client.transport.pause_reading()
    for number in range(1, 3000):
        ring(one, number)
        if one.desks.connections[1] == 1:
            break
        assert await read(other, 1) == [number]
    assert joined.nodes["two"].web.closed[4008] == 1  # type: ignore[index]
    slow.client.transport.resume_reading()
    sequences = [int(frame["sequence"]) for frame in await slow.rest()]
    assert slow.client.close_code == 4008
    assert sequences == list(range(1, len(sequences) + 1))
    await other.client.close()


async def test_what_is_lost_leaves_no_hole(joined: Joined) -> None:
    one, two = joined.nodes["one"], joined.nodes["two"]
    desk = await two.desk()
    ring(one, 1)
    assert await read(desk, 1) == [1]
    joined.loses["two"] = 1
    ring(one, 2)
    ring(one, 3)
    assert await desk.rest() == []
    assert desk.client.close_code == 1012
    again = await two.desk(resume={"epoch": desk.welcome["epoch"], "sequence": 1})
    assert again.welcome["resumed"]
    assert await read(again, 2) == [2, 3]
    joined.loses["one"] = 1
    await again.send({"type": "ack", "sequence": 3})
    await again.send({"type": "ping"})
    assert await again.closed() == 1012
    for relay in ("one", "two"):
        desk = await two.desk()
        joined.relays[relay].gap("two" if relay == "one" else "one")
        assert await desk.closed() == 1012
    desk = await two.desk()
    joined.relays["two"].all_lost()
    assert await desk.closed() == 1012


async def test_a_home_that_dies(joined: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_edge, "ANSWER_WITHIN", 0.2)
    monkeypatch.setattr(relay_edge, "LOOKS_EVERY", 0.05)
    two, three = joined.nodes["two"], joined.nodes["three"]
    desk = await two.desk()
    joined.dead = {"one"}
    start = time.monotonic()
    late = Desk(await two.open())
    await late.send({"type": "auth", "token": await two.token()})
    assert await late.closed() == 1013, "nobody answers, and nobody knows why yet"
    assert "retry in" in (late.client.close_reason or "")
    assert time.monotonic() - start < 3
    joined.homes["ana"] = "three"
    joined.relays["two"].node_gone("one", "another life")
    joined.relays["two"].node_gone("one", "one-1")
    assert await desk.closed() == 1012
    again = await two.desk(resume={"epoch": desk.welcome["epoch"], "sequence": 0})
    assert not again.welcome["resumed"], "a snapshot of the new home"
    ring(three, 1)
    assert await read(again, 1) == [1]
    await again.client.close()


async def test_an_edge_that_dies(joined: Joined) -> None:
    one = joined.nodes["one"]
    desk = await joined.nodes["two"].desk()
    joined.dead = {"two"}
    joined.relays["one"].node_gone("two", "two-0")
    assert one.desks.here() == ["ana"]
    joined.relays["one"].node_gone("two", "two-1")
    assert (one.desks.here(), len(joined.relays["one"].home)) == ([], 0)
    await desk.client.close()


async def test_a_home_that_moves(joined: Joined) -> None:
    two = joined.nodes["two"]
    desk = await two.desk()
    joined.relays["two"].homes_changed(["ana", "ben"])
    joined.homes["ana"] = "three"
    joined.relays["two"].homes_changed(["ana"])
    assert await desk.closed() == 1012
    with pytest.MonkeyPatch.context() as patch:  # the edge has not heard of it yet
        patch.setattr(joined.relays["two"], "_home", lambda _: "one")
        late = Desk(await two.open())
        await late.send({"type": "auth", "token": await two.token()})
        assert await late.closed() == 1012
        patch.setattr(joined.relays["two"], "_home", lambda _: "")
        assert await signed_in(two, await two.token()) == 1012
    await until(lambda: joined.nodes["one"].desks.connections[0] == 0, "the former home has nothing of it")


async def test_who_sends_too_much(joined: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_edge, "ALLOWANCE", 2_000)
    desk = await joined.nodes["two"].desk()
    with contextlib.suppress(Exception):
        for _ in range(30):
            await desk.send({"type": "ping"})
    assert await desk.closed() == 1013


async def test_too_many(joined: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_edge, "MOST", 1)
    two = joined.nodes["two"]
    desk = await two.desk()
    assert await signed_in(two, await two.token()) == 1013
    await desk.client.close()


async def test_an_edge_that_stops_says_when_to_come_back(tmp_path: Path) -> None:
    async with Joined.running(tmp_path, "one", "two") as nodes:
        nodes.homes = {"ana": "one"}
        desk = await nodes.nodes["two"].desk()
        await asyncio.gather(nodes.nodes["two"].web.stop(), desk.client.wait_closed())
        assert desk.client.close_code == 1012
        await until(lambda: not nodes.nodes["one"].desks.here(), "the home knows")
