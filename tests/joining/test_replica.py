"""`joining/replica.py`: what desks were told of their calls lies in Redis, and nothing waits for it for ever."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast

import pytest

from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import Unreachable
from ctibridge.cluster.adapters.wire import Command, Reply
from ctibridge.cluster.keys import CALLS_LIFETIME, Keys
from ctibridge.joining import replica as module
from ctibridge.joining.replica import Replica
from tests.cluster.conftest import reach
from tests.delivery import examples as ex
from tests.delivery.kept_examples import at, kept, pop
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")
KEYS = Keys("ctibridge")


class Wrote:
    """A link of which a test says how each row ends."""

    def __init__(self) -> None:
        self.rows: list[Sequence[Command]] = []
        self.on_its_way = asyncio.Event()
        self.ends = asyncio.Event()
        self.fails = True

    async def calls(self, commands: Sequence[Command]) -> list[Reply]:
        self.rows.append(commands)
        self.on_its_way.set()
        await self.ends.wait()
        if self.fails:
            raise Unreachable("127.0.0.1:1: the connection broke")
        return [b"OK" for _ in commands]

    def good(self, reply: Reply) -> Reply:
        return reply


class One:
    """A replica that runs. stored: what it said is stored, newest last. away: agents whose home is elsewhere."""

    def __init__(self, link: Link) -> None:
        self.stored: list[tuple[str, int]] = []
        self.away: set[str] = set()
        self.replica = Replica(link, KEYS, lambda *told: self.stored.append(told), lambda agent: agent not in self.away)


@asynccontextmanager
async def running(link: Link) -> AsyncIterator[One]:
    one = One(link)
    task = asyncio.create_task(one.replica.run())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.wait({task})
        if isinstance(link, Link):
            await link.close()


def link(server: RedisServer) -> Link:
    return reach(server.url).link(KEYS.lots)


async def test_calls_come_back_as_they_were_told(empty: RedisServer) -> None:
    async with running(link(empty)) as one:
        replica = one.replica
        replica.stored("ana", 1)
        assert one.stored == [("ana", 1)]  # nothing of it waits
        replica.keep(kept(1, pop=pop(1)))
        replica.keep(over := kept(2, of=ex.ended(ex.call(2, at(2)))))
        replica.keep(kept(3, agent="ben"))
        replica.stored("ana", 2)
        assert one.stored == [("ana", 1)]
        await replica.written()
        assert one.stored == [("ana", 1), ("ana", 2)]
        replica.keep(kept(1, revision=4))  # the pop is as it was
        await replica.written()
        found = await replica.of(["ana", "ben", "nobody"])
        assert found == {
            "ana": (kept(1, revision=4, pop=pop(1)), over),
            "ben": (kept(3, agent="ben"),),
        }
        assert 0 < empty.say("TTL", KEYS.calls("ana")) <= CALLS_LIFETIME
        empty.say("HSET", KEYS.calls("ben"), "01JDX999", "of another version")
        assert await replica.of(["ben"]) == {"ben": (kept(3, agent="ben"),)}


async def test_a_call_goes_a_while_after_its_end(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIDIES_EVERY", 0.02)
    monkeypatch.setattr(module, "KEPT_AFTER_END", timedelta(0))
    async with running(link(empty)) as one:
        one.replica.keep(kept(1, of=ex.ended(ex.call(1)), pop=pop(1)))
        one.replica.keep(kept(2))
        before = ex.ended(ex.call(3))
        for agent in ("ana", "ben"):  # as the home before left it
            empty.say("HSET", KEYS.calls(agent), before.id, "over")
        one.away.add("ben")
        one.replica.follow({before.id: {"ana": before, "ben": before}, "01JDX002": {"ana": ex.call(2)}})
        await one.replica.written()
        await until(lambda: empty.say("HKEYS", KEYS.calls("ana")) == ["01JDX002"], "they are gone", 5)
        assert empty.say("HKEYS", KEYS.calls("ben")) == [before.id]


async def test_what_redis_refuses_keeps_nothing_else_back(empty: RedisServer) -> None:
    empty.say("SET", KEYS.calls("ana"), "of another program")
    async with running(link(empty)) as one:
        one.replica.keep(kept(1))
        one.replica.keep(kept(2, agent="ben"))
        one.replica.stored("ana", 1)
        await one.replica.written()
        assert one.stored == [("ana", 1)]
        assert set(await one.replica.of(["ben"])) == {"ben"}


async def test_without_redis_it_counts_when_it_is_here(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.02)
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    empty.pause()
    try:
        async with running(link(empty)) as one:
            for number in (1, 2, 3):
                one.replica.keep(kept(number))
            one.replica.stored("ana", 3)
            assert one.stored == []
            one.replica.alone(alone=True)
            assert one.stored == [("ana", 3)]
            one.replica.stored("ana", 4)
            assert one.stored[-1] == ("ana", 4)
            empty.wake()
            one.replica.alone(alone=False)
            await one.replica.written()
            (calls,) = (await one.replica.of(["ana"])).values()
            assert [call.call.id for call in calls] == ["01JDX002", "01JDX003"]
    finally:
        empty.wake()


async def test_who_leaves_while_it_is_written_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)
    wrote = Wrote()
    async with running(cast("Link", wrote)) as one:
        one.replica.keep(kept(1, pop=pop(1)))
        one.replica.keep(kept(2, agent="ben", pop=pop(2)))
        one.replica.keep(kept(3, agent="chloe"))
        await wrote.on_its_way.wait()
        one.replica.anew("ana", [kept(1, accounts=None)])
        one.away.add("chloe")
        one.replica.leave(["chloe"])
        wrote.ends.set()
        await until(lambda: len(wrote.rows) > 1, "again", 5)
        wrote.fails = False
        await one.replica.written()
    last = wrote.rows[-1]
    assert last[0] == ("DEL", KEYS.calls("ana"))
    fields = {command[1]: command[2::2] for command in last if command[0] == "HSET"}
    assert fields == {KEYS.calls("ana"): ("01JDX001",), KEYS.calls("ben"): ("01JDX002", "01JDX002/pop")}


async def test_what_cannot_be_written_costs_itself_alone(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(link(empty)) as one:
        with monkeypatch.context() as patch:
            patch.setattr(module, "_fields", lambda _: 1 / 0)
            one.replica.keep(kept(1))
            one.replica.stored("ana", 1)
            await one.replica.written()
            assert one.stored == [("ana", 1)]
        one.replica.keep(kept(2))
        await one.replica.written()
        (calls,) = (await one.replica.of(["ana"])).values()
        assert [call.call.id for call in calls] == ["01JDX002"]


async def test_what_is_elsewhere_is_not_ours_to_say(empty: RedisServer) -> None:
    async with running(link(empty)) as one:
        one.away.add("ana")
        one.replica.keep(kept(1))
        one.replica.keep(kept(2, agent="ben"))
        await one.replica.written()
        assert set(await one.replica.of(["ana", "ben"])) == {"ben"}
