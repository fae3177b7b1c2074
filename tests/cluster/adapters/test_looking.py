"""What a real Redis is found to be, and all that its user needs to be allowed."""

import pytest

from ctibridge.cluster.adapters import looking
from ctibridge.cluster.adapters.faults import Refused
from ctibridge.cluster.adapters.registry import RedisRegistry
from ctibridge.cluster.beat import Beat, Change
from ctibridge.cluster.keys import COMMANDS, acl_rule
from ctibridge.cluster.server import Server
from ctibridge.cluster.view import Info, View
from tests.cluster.conftest import reach
from tests.cluster.nodes import Node, running
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")
KEY = "{ctibridge}:all"


async def test_what_it_is_and_how_far_away(empty: RedisServer) -> None:
    link = reach(empty.url).link(KEY)
    server = await looking.fit(link)
    assert (server.mode, server.policy, server.most, server.keeps) == ("standalone", "noeviction", 0, False)
    assert server.version == empty.info("server")["redis_version"]
    assert 0 < await looking.round_trip(link) < 1
    assert abs(await looking.ahead(link)) < 1
    await link.close()


async def test_an_old_one_is_refused(empty: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    link = reach(empty.url).link(KEY)
    monkeypatch.setattr(looking, "parse", lambda _: Server("6.2.14", "standalone", "noeviction", 1, 0, keeps=True))
    with pytest.raises(Refused, match=r"redis: it is version 6\.2\.14; install Redis 7 or newer"):
        await looking.fit(link)
    await link.close()


async def test_the_documented_rule_is_enough(empty: RedisServer) -> None:
    """All that we do, as a user who may do nothing else; a command less, and what is missing is named."""
    empty.say(*acl_rule("desk", "ctibridge").replace("PASSWORD", "right").split())
    redis = reach(empty.url, "right", username="desk")
    registry = RedisRegistry(redis)
    beat = Beat("one", "1", "", 1, 5.0, Info(), (Change("reclaim", 1, 1), Change("settle", 1, 1)))
    assert isinstance(await registry.ask(beat), View)
    link = redis.link(KEY)
    assert not (await looking.fit(link)).too_old
    await link.close()
    one = Node("one", empty.url, password="right", username="desk")
    async with running(one):
        one.post.say("a", b"1")
        one.post.send("one", "a", b"2")
        await one.hears(2)
        await until(lambda: "cmdstat_xtrim" in empty.info("commandstats"), "it was trimmed")
    denied = {one["reason"] for one in empty.say("ACL LOG") or []}
    assert denied == set()
    await registry.close()


async def test_its_user_may_do_nothing_else(empty: RedisServer) -> None:
    empty.say(*acl_rule("desk", "ctibridge").replace("PASSWORD", "right").split())
    link = reach(empty.url, "right", username="desk").link(KEY)
    for command in (
        ("FLUSHALL",),
        ("KEYS", "*"),
        ("CONFIG", "GET", "*"),
        ("SUBSCRIBE", "a"),
        ("HGET", "elsewhere", "a"),
    ):
        with pytest.raises(Refused) as refused:
            await link.call(*command)
        assert refused.value.code == "NOPERM"
    await link.close()


@pytest.mark.parametrize("missing", ["evalsha", "info", "client|setname"])
async def test_a_command_that_is_not_allowed_is_named(empty: RedisServer, missing: str) -> None:
    assert missing in COMMANDS
    empty.say(*acl_rule("desk", "ctibridge").replace("PASSWORD", "right").split(), f"-{missing}")
    redis = reach(empty.url, "right", username="desk")
    link, registry = redis.link(KEY), RedisRegistry(redis)

    async def all_of_it() -> None:
        await looking.fit(link)
        await registry.ask(Beat("one", "1", "", 1, 5.0, Info()))

    with pytest.raises(Refused, match=rf"user desk may not use .*; ACL SETUSER desk \+{missing.replace('|', '.')}$"):
        await all_of_it()
    await link.close()
    await registry.close()


async def test_a_script_that_may_not_do_its_part_says_so(empty: RedisServer) -> None:
    empty.say(*acl_rule("desk", "ctibridge").replace("PASSWORD", "right").split(), "-hset")
    registry = RedisRegistry(reach(empty.url, "right", username="desk"))
    with pytest.raises(Refused, match=r"user desk may not use .*; "):
        await registry.ask(Beat("one", "1", "", 1, 5.0, Info()))
    await registry.close()
