"""One behaviour suite for the registry as a value, which the protocol is proved with, and for the script in Redis; then
both are asked the same at random and answer alike."""

import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.registry import RedisRegistry
from ctibridge.cluster.beat import Beat, Change, Op, Refused
from ctibridge.cluster.registry import Registry
from ctibridge.cluster.view import Info, Record, View
from tests.cluster.conftest import reach
from tests.peers.redis import RedisCluster, RedisServer

pytestmark = pytest.mark.peer("redis-server")

LEASE = 5.0
SLOWLY = 1000.0
"""A second of these cases lasts so long, so that it does not matter how slow the machine is between two requests."""


class InMemory:
    """The value, with a clock of its own."""

    def __init__(self) -> None:
        self._registry, self._now = Registry(), 100.0

    async def ask(self, beat: Beat) -> View | Refused:
        return self._registry.ask(beat, self._now)

    async def look(self) -> View:
        return self._registry.look(self._now)

    def later(self, seconds: float) -> None:
        self._now += SLOWLY * seconds


class InRedis:
    """The script; what would be later is made by moving all times in Redis back."""

    def __init__(self, server: RedisServer) -> None:
        self._server, self._registry = server, RedisRegistry(reach(server.url))
        self.ask = self._registry.ask
        self.look = self._registry.look
        self.close = self._registry.close

    def later(self, seconds: float) -> None:
        self._server.say("EVAL", _AGE, 2, "{ctibridge}:registry", "{ctibridge}:leases", round(1000 * SLOWLY * seconds))


_AGE = """
local quiet = redis.call('HGET', KEYS[1], 'quiet')
if quiet then redis.call('HSET', KEYS[1], 'quiet', quiet - ARGV[1]) end
local all = redis.call('HGETALL', KEYS[2])
for at = 1, #all, 2 do
  local one = cjson.decode(all[at + 1])
  one[3] = one[3] - ARGV[1]
  redis.call('HSET', KEYS[2], all[at], cjson.encode(one))
end
"""
Kept = Any


@pytest.fixture(params=[InMemory, InRedis])
async def registry(request: pytest.FixtureRequest, empty: RedisServer) -> AsyncIterator[Kept]:
    if request.param is InMemory:
        yield InMemory()
        return
    kept = InRedis(empty)
    yield kept
    await kept.close()


class Asking:
    """A node that asks: each time with a higher count."""

    def __init__(self, registry: Kept, node: str, incarnation: str = "1", replaces: str = "") -> None:
        self._registry = registry
        self.beat = Beat(node, incarnation, replaces, 0, SLOWLY * LEASE, Info(version=node))

    async def __call__(self, *changes: Change, **more: Any) -> Any:
        self.beat = replace(self.beat, count=self.beat.count + 1)
        return await self._registry.ask(replace(self.beat, changes=changes, **more))


async def owned(registry: Kept) -> tuple[Asking, Asking]:
    """Two nodes; the first has lot 7 and has settled."""
    one, two = Asking(registry, "one"), Asking(registry, "two")
    await one()
    registry.later(LEASE - 1)
    await one()
    await two()
    registry.later(1.5)
    await one(Change("claim", 7), Change("settle", 7, 1))
    await two()
    return one, two


async def test_the_first_is_there_and_nothing_may_be_claimed_for_a_lease(registry: Kept) -> None:
    one = Asking(registry, "one")
    view = await one(Change("claim", 7))
    assert (view.birth, view.quiet, view.known, view.lots) == ("1-1", True, False, {})
    assert view.nodes["one"].info == Info(version="one")
    registry.later(LEASE - 0.5)
    view = await one(Change("claim", 7))
    assert (view.quiet, view.known, view.lots) == (True, True, {})
    registry.later(1)
    view = await one(Change("claim", 7, 40))
    assert (view.birth, view.quiet, view.lots) == ("1-1", False, {7: Record("one", "1", 41, "fresh")})


async def test_a_lease_ends_and_the_lot_is_taken_over_fresh(registry: Kept) -> None:
    one, two = await owned(registry)
    assert (await two()).lots == {7: Record("one", "1", 1, "own")}
    assert (await two(Change("claim", 7))).record(7).token == 1
    registry.later(LEASE - 1)
    await two()
    registry.later(1.5)
    view = await two(Change("claim", 7))
    assert view.nodes.keys() == {"two"}
    assert view.lots == {7: Record("two", "1", 2, "fresh")}
    view = await one(Change("settle", 7, 1), Change("release", 7, 1), Change("claim", 7))
    assert (view.known, view.lots) == (False, {7: Record("two", "1", 2, "fresh")})


async def test_who_had_it_last_goes_on_with_his_own_desks(registry: Kept) -> None:
    one, _ = await owned(registry)
    registry.later(LEASE + 1)
    again = Asking(registry, "one", "2", replaces="1")
    assert (await again(Change("claim", 7))).lots == {7: Record("one", "2", 2, "own")}
    assert await one() == Refused("taken")


async def test_handed_over(registry: Kept) -> None:
    one, two = await owned(registry)
    three = Asking(registry, "three")
    assert (await one(Change("want", 7))).record(7).next == ""
    view = await two(Change("want", 7))
    assert view.lots == {7: Record("one", "1", 1, "own", "two", "1", False)}
    assert (await three(Change("want", 7), Change("ready", 7), Change("unwant", 7))).lots == view.lots
    assert (await one(Change("give", 7, 1))).lots == view.lots
    assert (await two(Change("ready", 7))).record(7).ready
    assert (await one(Change("give", 7, 9))).record(7).node == "one"
    assert (await one(Change("give", 7, 1))).lots == {7: Record("two", "1", 2, "handed")}
    assert (await two(Change("settle", 7, 2))).record(7).desks == "own"


async def test_not_wanted_any_more_or_wanted_by_one_who_died(registry: Kept) -> None:
    one, two = await owned(registry)
    three = Asking(registry, "three")
    await two(Change("want", 7), Change("ready", 7))
    assert (await two(Change("unwant", 7))).lots == {7: Record("one", "1", 1, "own")}
    await two(Change("want", 7), Change("ready", 7))
    registry.later(LEASE - 1)
    await one()
    registry.later(1.5)
    view = await one(Change("give", 7, 1))
    assert (view.record(7).node, view.next(7)) == ("one", None)
    assert (await three(Change("want", 7))).record(7).next == "three"
    assert not (await one()).record(7).ready


async def test_released_and_left(registry: Kept) -> None:
    one, two = await owned(registry)
    view = await one(Change("release", 7, 1), leaves=True)
    assert (view.nodes.keys(), view.lots) == ({"two"}, {7: Record("one", "", 2, "own")})
    assert (await two(Change("claim", 7))).lots == {7: Record("two", "1", 3, "fresh")}


async def test_reclaimed_with_the_token_that_it_had(registry: Kept) -> None:
    """After Redis lost its memory: at once, by who knows what he has."""
    one, two = Asking(registry, "one"), Asking(registry, "two")
    assert (await one(Change("reclaim", 7, 5))).lots == {7: Record("one", "1", 5, "fresh")}
    assert (await two(Change("reclaim", 7, 9))).record(7).node == "one"
    await one(Change("release", 7, 5))
    assert (await two(Change("reclaim", 7, 6))).record(7).incarnation == ""
    assert (await one(Change("reclaim", 7, 6))).record(7) == Record("one", "1", 6, "fresh")
    await one(Change("release", 7, 6))
    assert (await two(Change("reclaim", 7, 8))).record(7) == Record("two", "1", 8, "fresh")


async def test_a_name_has_one_owner_and_the_later_request_counts(registry: Kept) -> None:
    one, other = Asking(registry, "one"), Asking(registry, "one", "2")
    await one()
    assert await other() == Refused("taken")
    late = one.beat
    await one()
    assert await registry.ask(late) == Refused("overtaken")
    assert await registry.ask(one.beat) == Refused("overtaken")
    view = await Asking(registry, "one", "3", replaces="1")()
    assert (view.known, view.nodes["one"].incarnation) == (False, "3")


async def test_what_a_newer_version_says_of_itself_is_passed_on(registry: Kept) -> None:
    info = Info(2.5, draining=True, version='9 "a/ä', redundancy="both", figures={"lines": 3.0, "lag": 0.25})
    view = await Asking(registry, "a/ä 1")(info=info)
    assert view.nodes["a/ä 1"].info == info


async def test_what_a_newer_version_adds_to_a_lot_is_kept_when_it_is_handed_over(empty: RedisServer) -> None:
    """An older node between two newer ones took it away."""
    registry = InRedis(empty)
    one, two = await owned(registry)
    await two(Change("want", 7), Change("ready", 7))
    lots = "{ctibridge}:lots"
    empty.say("HSET", lots, 7, json.dumps([*json.loads(empty.say("HGET", lots, 7)), "later"]))
    assert (await one(Change("give", 7, 1))).lots == {7: Record("two", "1", 2, "handed")}
    await two(Change("settle", 7, 2))
    assert json.loads(empty.say("HGET", lots, 7)) == ["two", "1", 2, "own", "", "", False, "later"]
    await registry.close()


async def test_who_only_looks_has_no_lease_and_changes_nothing(registry: Kept) -> None:
    assert await registry.look() == View("")
    await Asking(registry, "one")()
    assert (await registry.look()).quiet
    one, two = await owned(registry)
    seen = await registry.look()
    assert seen == replace(await two(), known=False)
    assert seen == await registry.look()
    registry.later(LEASE + 1)
    gone = await registry.look()
    assert (gone.nodes, gone.lots, gone.owner(7)) == ({}, {7: Record("one", "1", 1, "own")}, None)
    assert (await one()).birth == seen.birth


@pytest.mark.parametrize("seed", range(2))
async def test_both_answer_alike_whatever_is_asked(empty: RedisServer, seed: int) -> None:
    chance = random.Random(seed)
    memory, redis = InMemory(), InRedis(empty)
    counts = dict.fromkeys(("a", "b", "c"), 0)
    ops: tuple[Op, ...] = ("claim", "reclaim", "want", "unwant", "ready", "give", "settle", "release")
    done = set[str]()
    for _ in range(500):
        node = chance.choice("abc")
        counts[node] += chance.choice((0, 1, 1, 1, 1, 1))
        seen = memory._registry.record
        changes = tuple(
            Change(op, lot, max(0, seen(lot).token + chance.choice((-1, 0, 0, 0, 1))))
            for op, lot in zip(chance.choices(ops, k=4), chance.choices(range(2), k=4), strict=True)
        )
        incarnation, replaces = chance.choice("1111111112"), chance.choice(("", "", "1", "2"))
        leaves = chance.random() < 0.05
        beat = Beat(node, incarnation, replaces, counts[node], SLOWLY * LEASE, Info(), changes, leaves)
        before = dict(memory._registry._lots)
        answer = await memory.ask(beat)
        assert await redis.ask(beat) == answer
        assert await redis.look() == await memory.look()
        done |= {record.desks for lot, record in memory._registry._lots.items() if before.get(lot) != record}
        seconds = chance.choice((0, 0, 0, 0, 1, 4))
        memory.later(seconds)
        redis.later(seconds)
    assert done == {"own", "fresh", "handed"}
    await redis.close()


# -- Redis alone -------------------------------------------------------------------------------------------------------


async def test_it_works_in_a_cluster(redis_cluster: RedisCluster) -> None:
    for server in redis_cluster.servers:
        registry = RedisRegistry(reach(server.url, cluster=True))
        view = await Asking(registry, server.address)()
        assert server.address in view.nodes
        await registry.close()


async def test_redis_set_its_clock_back_and_no_lease_became_longer(empty: RedisServer) -> None:
    registry = InRedis(empty)
    one, two = Asking(registry, "one"), Asking(registry, "two")
    await one()
    registry.later(-3600)
    assert (await two()).nodes.keys() == {"one", "two"}
    registry.later(LEASE + 1)
    view = await two()
    assert (view.nodes.keys(), view.quiet) == ({"two"}, False)
    await registry.close()


async def test_a_primary_that_lost_its_replicas_and_must_not_go_on_alone_refuses(empty: RedisServer) -> None:
    """Then its node is alone and says so, where another server may have taken its place already."""
    registry = RedisRegistry(reach(empty.url))
    one = Asking(registry, "one")
    await one()
    empty.say("CONFIG SET", "min-replicas-to-write", 1)
    try:
        with pytest.raises(RedisFault, match="too few replicas"):
            await one()
    finally:
        empty.say("CONFIG SET", "min-replicas-to-write", 0)
    assert "one" in (await one()).nodes
    await registry.close()


async def test_what_is_no_registry_is_told(empty: RedisServer) -> None:
    empty.say("HSET", "{ctibridge}:lots", "7", '"other"')
    registry = RedisRegistry(reach(empty.url))
    with pytest.raises(RedisFault, match="no registry; see whether another program has the same prefix"):
        await Asking(registry, "one")()
    empty.say("SET", "{ctibridge}:leases", "other")
    with pytest.raises(RedisFault):
        await Asking(registry, "one")()
    await registry.close()
