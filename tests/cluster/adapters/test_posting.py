"""What a node says: bounded, in order, not kept for ever."""

import pytest

from ctibridge.cluster.adapters import posting
from ctibridge.cluster.entry import BODY
from tests.cluster.nodes import Node, running
from tests.peers.process import until
from tests.peers.redis import RedisServer, stopped

pytestmark = pytest.mark.peer("redis-server")


async def test_what_is_dropped_is_counted_and_told_to_who_hears(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "QUEUE", 3)
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        one.post.say("a", b"first")
        await two.hears(1)
        one.post.say("a", b"x" * (BODY + 1))
        for number in range(5):
            one.post.say("a", b"%d" % number)
        await two.hears(4)
        one.post.say("a", b"last")
        await two.hears(5)
    assert two.bodies == [b"first", b"0", b"1", b"2", b"last"]
    assert two.gaps == ["one", "one"]
    assert one.post.traffic.dropped == 3


async def test_what_waited_too_long_is_not_told_any_more(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "KEPT", 0.3)
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        async with stopped(empty):
            one.post.say("a", b"old")
            await until(lambda: one.post.traffic.dropped == 1, "it is dropped")
            assert "no answer in time; see that Redis runs" in (one.post.fault or "")
        one.post.say("a", b"new")
        await two.hears(1)
        await until(lambda: two.bodies[-1] == b"new", "the new one is heard")
        await until(lambda: one.post.fault is None, "all is well again")


async def test_nothing_of_a_call_stays(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old entries go, the streams have an end, and that of a node that is gone has one, too."""
    old = "{ctibridge}:all"
    empty.say("XADD", old, "1000-0", "k", "a", "s", "two", "i", "1", "n", "1", "b", "old")
    monkeypatch.setattr(posting, "TRIMMED", 0.01)
    one = Node("one", empty.url)
    async with running(one):
        one.post.say("a", b"new")
        one.post.send("gone", "frame", b"x")
        one.post.tell("a", b"told")
        await until(lambda: empty.say("XRANGE", old, "-", "2000") == [], "the old one is gone")
        await one.hears(1)
        assert empty.say("XLEN", old) == 1
        for key in (old, "{ctibridge}:in:gone"):
            assert 0 < empty.say("PTTL", key) <= 120_000
        assert await one.post.flushed(1.0)
        assert 0 < empty.say("PTTL", one.told) <= 65_000, "nobody else empties it"


async def test_a_redis_that_stands_still_loses_nothing_that_is_young(empty: RedisServer) -> None:
    one = Node("one", empty.url)
    async with running(one):
        async with stopped(empty):
            for number in range(50):
                one.post.say("a", b"%d" % number)
            assert not await one.post.flushed(0.05)
            assert one.post.traffic.waiting == 50
            assert one.post.traffic.behind > 0.04
        await one.hears(50)
    assert one.bodies == [b"%d" % n for n in range(50)]
    assert one.gaps == []


async def test_what_is_for_one_node_is_on_its_way_at_once_and_in_order(empty: RedisServer) -> None:
    """Without the turn that the writing task would need: a screen waits for it."""
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        link = one.post.rows._link
        one.post.say("a", b"1")
        await two.hears(1)
        await until(lambda: one.post._posting._idle, "all is written")
        one.post.send("two", "frame", b"2")
        assert link._said is not None
        for number in (3, 4):
            one.post.send("two", "frame", b"%d" % number)
        await two.hears(4)
        await until(lambda: one.post._posting._idle, "all is written")
        assert (one.post.traffic.sent, one.post.traffic.waiting) == (4, 0)
    assert two.bodies == [b"1", b"2", b"3", b"4"]
    assert two.gaps == []


async def test_what_is_on_its_way_when_the_connection_breaks_is_written_again(empty: RedisServer) -> None:
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        one.post.say("a", b"1")
        await two.hears(1)
        await until(lambda: one.post._posting._idle, "all is written")
        async with stopped(empty):
            one.post.send("two", "frame", b"2")
            await until(lambda: one.post.fault is not None, "no answer comes", 5)
        await two.hears(2)
        await until(lambda: one.post._posting._idle, "all is written")
    assert two.bodies == [b"1", b"2"]


async def test_what_can_wait_goes_along_with_what_cannot_and_in_its_place(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "COMPANY", 60.0)
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        one.post.tell("a", b"1", can_wait=True)
        one.post.tell("a", b"2", can_wait=True)
        await until(lambda: one.post._posting._idle, "it waits")
        assert one.post.traffic.waiting == 2
        one.post.say("a", b"3")
        await two.hears(3)
        one.post.tell("a", b"4", can_wait=True)
        assert await one.post.flushed(5.0)
        await two.hears(4)
        one.post.tell("a", b"5", can_wait=True)
        one.post.send("two", "frame", b"6")
        await two.hears(6)
    assert two.bodies == [b"1", b"2", b"3", b"4", b"5", b"6"]
    assert two.gaps == []


async def test_what_can_wait_does_not_wait_for_ever(empty: RedisServer) -> None:
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        for number in (b"1", b"2"):
            one.post.tell("a", number, can_wait=True)
            await two.hears(int(number))
    assert two.bodies == [b"1", b"2"]


async def test_a_stream_has_its_end_also_where_the_first_try_to_write_was_none(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While calls of desks were on their way, what was for another node was put together twice: the second time without
    its end, and that of a node which was gone by then stayed for ever."""
    one = Node("one", empty.url)
    async with running(one):
        one.post.say("a", b"1")
        await one.hears(1)
        await until(lambda: one.post._posting._idle, "all is written")
        with monkeypatch.context() as patch:
            patch.setattr(one.post.rows, "say", lambda _: False)
            one.post.send("gone", "frame", b"2")
        assert await one.post.flushed(5.0)
        assert 0 < empty.say("PTTL", "{ctibridge}:in:gone") <= 120_000
