"""What a node hears, and how it knows of what it did not hear."""

import asyncio
from typing import Any, cast

import pytest

from ctibridge.cluster.adapters import hearing, posting
from ctibridge.cluster.adapters.hearing import Hearing
from ctibridge.cluster.adapters.streams import BEGIN, Read
from ctibridge.cluster.entry import Entry
from ctibridge.cluster.keys import STREAM_LIFETIME, Keys
from tests.cluster.nodes import Node, running
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node looks twenty times a second who there is to hear."""
    monkeypatch.setattr(hearing, "LOOKED", 0.05)
    monkeypatch.setattr(hearing, "BLOCK", 0.05)


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


async def test_what_a_node_tells_the_others_hear_and_it_does_not(empty: RedisServer) -> None:
    one, two, three = (Node(name, empty.url) for name in ("one", "two", "three"))
    async with running(one, two, three):
        one.post.tell("a", b"1")
        two.post.tell("a", b"2")
        await three.hears(2)
        await one.hears(1)
        await two.hears(1)
        one.post.say("a", b"3")
        await one.hears(2)
    assert (one.bodies, two.bodies) == ([b"2", b"3"], [b"1", b"3"])
    assert sorted(three.bodies[:2]) == [b"1", b"2"]
    assert one.gaps == two.gaps == three.gaps == []


async def test_who_comes_later_is_heard_from_his_first_word_also_before_his_lease_is_seen(empty: RedisServer) -> None:
    """And hears nothing of what was told before he came."""
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one):
        one.post.tell("a", b"before")
        assert await one.post.flushed(1.0)
        async with running(two):
            two.post.tell("a", b"1")
            two.post.tell("a", b"2")
            two.post.say("a", b"3")
            await one.hears(3)
            one.post.tell("a", b"4")
            await two.hears(2)
    assert (one.bodies, two.bodies) == ([b"1", b"2", b"3"], [b"3", b"4"])
    assert one.gaps == two.gaps == []


@pytest.mark.usefixtures("often")
async def test_whose_lease_is_seen_is_heard_though_he_says_nothing_to_all(empty: RedisServer) -> None:
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one), running(two):
        two.post.tell("a", b"1")
        await one.hears(1)
    assert one.gaps == []


@pytest.mark.usefixtures("often")
async def test_who_is_gone_is_listened_to_no_more_until_he_is_back(empty: RedisServer) -> None:
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one):
        async with running(two):
            two.post.tell("a", b"1")
            await one.hears(1)
            empty.say("HDEL", "{ctibridge}:leases", "two")
            two.post.tell("a", b"2")
            await one.hears(2)
        assert two.told in one.post._hearing._read
        empty.say("DEL", two.told)
        await until(lambda: two.told not in one.post._hearing._read, "nobody listens to him")
        back = Node("two", empty.url, life="2")
        async with running(back):
            back.post.tell("a", b"3")
            await one.hears(3)
    assert one.bodies == [b"1", b"2", b"3"]


@pytest.mark.usefixtures("often")
async def test_who_was_forgotten_for_a_while_is_heard_on(empty: RedisServer) -> None:
    """Stopped for two minutes, he wakes and has his lease again."""
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        two.post.tell("a", b"1")
        await one.hears(1)
        empty.say("HDEL", "{ctibridge}:leases", "two")
        empty.say("DEL", two.told)
        await until(lambda: two.told not in one.post._hearing._read, "he is forgotten")
        two.post.tell("a", b"2")
        assert await two.post.flushed(1.0)
        await two.takes_a_lease()
        await one.hears(2)
    assert one.bodies == [b"1", b"2"]


async def test_of_a_call_that_all_speak_of_everybody_has_heard(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More was told before it than one reply holds."""
    monkeypatch.setattr(hearing, "AT_ONCE", 3)
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        for number in range(100):
            one.post.tell("a", b"%d" % number)
            if number % 10 == 9:
                one.post.say("a", b"all %d" % number)
        await two.hears(110)
        await one.hears(10)
    spoken = [body for body in two.bodies if body.startswith(b"all")]
    assert spoken == [b"all %d" % number for number in range(9, 100, 10)] == one.bodies
    for body in spoken:
        assert set(two.bodies[: two.bodies.index(body)]) >= {b"%d" % number for number in range(int(body[4:]) + 1)}
    assert [body for body in two.bodies if body not in spoken] == [b"%d" % number for number in range(100)]


async def test_what_was_told_and_trimmed_before_it_was_read_is_missing_of_its_teller(empty: RedisServer) -> None:
    """What others said is all there."""
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(one, two):
        two.post.tell("a", b"1")
        await one.hears(1)
        empty.say("CLIENT KILL", "TYPE", "normal")
        empty.say("XADD", two.told, "*", "k", "a", "s", "two", "i", "two1", "n", "2", "b", "unread")
        empty.say("XTRIM", two.told, "MAXLEN", "0")
        await until(lambda: one.gaps == ["two"], "it is told")
    assert one.bodies == [b"1"]


@pytest.mark.usefixtures("often")
async def test_what_was_told_before_we_came_is_not_heard_when_its_teller_has_his_lease_again(
    empty: RedisServer,
) -> None:
    """Calls of a minute ago would pop at a node that was started while he stood still."""
    one, two = Node("one", empty.url), Node("two", empty.url)
    async with running(two):
        two.post.tell("a", b"old")
        assert await two.post.flushed(1.0)
        empty.say("HDEL", "{ctibridge}:leases", "two")
        await asyncio.sleep(0.01)  # real time: Redis counts in milliseconds
        async with running(one):
            await two.takes_a_lease()
            await until(lambda: two.told in one.post._hearing._read, "one listens to him")
            two.post.tell("a", b"new")
            await one.hears(1)
    assert one.bodies == [b"new"]
    assert one.gaps == []


async def test_what_comes_to_a_stream_that_was_quiet_has_not_waited_since(empty: RedisServer) -> None:
    """At night a node that started had all others an hour behind."""
    empty.say("XADD", "{ctibridge}:all", "1000-0", "k", "a", "s", "gone", "i", "1", "n", "1", "b", "")
    one, two = Node("one", empty.url), Node("two", empty.url)
    lags: list[float] = []
    async with running(one):
        one.post._hearing._hear = lambda _: lags.append(one.post.traffic.lag)
        async with running(two):
            two.post.say("a", b"hello")
            await until(lambda: bool(lags), "it is heard")
    assert 0 <= lags[0] < 60


async def test_what_a_dead_node_told_does_not_grow_old_while_others_live(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TRIMMED", 0.05)
    one, dead = Node("one", empty.url), Node("dead", empty.url)
    await dead.takes_a_lease()
    empty.say("XADD", dead.told, "1000-0", "k", "a", "s", "dead", "i", "dead1", "n", "1", "b", "old")
    empty.say("PEXPIRE", dead.told, 60_000)
    async with running(one):
        await until(lambda: empty.say("XLEN", dead.told) == 0, "it is taken out")
        assert empty.say("PTTL", dead.told) < 60_000, "and its stream is not kept"


@pytest.mark.parametrize(
    ("later", "known"), [(0, True), (2000 * STREAM_LIFETIME, True), (2000 * STREAM_LIFETIME + 1, False), (-1, False)]
)
def test_when_we_came_is_known_while_something_older_may_lie_there(later: int, known: bool) -> None:
    """By Redis's clock alone; one that took over may be behind."""
    heard = Hearing(cast("Any", None), Keys("p"), ("one", "i"), lambda _: None, lambda _: None, frozenset())
    heard._note_time(1_000_000)
    heard._read["p"] = Read(BEGIN, 0)
    heard._note_time(round(1_000_000 + later))
    assert heard._came_at == (1_000_000 if known else 0)
