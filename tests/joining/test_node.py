"""`joining/node.py`: one node's rooms and its cluster, through a real Redis; its rooms say what they hear."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from ctibridge.cluster import lots
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.adapters.web import Web
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.outputs import Keep, keep
from ctibridge.domain.desk_command import Done
from ctibridge.domain.line import Line
from ctibridge.fields import Duration
from ctibridge.flow import crossing
from ctibridge.flow.flow import Flow
from ctibridge.flow.joint import Joint
from ctibridge.flow.outside import Outside
from ctibridge.health import Health
from ctibridge.joining.held import HELD
from ctibridge.joining.node import Joined
from ctibridge.joining.passport import Passport
from ctibridge.sip.events import Event, Hearing, LineChanged
from ctibridge.sip.settings import LineAccess, TrunkAccess
from ctibridge.trunks import Trunks
from tests.delivery import examples as ex
from tests.delivery.adapters.outboxes import close_unclean, opened
from tests.flow.cluster import over, ring
from tests.peers.process import until
from tests.peers.redis import RedisServer, stopped

pytestmark = pytest.mark.peer("redis-server")
LEASE = 0.5
NOWHERE = "redis://127.0.0.1:1"
AGENTS = ("ana", "ben")
LINES = {"pbx": TrunkAccess((LineAccess("6001", "6001", "secret", ("ana",)),))}


class Rooms:
    """All that a node joins with its cluster: flow, web and trunks say what they are told. ringing: legs here."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.desks = Desks("/ctibridge", lambda: "e1", outbox.desks)
        self.desks.set_lines([Line("pbx", "6001", ("ana",))])
        self.heard: list[tuple[str, str]] = []
        self.lines: Mapping[str, TrunkAccess] = {}
        self.ringing = 0
        self.admission = SimpleNamespace(beside=None)
        self.webhooks = None
        self.relay: Any = None
        self.carried_out: Callable[[Joint], None] = lambda _: None

    def deliver(self) -> None:
        for output in self.desks.drain():
            if isinstance(output, Keep):
                keep(self.outbox, output)

    def hold(self, accesses: Mapping[str, TrunkAccess]) -> None:
        self.lines = accesses

    def stored(self, agent: str, sequence: int) -> None:
        self.desks.stored(agent, sequence)

    def hear(self, event: Event, teller: str = "", named: object = None) -> None:
        self.heard.append((type(event).__name__, teller))

    def __getattr__(self, name: str) -> Any:
        """What else the flow is told."""
        if name in {"restore", "told"}:
            return self._later
        if name in {"lost", "gained", "falls_silent", "named"}:
            return lambda *_, **__: None
        raise AttributeError(name)

    def carry_out(self, command: Joint) -> None:
        self.carried_out(command)

    def going_on(self) -> frozenset[str]:
        return frozenset()

    def known(self, agents: frozenset[str]) -> frozenset[str]:
        return frozenset()

    async def _later(self, *_: object) -> None:
        pass


class Node:
    def __init__(self, rooms: Rooms, url: str, name: str) -> None:
        self.rooms, self.health = rooms, Health()
        self.health.started()
        settings = msgspec.convert({"url": url}, RedisSettings)
        msgspec.structs.force_setattr(settings, "lease", Duration(LEASE))
        passport = Passport(b"k" * 32, f"{name}-1", "")
        self.joined = Joined(name, RedisAccess(settings), passport, self.health, LINES)

    async def wire(self) -> None:
        rooms, other = self.rooms, cast("Any", self.rooms)
        self.joined.nodes(rooms.desks, lambda _: None)
        flow, web, trunks, outside = cast("Flow", other), cast("Web", other), cast("Trunks", other), other
        left = frozenset[str]
        await self.joined.wire(
            rooms.desks, flow, web, rooms.outbox, trunks, cast("Outside", outside), lambda: AGENTS, left
        )

    def has_all(self) -> bool:
        return all(self.joined.home(agent) is None for agent in AGENTS) and len(self.joined._member.held) == lots.LOTS


@asynccontextmanager
async def node(folder: Path, url: str, name: str = "one", held: bytes | None = None) -> AsyncIterator[Node]:
    folder.mkdir(exist_ok=True)
    outbox = await opened(folder, datetime.now(UTC))
    if held is not None:
        outbox.keep_fact(HELD, name, held)
    one = Node(Rooms(outbox), url, name)
    await one.wire()
    task = asyncio.create_task(one.joined.run())
    try:
        yield one
    finally:
        await one.joined.finish()
        task.cancel()
        await asyncio.wait({task})
        await close_unclean(outbox)
        assert task.cancelled(), "nothing ended it before"


def links(server: RedisServer, name: str) -> int:
    """Connections of that node; those of the test before may still be on their way out."""
    listed: str = server.say("CLIENT", "LIST")
    return listed.split().count(f"name={name}")


async def test_one_node_from_its_start_to_its_stop(tmp_path: Path, empty: RedisServer) -> None:
    async with node(tmp_path / "one", empty.url) as one:
        joined, rooms = one.joined, one.rooms
        assert joined.home("ana") == ""
        joined.hear(ring("a", "6001"))
        assert rooms.heard == []  # nobody knows yet whether it may act
        await until(one.has_all, "it has everything", 10)
        assert [line.user for line in rooms.lines["pbx"].lines] == ["6001"]
        assert rooms.heard[0] == ("RingStarted", "")
        joined.hear(over("a"))
        assert rooms.heard[-1] == ("RingEnded", "")
        joined.hear(LineChanged("pbx", "6001", Hearing.REGISTERED, ""))
        assert links(empty, "one")
        assert (joined.mine("ana"), rooms.desks.node_alone) == (True, False)
        figures = joined.figures()
        assert (figures.alone, figures.nodes, figures.lots, figures.lines) == (False, 1, lots.LOTS, 1)
        at = datetime.now(UTC)
        rooms.desks.ringing("ana", ex.pop(of=ex.call(1, at)), at)
        rooms.deliver()
        await joined._replica.written()
        assert sorted(empty.say("HKEYS", "{ctibridge}:calls:ana")) == ["01JDX001", "01JDX001/pop"]
        empty.say("HSET", "{ctibridge}:calls:ana", "01JDX001/pop", "of somebody who leaves")
        await rooms.outbox.purge(frozenset({"acme"}))
        await joined._replica.written()
        assert empty.say("HKEYS", "{ctibridge}:calls:ana") == ["01JDX001"]
        async with stopped(empty):
            await until(lambda: rooms.desks.node_alone, "its desks hear that it is alone", 10)
        await until(lambda: not rooms.desks.node_alone, "and that it is not", 10)
        await until(one.has_all, "it has everything", 10)
        await joined.leave(5)
        assert joined.home("ana") == ""
        assert rooms.lines["pbx"].lines == ()
        assert await rooms.outbox.fact(HELD, "one") == b"{}"  # all was given back
    await until(lambda: links(empty, "one") == 0, "no connection is left", 5)


async def test_two_nodes_share_and_one_goes(
    tmp_path: Path, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node(tmp_path / "two", empty.url, "two") as two:
        async with node(tmp_path / "one", empty.url, "one") as one:
            nodes = {"one": one, "two": two}

            def have_all() -> bool:
                homes = {agent: [one.joined.home(agent), two.joined.home(agent)] for agent in AGENTS}
                return all(sorted(map(str, at)) in (["None", "one"], ["None", "two"]) for at in homes.values())

            await until(have_all, "each desk has one home", 15)
            home = one if one.joined.mine("ana") else two
            other = nodes["two" if home is one else "one"]
            home.joined.hear(ring("a", "6001"))
            await until(lambda: any(what == "RingStarted" for what, _ in other.rooms.heard), "the other hears", 5)
            assert one.joined.figures().nodes == 2
            said: list[Joint] = []
            home.rooms.carried_out = said.append
            monkeypatch.setattr(crossing, "PATIENCE", 0.0)
            with monkeypatch.context() as patch:
                patch.setattr(home.joined._post, "say", lambda *_: None)
                home.joined.say(Done("ana", 1, "call"))
            await until(lambda: bool(said), "what is lost is done all the same", 5)
        await until(two.has_all, "it has everything", 15)
        await until(lambda: two.joined.figures().nodes == 1, "the other one is gone", 5)


async def test_without_redis_it_has_what_it_had_also_at_the_next_start(tmp_path: Path) -> None:
    ana = lots.of_agent("ana")
    held = msgspec.json.encode({str(ana): 7})
    async with node(tmp_path / "one", NOWHERE, held=held) as one:
        await until(lambda: one.joined.home("ana") is None, "alone with what it had", 10)
        assert any("nobody listens there" in remark for remark in one.health.remarks())
        assert one.rooms.desks.node_alone
        assert [line.user for line in one.rooms.lines["pbx"].lines] == ["6001"]
        one.joined.hear(ring("a", "6001"))
        assert ("RingStarted", "") in one.rooms.heard
        await asyncio.wait_for(one.joined.leave(60), 5)
        assert one.joined.home("ana") == ""
        assert await one.rooms.outbox.fact(HELD, "one") == held
