"""What a node hears, and how it knows of what it did not hear."""

import pytest
from redis.exceptions import ResponseError

from ctibridge.cluster.adapters.faults import Refused
from ctibridge.cluster.adapters.hearing import BEGIN, Id, Read, Stream, _looked, _stream
from ctibridge.cluster.entry import Entry
from tests.cluster.nodes import Node, running
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")


async def test_an_emptied_redis_is_noticed_and_gone_on_with(empty: RedisServer) -> None:
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        one.post.say("a", b"before")
        await two.hears(1)
        empty.say("FLUSHALL")
        await until(lambda: two.gaps == [None] and one.gaps == [None], "both know")
        one.post.say("a", b"after")
        await two.hears(2)
    assert two.bodies == [b"before", b"after"]


async def test_what_was_trimmed_before_it_was_read_is_told(empty: RedisServer) -> None:
    one = Node("one", empty.url)
    async with running(one):
        one.post.say("a", b"read")
        await one.hears(1)
        # Nobody else has a turn until these three are through.
        empty.say("CLIENT KILL", "TYPE", "normal")
        empty.say("XADD", "{ctibridge}:all", "*", "k", "a", "s", "two", "i", "1", "n", "1", "b", "unread")
        empty.say("XTRIM", "{ctibridge}:all", "MAXLEN", "0")
        await until(lambda: one.gaps == [None], "it is told")
    assert one.bodies == [b"read"]


async def test_what_is_no_entry_harms_nobody(empty: RedisServer) -> None:
    one = Node("one", empty.url)
    async with running(one):
        empty.say("XADD", "{ctibridge}:all", "*", "anything", "else")
        one.post.say("a", b"good")
        await one.hears(1)
    assert one.post.traffic.malformed == 1


async def test_who_fails_at_an_entry_hears_the_next(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    one, heard = Node("one", empty.url), []

    def hear(entry: Entry) -> None:
        heard.append(entry.body)
        raise ValueError("a fault of ours")

    monkeypatch.setattr(one.post._hearing, "_hear", hear)
    monkeypatch.setattr(one.post._hearing, "_gap", hear)
    async with running(one):
        one.post.say("a", b"1")
        empty.say("XADD", "{ctibridge}:all", "*", "k", "a", "s", "two", "i", "1", "n", "7", "b", "behind a gap")
        one.post.say("a", b"2")
        await until(lambda: {b"1", b"2", b"behind a gap"} <= set(heard), "all of it", 5)


async def test_own_entries_of_some_kinds_are_passed_over(empty: RedisServer) -> None:
    one, two = Node("one", empty.url, "sip"), Node("two", empty.url)
    async with running(one, two):
        one.post.say("sip", b"1")
        one.post.say("take", b"2")
        await two.hears(2)
        await one.hears(1)
    assert (one.bodies, two.bodies) == ([b"2"], [b"1", b"2"])


@pytest.mark.parametrize(
    ("read", "stream", "goes_on"),
    [
        (Read(BEGIN, 0), Stream(BEGIN, BEGIN, 0, 0), Read(BEGIN, 0)),
        (Read(Id(5, 0), 5), Stream(Id(5, 0), Id(3, 0), 3, 5), Read(Id(5, 0), 5)),
        (Read(Id(5, 0), 5), Stream(Id(9, 0), Id(3, 0), 6, 9), Read(Id(5, 0), 5)),
        (Read(Id(5, 0), 5), Stream(Id(9, 0), Id(6, 0), 4, 9), Read(Id(5, 0), 5)),
        (Read(Id(5, 0), 5), Stream(Id(9, 0), Id(7, 0), 3, 9), Read(Id(5, 0), 6)),
        (Read(Id(5, 0), 5), Stream(Id(9, 0), BEGIN, 0, 9), Read(Id(5, 0), 9)),
        (Read(Id(5, 0), 5), Stream(Id(5, 0), BEGIN, 0, 5), Read(Id(5, 0), 5)),
        (Read(Id(5, 0), 5), Stream(Id(4, 9), Id(4, 0), 1, 1), Read(BEGIN, 0)),
        (Read(Id(5, 0), 5), Stream(BEGIN, BEGIN, 0, 0), Read(BEGIN, 0)),
    ],
)
def test_what_a_look_tells(read: Read, stream: Stream, goes_on: Read) -> None:
    """All there · all read, some trimmed · more to read · trimmed up to where we are · past us by one · emptied by
    trimming · the same, all read · a primary that was behind · gone."""
    assert _looked(read, stream) == goes_on


def test_a_stream_that_may_not_be_looked_at() -> None:
    assert _stream(ResponseError("ERR no such key")) == Stream(BEGIN, BEGIN, 0, 0)
    with pytest.raises(Refused, match="may not use XINFO"):
        _stream(ResponseError("NOPERM"))


def test_a_redis_that_counts_no_entries_is_too_old() -> None:
    with pytest.raises(Refused, match="install Redis 7"):
        _stream([b"length", 1, b"last-generated-id", b"1-1"])
