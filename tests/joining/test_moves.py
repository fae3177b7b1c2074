"""`joining/moves.py`: desks come and go lot by lot, through a real Redis, with real stores and a flow that says what it
is told."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from ctibridge.cluster import lots as of
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.keys import DESKS_LIFETIME, Keys
from ctibridge.cluster.outputs import Gained, Lost, Yield
from ctibridge.delivery.adapters.hand_over import HandOver
from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.outputs import Keep, keep
from ctibridge.flow.flow import Flow
from ctibridge.joining import moves as module
from ctibridge.joining.moves import Moves
from ctibridge.joining.replica import Replica
from tests.cluster.conftest import reach
from tests.delivery import examples as ex
from tests.delivery.adapters.outboxes import close_unclean, opened
from tests.joining.unfenced import Unfenced
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")
KEYS = Keys("ctibridge")
LOT = of.of_agent("ana")
OTHER = of.of_agent("ben")


class Calls:
    """The flow of one node. waits: cleared, and what waits for the store is never told. does: of its next word."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []
        self.ringing = frozenset[str]()
        self.waits = asyncio.Event()
        self.waits.set()
        self.reads = asyncio.Event()
        self.reads.set()
        self.stands = asyncio.Event()
        self.stands.set()
        self.fails = False

    async def stand(self) -> None:
        """Of the others."""
        await self.stands.wait()

    def lost(self, agents: frozenset[str]) -> None:
        self.said.append(("lost", sorted(agents)))

    def going_on(self) -> frozenset[str]:
        return self.ringing

    def known(self, agents: frozenset[str]) -> frozenset[str]:
        return self.ringing

    async def restore(self, calls: Mapping[str, Any]) -> None:
        await self.reads.wait()
        if self.fails:
            raise ValueError("a fault of ours")
        self.said.append(("restore", sorted(calls)))

    def gained(self, agents: frozenset[str]) -> None:
        self.said.append(("gained", sorted(agents)))

    async def told(self) -> None:
        self.said.append(("told", None))
        await self.waits.wait()


class Node:
    """One node's desks, and what its moves tell."""

    def __init__(self, outbox: Outbox, links: tuple[Link, Link]) -> None:
        self.told: list[tuple[str, Any]] = []
        self.calls = Calls()
        self.outbox = outbox
        self.desks = Desks("/ctibridge", lambda: "e1", outbox.desks)
        self.hand_over = HandOver(self.desks, outbox, self.deliver, lambda: None)
        self.replica = Replica(links[0], Unfenced(links[0], KEYS), KEYS, lambda *_: None, self.is_home)
        flow = cast("Flow", self.calls)
        self.moves = Moves(links[1], self.replica, self.hand_over, flow, lambda: ["ana", "ben"], self, self.calls.stand)
        outbox.on_call = self.replica.keep
        self.desks.residents.join(self.moves.is_home)

    def deliver(self) -> None:
        for output in self.desks.drain():
            if isinstance(output, Keep):
                keep(self.outbox, output)

    def ring(self, number: int, agent: str = "ana") -> None:
        at = datetime.now(UTC)
        self.desks.ringing(agent, ex.pop(of=ex.call(number, at)), at)
        self.deliver()

    def is_home(self, agent: str) -> bool:
        return self.moves.is_home(agent)

    def epoch(self, agent: str = "ana") -> str:
        standing = self.desks.residents.standing(agent)
        assert standing is not None
        return standing.epoch

    def has(self) -> list[str]:
        """Ana's calls in progress."""
        standing = self.desks.residents.standing("ana")
        return [] if standing is None else [one.call.id for one in standing.calls if not one.call.is_over]

    async def heard(self, *words: tuple[str, Any]) -> None:
        await until(lambda: set(map(str, words)) <= set(map(str, self.told)), f"{words} of {self.told}", 10)

    # as `Told`

    def given(self, turn: int) -> None:
        self.told.append(("given", turn))

    def kept(self, turn: int) -> None:
        self.told.append(("kept", turn))

    def settled(self, lots: Mapping[int, int]) -> None:
        self.told.append(("settled", dict(lots)))


@asynccontextmanager
async def node(folder: Path, server: RedisServer) -> AsyncIterator[Node]:
    folder.mkdir(exist_ok=True)
    outbox = await opened(folder, datetime.now(UTC))
    redis = reach(server.url)
    links = redis.link(KEYS.lots), redis.link(KEYS.lots)
    one = Node(outbox, links)
    tasks = [asyncio.create_task(one.moves.run()), asyncio.create_task(one.replica.run())]
    try:
        yield one
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for link in links:
            await link.close()
        await close_unclean(outbox)


async def gives(one: Node) -> str:
    """A desk with one call, written down for whoever has it next. Returns its epoch."""
    one.moves.gains(Gained({LOT: 1}, "fresh"))
    await one.heard(("settled", {LOT: 1}))
    one.ring(1)
    epoch = one.epoch()
    one.moves.yields(Yield(1, {LOT: 2}))
    await one.heard(("given", 1))
    return epoch


async def test_desks_go_over_with_all_they_have(tmp_path: Path, empty: RedisServer) -> None:
    async with node(tmp_path / "one", empty) as one, node(tmp_path / "two", empty) as two:
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        assert not one.moves.is_home("ana")
        await one.heard(("settled", {LOT: 1}))
        one.ring(1)
        epoch = one.epoch()
        one.moves.yields(Yield(7, {LOT: 2}))
        assert not one.moves.is_home("ana")
        assert not one.moves.is_open("ana")
        assert one.calls.said[-1] == ("lost", ["ana"])
        await one.heard(("given", 7))
        assert one.epoch() != epoch
        assert 0 < empty.say("TTL", KEYS.desks(LOT, 2)) <= DESKS_LIFETIME
        two.moves.gains(Gained({LOT: 2}, "handed"))
        await two.heard(("settled", {LOT: 2}))
        await until(lambda: two.moves.is_open("ana"), "open", 5)
        assert (two.epoch(), two.has()) == (epoch, ["01JDX001"])
        assert ("gained", ["ana"]) in two.calls.said
        assert not empty.say("EXISTS", KEYS.desks(LOT, 2))
        one.moves.loses(Lost(frozenset({LOT})))
        two.moves.yields(Yield(1, {LOT: 3}))
        await two.heard(("given", 1))
        one.moves.gains(Gained({LOT: 3}, "handed"))
        await one.heard(("settled", {LOT: 3}))
        assert (one.epoch(), one.has()) == (epoch, ["01JDX001"])


async def test_what_nobody_hears_any_more_ends(
    tmp_path: Path, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SETTLES", 0.05)
    async with node(tmp_path / "one", empty) as one, node(tmp_path / "two", empty) as two:
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        await one.heard(("settled", {LOT: 1}))
        one.ring(1)
        one.ring(2)
        one.moves.yields(Yield(1, {LOT: 2}))
        await one.heard(("given", 1))
        two.calls.ringing = frozenset({"01JDX002"})
        two.moves.gains(Gained({LOT: 2}, "handed"))
        await until(lambda: two.has() == ["01JDX002"], "the other one is over", 5)


async def test_who_takes_over_knows_what_was_told(tmp_path: Path, empty: RedisServer) -> None:
    async with node(tmp_path / "one", empty) as one, node(tmp_path / "two", empty) as two:
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        await one.heard(("settled", {LOT: 1}))
        one.ring(1)
        await one.replica.written()
        two.calls.ringing = frozenset({"01JDX001"})
        two.moves.gains(Gained({LOT: 2}, "fresh"))
        await two.heard(("settled", {LOT: 2}))
        assert two.has() == ["01JDX001"]
        assert two.epoch() != one.epoch()
        one.moves.loses(Lost(frozenset({LOT})))
        two.ring(2)
        await two.replica.written()
        await one.replica.written()
        (calls,) = (await two.replica.of(["ana"])).values()
        # That the first one forgot the call is not what the desk was told.
        assert [call.call.is_over for call in calls] == [False, False]


async def test_without_redis_nothing_goes_and_nothing_is_waited_for(
    tmp_path: Path, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    async with node(tmp_path / "one", empty) as one:
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        await one.heard(("settled", {LOT: 1}))
        one.ring(1)
        epoch = one.epoch()
        empty.pause()
        try:
            one.moves.yields(Yield(3, {LOT: 2}))
            await one.heard(("kept", 3))
            one.calls.ringing = frozenset({"01JDX001"})
            one.moves.gains(Gained({LOT: 1}, "fresh"))
            one.moves.gains(Gained({OTHER: 5}, "handed"))
            await one.heard(("settled", {OTHER: 5}))
        finally:
            empty.wake()
        assert one.moves.is_open("ana")
        assert one.moves.is_open("ben")
        assert one.epoch() != epoch


async def test_what_was_lost_on_its_way_is_nobodys_here(tmp_path: Path, empty: RedisServer) -> None:
    async with node(tmp_path / "one", empty) as one, node(tmp_path / "two", empty) as two:
        epoch = await gives(one)
        two.moves.gains(Gained({LOT: 2}, "handed"))
        two.moves.loses(Lost(frozenset({LOT})))
        two.moves.gains(Gained({OTHER: 9}, "own"))
        await two.heard(("settled", {OTHER: 9}))
        assert ("settled", {LOT: 2}) not in two.told
        assert not two.moves.is_home("ana")
        assert two.epoch() != epoch


async def test_a_gift_that_is_given_on_at_once_is_whole(tmp_path: Path, empty: RedisServer) -> None:
    async with node(tmp_path / "one", empty) as one, node(tmp_path / "two", empty) as two:
        epoch = await gives(one)
        two.moves.gains(Gained({LOT: 2}, "handed"))
        two.moves.yields(Yield(1, {LOT: 3}))
        await two.heard(("given", 1))
        one.moves.gains(Gained({LOT: 3}, "handed"))
        await one.heard(("settled", {LOT: 3}))
        assert (one.epoch(), one.has()) == (epoch, ["01JDX001"])


async def test_a_lot_that_goes_while_the_store_is_waited_for_stays_shut(
    tmp_path: Path, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node(tmp_path / "one", empty) as one:
        one.calls.waits.clear()
        one.moves.gains(Gained({LOT: 1, OTHER: 1}, "fresh"))
        await until(lambda: ("told", None) in one.calls.said, "it waits", 5)
        assert one.moves.is_home("ana")
        assert not one.moves.is_open("ana")
        one.moves.loses(Lost(frozenset({LOT})))
        one.calls.waits.set()
        await one.heard(("settled", {OTHER: 1}))
        assert not one.moves.is_open("ana")
        assert one.moves.is_open("ben")
        one.calls.waits.clear()
        monkeypatch.setattr(module, "PATIENCE", 0.05)  # a store that stands still keeps nobody's screen
        one.moves.gains(Gained({LOT: 3}, "own"))
        await one.heard(("settled", {LOT: 3}))
        assert one.moves.is_open("ana")
        one.calls.waits.set()


async def test_a_lot_that_goes_while_calls_are_read_is_not_told_of(tmp_path: Path, empty: RedisServer) -> None:
    async with node(tmp_path / "one", empty) as one:
        one.calls.reads.clear()
        one.moves.gains(Gained({LOT: 1, OTHER: 1}, "fresh"))
        await until(lambda: one.moves.is_home("ana"), "it reads", 5)
        one.moves.loses(Lost(frozenset({LOT})))
        one.calls.reads.set()
        await one.heard(("settled", {OTHER: 1}))
        assert [words for what, words in one.calls.said if what == "gained"] == [["ben"]]


async def test_what_fails_leaves_no_lot_behind(
    tmp_path: Path, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a fault of ours")

    async with node(tmp_path / "one", empty) as one:
        one.calls.fails = True
        monkeypatch.setattr(one.replica, "of", broken)
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        await one.heard(("settled", {LOT: 1}))
        assert one.moves.is_open("ana")
        monkeypatch.setattr(one.hand_over, "export", broken)
        one.moves.yields(Yield(4, {LOT: 2}))
        await one.heard(("kept", 4))


async def test_ours_already_is_told_again(tmp_path: Path, empty: RedisServer) -> None:
    async with node(tmp_path / "one", empty) as one:
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        await one.heard(("settled", {LOT: 1}))
        one.ring(1)
        epoch, one.calls.ringing = one.epoch(), frozenset({"01JDX001"})
        one.calls.said.clear()
        one.told.clear()
        one.moves.gains(Gained({LOT: 1}, "own"))
        assert one.moves.is_open("ana")
        await one.heard(("settled", {LOT: 1}))
        assert ("gained", ["ana"]) in one.calls.said
        assert (one.epoch(), one.has()) == (epoch, ["01JDX001"])


async def test_what_was_ours_is_told_when_the_others_have_said_how_things_stand(
    tmp_path: Path, empty: RedisServer
) -> None:
    async with node(tmp_path / "one", empty) as one:
        one.calls.stands.clear()
        one.moves.gains(Gained({LOT: 1}, "own"))
        await asyncio.sleep(0)
        assert not one.is_home("ana")
        one.calls.stands.set()
        await one.heard(("settled", {LOT: 1}))
