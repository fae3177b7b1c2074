"""Commands over all of Redis: each goes where its key is, nobody gets another one's reply, failover is followed."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from redis.crc import key_slot

from ctibridge.cluster.adapters.spread import LANES, Spread, SpreadFault
from ctibridge.cluster.keys import acl_rule
from ctibridge.domain.private import Private
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.shared.layout import tags
from ctibridge.lookup.adapters.shared.store import SharedStore
from ctibridge.lookup.adapters.shared.writing import bring_up
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.claims import Claim
from ctibridge.lookup.numbers import Understood
from tests.cluster.conftest import reach
from tests.cluster.slow_wire import slow_wire
from tests.lookup.adapters.asking_all import answers
from tests.lookup.adapters.directories import ALL, always, sqlite
from tests.lookup.adapters.test_directory_behaviour import SMALL
from tests.peers.ports import Loopback
from tests.peers.redis import PRIMARY, RedisCluster, RedisServer, Sentinels, stopped

pytestmark = pytest.mark.peer("redis-server")

KEYS = [f"{tag}:n" for tag in tags("ctibridge")]
CANCELLATIONS = 600
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"number": Understood(e164="+5491123456789"), "text": "regula", "claims": [Claim("employee_id", Private("A-17"))]},
    {"number": Understood(tail="1123456789"), "text": "e", "claims": [Claim("request", Private("R-1"))]},
)


async def test_each_reply_is_that_of_its_command(empty: RedisServer) -> None:
    spread = Spread(reach(empty.url))
    assert await spread.ask([]) == []
    assert set(await spread.ask([("SET", key, at) for at, key in enumerate(KEYS)])) == {b"OK"}
    say = "return redis.call('GET', KEYS[1]) .. ARGV[1]"
    asked: list[Sequence[Any]] = [("GET", KEYS[3]), ("EVAL", say, 1, KEYS[4], "!"), ("GET", KEYS[5].encode())]
    assert await spread.ask(asked) == [b"3", b"4!", b"5"]
    await spread.close()


async def test_whoever_is_cancelled_the_next_reply_is_that_of_its_own_command(
    empty: RedisServer, loopback: Loopback
) -> None:
    chance, right, cancelled = random.Random(9), 0, 0
    for at, key in enumerate(KEYS):
        empty.say("SET", key, at)
    async with slow_wire(loopback, (empty.address, empty.port), 0.0008) as wire:
        spread = Spread(reach(f"redis://{wire.host}"), lanes=2)

        async def user() -> None:
            nonlocal right, cancelled
            for _ in range(CANCELLATIONS // 4):
                wanted = [chance.randrange(len(KEYS)) for _ in range(chance.randint(1, 3))]
                asking = asyncio.create_task(spread.ask([("GET", KEYS[at]) for at in wanted]))
                if chance.random() < 0.7:
                    await asyncio.wait([asking], timeout=chance.uniform(0, 0.004))
                    asking.cancel()
                try:
                    assert await asking == [str(at).encode() for at in wanted]
                    right += 1
                except asyncio.CancelledError:
                    cancelled += 1

        await asyncio.gather(*(user() for _ in range(4)))
        await spread.close()
    assert min(cancelled, right) > CANCELLATIONS / 10
    assert wire.connections > 20  # they were cut in flight, not only in the queue


async def test_a_server_has_some_connections_of_ours_and_no_more(empty: RedisServer) -> None:
    spread = Spread(reach(empty.url))
    assert await asyncio.gather(*(spread.ask([("SET", key, 1)]) for key in KEYS)) == [[b"OK"]] * len(KEYS)
    ours = [one for one in empty.say("CLIENT LIST") if one["name"] == "here"]
    assert 1 < len(ours) <= LANES
    await spread.close()


async def test_what_goes_wrong_is_an_oserror_of_one_line_without_what_was_asked(empty: RedisServer) -> None:
    spread = Spread(reach(empty.url), wait=0.05)
    await spread.ask([("SET", KEYS[0], "+4930123456")])
    with pytest.raises(SpreadFault, match="Redis refuses a command") as refused:
        await spread.ask([("GET", KEYS[1]), ("HGET", KEYS[0], "+4930123456")])
    assert isinstance(refused.value, OSError)
    assert "4930" not in str(refused.value)
    async with stopped(empty):
        with pytest.raises(SpreadFault, match="no answer in time; see that Redis runs"):
            await spread.ask([("GET", KEYS[0])])
    assert await spread.ask([("GET", KEYS[0])]) == [b"+4930123456"]
    await spread.close()
    with pytest.raises(SpreadFault, match="nobody listens there"):
        await Spread(reach("redis://127.0.0.1:1")).ask([("GET", KEYS[0])])


async def test_the_next_primary_is_found(sentinels: Sentinels) -> None:
    spread = Spread(reach(f"redis://{PRIMARY}", sentinels=sentinels.hosts))
    await spread.ask([("SET", key, 1) for key in KEYS])
    await sentinels.fail_over()

    async def again() -> bool:
        try:
            return await spread.ask([("SET", KEYS[0], 2)]) == [b"OK"]
        except SpreadFault:
            return False

    async with asyncio.timeout(20):
        while not await again():  # noqa: ASYNC110 - as the next call asks
            await asyncio.sleep(0.01)
    assert sentinels.primary.say("GET", KEYS[0]) == "2"
    await spread.close()


# -- Cluster -----------------------------------------------------------------------------------------------------------


async def test_in_a_cluster_each_command_goes_to_the_server_of_its_key(redis_cluster: RedisCluster) -> None:
    spread = Spread(reach(redis_cluster.servers[1].url, cluster=True))
    await spread.ask([("SET", key, at) for at, key in enumerate(KEYS)])
    holders = [redis_cluster.holder(key_slot(key.encode())) for key in KEYS]
    assert len(set(holders)) == 3
    assert all(holder.say("GET", key) == str(at) for at, (holder, key) in enumerate(zip(holders, KEYS, strict=True)))
    assert await spread.ask([("GET", key) for key in KEYS]) == [str(at).encode() for at in range(len(KEYS))]
    await spread.close()


async def test_in_a_cluster_a_slot_that_moves_is_followed(redis_cluster: RedisCluster) -> None:
    key, other = KEYS[7], KEYS[8]
    slot = key_slot(key.encode())
    old = redis_cluster.holder(slot)
    new = next(server for server in redis_cluster.servers if server is not old)
    spread = Spread(reach(old.url, cluster=True))
    await spread.ask([("SET", key, "a"), ("SET", other, "z")])
    new.say("CLUSTER SETSLOT", slot, "IMPORTING", redis_cluster.name(old))
    old.say("CLUSTER SETSLOT", slot, "MIGRATING", redis_cluster.name(new))
    old.say("MIGRATE", new.address, new.port, key, 0, 1000)
    asked = [("APPEND", key, "b"), ("GET", other), ("APPEND", key, "c"), ("GET", key)]
    assert await spread.ask(asked) == [2, b"z", 3, b"abc"]
    for server in (new, old):
        server.say("CLUSTER SETSLOT", slot, "NODE", redis_cluster.name(new))
    assert await spread.ask([("APPEND", key, "d"), ("GET", other), ("GET", key)]) == [4, b"z", b"abcd"]
    await spread.close()


# -- the people of a directory -----------------------------------------------------------------------------------------


async def _as_in_the_file(spread: Spread, folder: Path) -> None:
    await (await sqlite(SMALL, folder)).close()
    assert await bring_up(folder / FILE, spread, "ctibridge", always)
    file = await SqliteStore.open(folder / FILE)
    shared = SharedStore(file, spread, "ctibridge")
    for one in QUESTIONS:
        full = {"called": None, "visible": ALL, "accounts": ALL, "limit": 5, **one}
        assert await answers(shared, **full) == await answers(file, **full)
    await shared.close()
    await spread.close()


async def test_a_user_with_the_rule_of_the_page_may_write_and_ask_them(empty: RedisServer, tmp_path: Path) -> None:
    empty.say(*acl_rule("desk", "ctibridge").replace("PASSWORD", "right").split())
    empty.say("ACL LOG", "RESET")
    await _as_in_the_file(Spread(reach(empty.url, "right", username="desk")), tmp_path)
    assert not empty.say("ACL LOG")


async def test_in_a_cluster_they_lie_on_all_servers(redis_cluster: RedisCluster, tmp_path: Path) -> None:
    await _as_in_the_file(Spread(reach(redis_cluster.servers[0].url, cluster=True)), tmp_path)
    assert all(server.say("DBSIZE") > 20 for server in redis_cluster.servers)
