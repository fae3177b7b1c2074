"""`joining/replica.py`: what desks were told of their calls lies in Redis, and nothing waits for it for ever."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from ctibridge.cluster.adapters.call_rows import CallRows, Words, Wrote
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import Refused, Unreachable
from ctibridge.cluster.keys import CALLS_LIFETIME, Keys
from ctibridge.cluster.lots import LOTS, of_agent
from ctibridge.joining import kept_rows
from ctibridge.joining import replica as module
from ctibridge.joining.replica import Replica, Rows
from tests.cluster.conftest import reach
from tests.delivery import examples as ex
from tests.delivery.kept_examples import at, kept, pop
from tests.peers.process import until
from tests.peers.redis import RedisServer, stopped

pytestmark = pytest.mark.peer("redis-server")
KEYS = Keys("ctibridge")
AGENTS = ("ana", "ben", "chloe", "dan", "eva")
OURS, THEIRS = '["n1","a1",1,"own","","",false]', '["n2","b1",2,"own","","",false]'


class Writing:
    """Of which a test says how each row ends. rows: fields by agent, and who was emptied; says: what comes of the next
    ones."""

    def __init__(self) -> None:
        self.rows: list[tuple[dict[str, tuple[str | bytes, ...]], set[str]]] = []
        self.on_its_way = asyncio.Event()
        self.ends = asyncio.Event()
        self.fails = True
        self.says: list[Wrote] = []

    async def write(self, desks: Mapping[str, Words], emptied: Collection[str] = ()) -> Wrote:
        self.rows.append(({agent: tuple(words[::2]) for agent, words in desks.items()}, set(emptied)))
        self.on_its_way.set()
        await self.ends.wait()
        if self.fails:
            raise Unreachable("127.0.0.1:1: the connection broke")
        return self.says.pop(0) if self.says else Wrote()


class One:
    """A replica that runs. stored: what it said is stored, newest last. away: agents whose home is elsewhere."""

    def __init__(self, link: Link, rows: Rows) -> None:
        self.stored: list[tuple[str, int]] = []
        self.away: set[str] = set()
        self.replica = Replica(
            link, rows, KEYS, lambda *told: self.stored.append(told), lambda agent: agent not in self.away
        )


@asynccontextmanager
async def running(server: RedisServer, rows: Rows | None = None) -> AsyncIterator[One]:
    """The desks of "n1", whatever lot they have."""
    server.say("HSET", KEYS.lots, *(word for lot in range(LOTS) for word in (lot, OURS)))
    link = reach(server.url).link(KEYS.lots)
    one = One(link, rows or CallRows(link, KEYS, "n1", "a1", lambda _: 1))
    task = asyncio.create_task(one.replica.run())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.wait({task})
        await link.close()


async def test_calls_come_back_as_they_were_told(empty: RedisServer) -> None:
    async with running(empty) as one:
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
    async with running(empty) as one:
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
    async with running(empty) as one:
        one.replica.keep(kept(1))
        one.replica.keep(kept(2, agent="ben"))
        one.replica.stored("ana", 1)
        await one.replica.written()
        assert one.stored == [("ana", 1)]
        assert set(await one.replica.of(["ben"])) == {"ben"}


async def test_without_redis_it_counts_when_it_is_here(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.02)
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    async with running(empty) as one:
        async with stopped(empty):
            for number in (1, 2, 3):
                one.replica.keep(kept(number))
            one.replica.stored("ana", 3)
            assert one.stored == []
            one.replica.alone(alone=True)
            assert one.stored == [("ana", 3)]
            one.replica.stored("ana", 4)
            assert one.stored[-1] == ("ana", 4)
        one.replica.alone(alone=False)
        await one.replica.written()
        (calls,) = (await one.replica.of(["ana"])).values()
        assert [call.call.id for call in calls] == ["01JDX002", "01JDX003"]


async def test_who_leaves_while_it_is_written_does_not_come_back(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)
    wrote = Writing()
    async with running(empty, wrote) as one:
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
    assert wrote.rows[-1] == ({"ana": ("01JDX001",), "ben": ("01JDX002", "01JDX002/pop")}, {"ana"})


async def test_what_cannot_be_written_costs_itself_alone(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(empty) as one:
        with monkeypatch.context() as patch:
            patch.setattr(kept_rows, "written", lambda *_: 1 / 0)
            one.replica.keep(kept(1))
            one.replica.stored("ana", 1)
            await one.replica.written()
            assert one.stored == [("ana", 1)]
        one.replica.keep(kept(2))
        await one.replica.written()
        (calls,) = (await one.replica.of(["ana"])).values()
        assert [call.call.id for call in calls] == ["01JDX002"]


async def test_what_is_elsewhere_is_not_ours_to_say(empty: RedisServer) -> None:
    async with running(empty) as one:
        one.away.add("ana")
        one.replica.keep(kept(1))
        one.replica.keep(kept(2, agent="ben"))
        await one.replica.written()
        assert set(await one.replica.of(["ana", "ben"])) == {"ben"}


async def test_a_desk_that_redis_knows_as_another_nodes_waits_until_it_is_ours_again_or_is_not(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.02)
    async with running(empty) as one:
        for agent in ("ana", "ben"):
            empty.say("HSET", KEYS.lots, of_agent(agent), THEIRS)
        one.replica.keep(kept(1))
        one.replica.keep(kept(2, agent="ben"))
        one.replica.keep(kept(3, agent="chloe"))
        one.replica.stored("ana", 1)
        await until(lambda: empty.say("EXISTS", KEYS.calls("chloe")) == 1, "hers are there", 5)
        assert not empty.say("EXISTS", KEYS.calls("ana"))
        assert one.stored == []
        one.replica.keep(kept(4))
        one.replica.stored("chloe", 1)
        await until(lambda: one.stored == [("chloe", 1)], "nobody else waits for it", 5)
        one.replica.leave(["ben"])
        await one.replica.written(["ben", "chloe"])
        empty.say("HSET", KEYS.lots, of_agent("ana"), OURS)
        await one.replica.written(["ana"])
        assert one.stored == [("chloe", 1), ("ana", 1)]
        await one.replica.written()
        assert set(await one.replica.of(["ana", "ben", "chloe"])) == {"ana", "chloe"}


async def test_of_more_desks_than_one_row_takes_none_is_emptied_behind_its_calls(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    async with running(empty) as one:
        for number, agent in enumerate(AGENTS):
            one.replica.anew(agent, [kept(number, agent=agent)])
        await one.replica.written()
        assert set(await one.replica.of(AGENTS)) == set(AGENTS)


async def test_an_emptying_that_redis_refuses_is_tried_again_with_the_calls_behind_it(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)
    wrote = Writing()
    wrote.fails, wrote.says = False, [Wrote(fault=Refused("redis: is full", "OOM"))]
    wrote.ends.set()
    async with running(empty, wrote) as one:
        one.replica.anew("ana", [kept(1)])
        one.replica.keep(kept(2, agent="ben"))
        one.replica.stored("ana", 1)
        await until(lambda: one.stored == [("ana", 1)], "what is refused keeps nothing back", 5)
        await one.replica.written()
    assert wrote.rows[0] == ({"ana": ("01JDX001",), "ben": ("01JDX002",)}, {"ana"})
    assert wrote.rows[-1] == ({"ana": ("01JDX001",)}, {"ana"}) or wrote.rows[-1] == ({"ana": ("01JDX001",)}, set())
    assert {"ana"} in [emptied for _, emptied in wrote.rows[1:]]
