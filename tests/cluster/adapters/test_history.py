"""The directory's history in a real Redis: numbered without a gap, by one at a time, and nothing for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ctibridge.cluster.adapters import history as module
from ctibridge.cluster.adapters.history import Change, Head, History, HistoryKeys, Missing, Passed
from tests.cluster.conftest import reach
from tests.peers.redis import RedisCluster, RedisServer

pytestmark = pytest.mark.peer("redis-server")

KEYS = HistoryKeys("ctibridge")


@pytest.fixture
async def history(empty: RedisServer) -> AsyncIterator[History]:
    opened = History(reach(empty.url))
    yield opened
    await opened.close()


async def begun(history: History, copy: str = "one") -> Head:
    head = await history.begin(copy, Head("", 0, "", 0, 4), "fresh", moment=0)
    assert head is not None
    return head


def change(stamp: str, body: bytes = b"rows") -> Change:
    return Change(0, stamp, "", "one", False, body)


async def told(history: History, stamp: str, body: bytes = b"rows", *, erases: bool = False) -> tuple[int, str]:
    return await history.publish("fresh", change(stamp, body), "", 0, 0, erases=erases)


async def test_changes_are_numbered_and_each_knows_the_one_before(history: History) -> None:
    assert await history.head() is None
    assert await begun(history) == Head("fresh", 0, "", 0, 4)
    assert await told(history, "a") == (1, "")
    assert await told(history, "b") == (2, "a")
    found = await history.changes(0, 0.01)
    assert [(one.seq, one.stamp, one.before, one.body) for one in found] == [
        (1, "a", "", b"rows"),
        (2, "b", "a", b"rows"),
    ]
    assert await history.changes(2, 0.01) == []
    with pytest.raises(Passed, match="LOST"):
        await history.publish("another", change("c"), "", 0, 0, erases=False)


async def test_a_large_change_lies_in_pieces_and_is_one(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 10)
    await begun(history)
    await told(history, "a", bytes(range(95)))
    (found,) = await history.changes(0, 0.01)
    assert found.body == bytes(range(95))


async def test_who_has_the_lease_publishes_and_nobody_else(history: History, empty: RedisServer) -> None:
    await begun(history)
    assert await history.take("w1", "eva on one") is None
    assert await history.take("w2", "ute on two") == "eva on one"
    assert await history.renew("w1")
    assert not await history.renew("w2")
    assert await history.publish("fresh", change("a"), "w1", 0, 5, erases=False) == (1, "")
    head = await history.head()
    assert head is not None
    assert (head.act, head.version) == (1, 5)
    with pytest.raises(Passed, match="FENCED"):
        await history.publish("fresh", change("b"), "w2", 1, 6, erases=False)
    with pytest.raises(Passed, match="BEHIND"):
        await history.publish("fresh", change("b"), "w1", 0, 6, erases=False)
    await history.release("w2")
    assert empty.say("EXISTS", KEYS.lease) == 1
    await history.release("w1")
    assert empty.say("EXISTS", KEYS.lease) == 0


async def test_what_is_old_or_names_who_was_erased_is_taken_out(history: History, empty: RedisServer) -> None:
    await begun(history)
    await history.publish("fresh", change("a"), "", 0, 0, erases=False, keep=0.02)
    await asyncio.sleep(0.03)
    await told(history, "b")
    assert [one.stamp for one in await history.changes(0, 0.01)] == ["b"]
    await told(history, "c", erases=True)
    await told(history, "d")
    assert [one.stamp for one in await history.changes(0, 0.01)] == ["c", "d"]
    assert 0 < empty.say("PTTL", KEYS.stream) <= module.KEEP * 1000


async def test_what_is_too_much_is_taken_out(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_BYTES", 25)
    await begun(history)
    for stamp in "abcd":
        await told(history, stamp, b"0123456789")
    assert [one.stamp for one in await history.changes(0, 0.01)] == ["c", "d"]


async def test_pieces_that_are_gone_are_missed(
    history: History, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
    await begun(history)
    await told(history, "a")
    empty.say("DEL", KEYS.pieces("a"))
    with pytest.raises(Missing):
        await history.changes(0, 0.01)


async def test_of_the_copies_that_offer_themselves_the_newest_is_the_head(history: History, empty: RedisServer) -> None:
    other = History(reach(empty.url))
    older, newer = Head("h", 3, "s3", 3, 9), Head("h", 5, "s5", 4, 9)
    assert await history.begin("one", older, "fresh", moment=60) is None
    assert await other.begin("two", newer, "fresh", moment=60) is None
    empty.say("HINCRBY", KEYS.offers, "first", -60_000)  # as if the moment were over
    assert await history.begin("one", older, "fresh", moment=60) is None, "there is a newer one"
    assert await other.begin("two", newer, "fresh", moment=60) == newer
    assert await history.begin("one", older, "fresh", moment=60) == newer
    await other.close()


async def test_a_head_that_lost_its_last_changes_is_raised_only_from_where_it_was_seen(history: History) -> None:
    seen = await begun(history)
    ours = Head("fresh", 7, "s7", 6, 9)
    assert await history.raise_to(seen, ours)
    assert await history.head() == ours
    assert not await history.raise_to(seen, ours)


async def test_a_whole_copy_is_wanted_claimed_offered_and_read(history: History, empty: RedisServer) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"one", b"two"):
            yield piece

    assert await history.whole() is None
    assert not await history.is_wanted()
    await history.want()
    assert await history.is_wanted()
    assert await history.claim("a")
    assert not await history.claim("b")
    await history.unclaim()
    for name in ("first", "second"):
        await history.offer(name, "h", 5, pieces())
    assert not await history.is_wanted()
    ready = await history.whole()
    assert ready is not None
    assert (ready.history, ready.seq) == ("h", 5)
    assert [piece async for piece in history.pieces(ready)] == [b"one", b"two"]
    assert empty.say("EXISTS", KEYS.pieces("first")) == 0
    empty.say("DEL", KEYS.pieces("second"))
    with pytest.raises(Missing):
        _ = [piece async for piece in history.pieces(ready)]


async def test_in_a_redis_cluster_all_of_it_is_on_one_shard(redis_cluster: RedisCluster) -> None:
    history = History(reach(redis_cluster.servers[0].url, cluster=True))
    head = await history.begin("one", Head("", 0, "", 0, 4), "fresh", moment=0)
    assert head is not None
    assert await history.publish("fresh", change("a", b"x" * 600_000), "", 0, 0, erases=False) == (1, "")
    (found,) = await history.changes(0, 0.01)
    assert len(found.body) == 600_000
    await history.close()
