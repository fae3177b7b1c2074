"""What nodes say to each other over a real Redis: in one order, once, whatever breaks."""

import asyncio

import pytest

from tests.cluster.nodes import Node, running
from tests.cluster.slow_wire import slow_wire
from tests.peers.ports import Loopback
from tests.peers.redis import RedisCluster, RedisServer

pytestmark = pytest.mark.peer("redis-server")


async def test_all_hear_all_in_one_order_and_one_hears_what_is_for_him(empty: RedisServer) -> None:
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        for number in range(500):
            one.post.say("a", b"one %d" % number)
            two.post.say("b", b"two %d" % number)
        await one.hears(1000)
        await two.hears(1000)
        two.post.send("one", "frame", b"for one")
        await one.hears(1001)
        assert await two.post.flushed(1)
    assert one.bodies[:1000] == two.bodies == [entry.body for entry in two.entries]
    assert [body for body in two.bodies if body.startswith(b"one")] == [b"one %d" % n for n in range(500)]
    last = one.entries[-1]
    assert (last.kind, last.sender, last.incarnation, last.body) == ("frame", "two", "two1", b"for one")
    assert one.gaps == two.gaps == []
    assert (one.post.traffic.dropped, one.post.traffic.waiting) == (0, 0)


async def test_cut_again_and_again_each_is_heard_once_and_in_order(empty: RedisServer, loopback: Loopback) -> None:
    """Rows whose answers were lost are written twice, and read once."""
    async with slow_wire(loopback, (empty.address, empty.port), 0.002) as wire:
        one, two = Node("one", f"redis://{wire.host}"), Node("two", empty.url)
        async with running(one, two):
            said = 0
            while said < 300 or not two.post.traffic.again:
                one.post.say("a", b"%d" % said)
                if said % 15 == 0:
                    wire.cut()
                said += 1
                await asyncio.sleep(0.001)
                assert said < 10_000, "some row is written twice"
            await two.hears(said)
            await one.hears(said)
    assert one.bodies == two.bodies == [b"%d" % n for n in range(said)]
    assert one.gaps == two.gaps == []


async def test_it_works_in_a_cluster(redis_cluster: RedisCluster) -> None:
    url = redis_cluster.servers[1].url
    one, two = Node("one", url, cluster=True), Node("two", url, cluster=True)
    async with running(one, two):
        one.post.say("a", b"1")
        one.post.send("two", "b", b"2")
        await two.hears(2)
    assert sorted(two.bodies) == [b"1", b"2"]
