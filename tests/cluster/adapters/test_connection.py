"""Links to a real Redis: whose reply is whose, whatever is cancelled; failover, cluster, TLS, users."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from redis.crc import key_slot

from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import Refused, Unreachable
from ctibridge.cluster.adapters.wire import Reply
from tests.cluster.conftest import reach
from tests.cluster.nodes import Node, running
from tests.cluster.slow_wire import slow_wire
from tests.peers.authority import Authority
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.redis import PRIMARY, RedisCluster, RedisServer, Sentinels, stopped

pytestmark = pytest.mark.peer("redis-server")

KEY = "{ctibridge}:test"
CANCELLATIONS = 3000
CUT_IN_FLIGHT = 100
SAY = "return ARGV[1]"


async def test_what_is_said_has_its_replies_when_it_is_heard(empty: RedisServer) -> None:
    link, commands = reach(empty.url).link(KEY), [("ECHO", "a"), ("ECHO", "b")]
    assert not link.say(commands)  # there is no connection yet
    assert await link.call("ECHO", "first") == b"first"
    assert link.say(commands)
    assert not link.say(commands)
    assert await link.heard(commands) == [b"a", b"b"]
    assert await link.call("ECHO", "last") == b"last"
    assert empty.info("clients")["connected_clients"] == 2  # ours, and who asks
    assert link.say(commands)
    await link.close()
    assert not link.say(commands)


async def test_who_listens_hears_good_replies_alone(empty: RedisServer) -> None:
    link, came = reach(empty.url).link(KEY), list[Reply]()
    await link.listen(("ECHO", "a"), 1.0, came.append)
    with pytest.raises(Refused):
        await link.listen(("NO", "SUCH"), 1.0, came.append)
    assert came == [b"a"]
    await link.listen(("ECHO", "b"), 1.0, came.append)
    assert came == [b"a", b"b"]
    await link.close()


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_who_fails_at_a_reply_loses_that_connection_and_goes_on(
    empty: RedisServer, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """The loop logs what it was, and the next command has a connection of its own."""
    logged: list[object] = []

    def fails(_: Reply) -> None:
        raise LookupError

    async def listens() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: logged.append(what["exception"]))
        link = reach(empty.url).link(KEY)
        with pytest.raises(Unreachable):
            await link.listen(("ECHO", "a"), 1.0, fails)
        assert await link.call("ECHO", "b") == b"b"
        await link.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(listens())
    assert [type(one) for one in logged] == [LookupError]


# -- a cancelled command never hands its reply to the next one ---------------------------------------------------------


async def echo(link: Link, token: str) -> Reply:
    return [await link.call("ECHO", token)], [token.encode()]


async def row(link: Link, token: str) -> Reply:
    return await link.calls([("ECHO", f"{token}.{n}") for n in range(3)]), [f"{token}.{n}".encode() for n in range(3)]


async def script(link: Link, token: str) -> Reply:
    return [await link.call("EVAL", SAY, 0, token)], [token.encode()]


async def blocked(link: Link, token: str) -> Reply:
    """Nothing comes on that stream, or the one entry that was put there."""
    if token.endswith("7"):
        return [await link.call("XREAD", "BLOCK", 2, "STREAMS", f"{{ctibridge}}:none.{token}", "$")], [None]
    stream = "{ctibridge}:one"
    reply = await link.call("XREAD", "BLOCK", 2, "COUNT", 1, "STREAMS", stream, "0")
    return [reply[0][0]], [stream.encode()]


ASKING = (echo, row, script, blocked)


async def test_whoever_is_cancelled_the_next_reply_is_that_of_its_own_command(
    empty: RedisServer, loopback: Loopback
) -> None:
    """Four tasks share a link behind a wire that delays each piece; each command is cancelled at any moment of it, or
    not. Every reply that somebody gets is the one to what he asked."""
    empty.say("XADD", "{ctibridge}:one", "*", "a", "b")
    chance, right, cancelled = random.Random(9), 0, 0
    async with slow_wire(loopback, (empty.address, empty.port), 0.0008) as wire:
        link = reach(f"redis://{wire.host}").link(KEY)

        async def user(number: int) -> None:
            nonlocal right, cancelled
            for count in range(10 * CANCELLATIONS):
                if count >= CANCELLATIONS // 4 and wire.connections > CUT_IN_FLIGHT:
                    return
                asking = asyncio.create_task(chance.choice(ASKING)(link, f"{number}-{count}"))
                if chance.random() < 0.7:
                    await asyncio.wait([asking], timeout=chance.uniform(0, 0.004))
                    asking.cancel()
                try:
                    got, wanted = await asking
                except asyncio.CancelledError:
                    cancelled += 1
                    continue
                assert got == wanted
                right += 1

        await asyncio.gather(*(user(number) for number in range(4)))
        await link.close()
    assert cancelled > CANCELLATIONS / 10
    assert right > CANCELLATIONS / 10
    assert wire.connections > CUT_IN_FLIGHT  # and not in the queue, where a busy machine has most of them


async def test_a_late_reply_is_nobodys(empty: RedisServer) -> None:
    link = reach(empty.url).link(KEY)
    assert await link.call("ECHO", "first") == b"first"
    async with stopped(empty):
        with pytest.raises(Unreachable, match="no answer in time; see that Redis runs"):
            await link.call("ECHO", "late", wait=0.05)
    assert await link.call("ECHO", "next") == b"next"
    await link.close()


async def test_it_waits_a_second_and_no_longer(empty: RedisServer) -> None:
    link = reach(empty.url).link(KEY)
    await link.call("PING")
    async with stopped(empty):
        begin = time.monotonic()
        with pytest.raises(Unreachable):
            await link.call("PING")
        assert 0.9 < time.monotonic() - begin < 2.5
    await link.close()


async def test_a_connection_that_redis_closed_costs_no_command(empty: RedisServer) -> None:
    link = reach(empty.url).link(KEY)
    mine = await link.call("CLIENT", "ID")
    empty.say("CLIENT KILL", "ID", mine)
    # The end of it may still be on its way; then the command fails, and is not sent twice.
    await until(lambda: mine not in {int(one["id"]) for one in empty.say("CLIENT LIST")}, "the connection is gone")
    await asyncio.sleep(0)
    try:
        assert await link.call("INCR", KEY) == 1
    except Unreachable:
        assert empty.say("GET", KEY) in {None, "1"}
    await link.close()


# -- error replies -----------------------------------------------------------------------------------------------------


async def test_an_error_stands_in_its_place_and_the_link_goes_on(empty: RedisServer) -> None:
    link = reach(empty.url).link(KEY)
    replies = await link.calls([("SET", KEY, "text"), ("INCR", KEY), ("GET", KEY)])
    assert (replies[0], replies[2]) == (b"OK", b"text")
    with pytest.raises(Refused, match="redis: Redis refuses a command") as refused:
        link.good(replies[1])
    assert "text" not in str(refused.value)
    await link.close()


async def test_nobody_there() -> None:
    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1:1: nobody listens there; see that Redis runs"):
        await reach("redis://127.0.0.1:1").link(KEY).call("PING")


async def test_no_such_host() -> None:
    with pytest.raises(Unreachable, match="no such host; mend url"):
        await reach("redis://nowhere.invalid").link(KEY).call("PING")


# -- users and TLS -----------------------------------------------------------------------------------------------------


async def test_a_user_with_a_password(empty: RedisServer) -> None:
    empty.say("ACL SETUSER", "desk", "reset", "on", ">right", "~{ctibridge}:*", "+echo", "+client|setname", "+get")
    link = reach(empty.url, "right", username="desk").link(KEY)
    assert await link.call("ECHO", "a") == b"a"
    with pytest.raises(Refused, match=r"user desk may not use XADD; ACL SETUSER desk \+xadd$"):
        await link.call("XADD", KEY, "*", "a", "b")
    with pytest.raises(Refused, match=r"user desk may not touch our keys; ACL SETUSER desk ~\{ctibridge\}:\* ~"):
        await link.call("GET", "elsewhere")
    await link.close()
    for password in ("wrong", None):
        with pytest.raises(Refused, match="refuses user desk; mend username and password") as refused:
            await reach(empty.url, password, username="desk").link(KEY).call("ECHO", "a")
        assert "wrong" not in str(refused.value)


async def test_tls_with_its_own_authority(secure_server: RedisServer, authority: Authority) -> None:
    ca_file = str(authority.ca_file)
    link = reach(secure_server.url, ca_file=ca_file).link(KEY)
    assert await link.call("ECHO", "a") == b"a"
    await link.close()
    other_name = secure_server.url.replace(secure_server.address, secure_server.unnamed)
    for url, trusted in ((other_name, ca_file), (secure_server.url, None)):
        with pytest.raises(Unreachable, match=r"certificate is refused: .*; mend url, ca_file or Redis's certificate"):
            await reach(url, ca_file=trusted).link(KEY).call("ECHO", "a")


# -- Sentinel ----------------------------------------------------------------------------------------------------------


async def test_the_primary_is_found_and_found_anew(sentinels: Sentinels) -> None:
    """By a link, and by what the nodes say to each other."""
    more: dict[str, Any] = {"sentinels": ("127.0.0.1:1", *sentinels.hosts)}
    one, two = (Node(name, f"redis://{PRIMARY}", **more) for name in ("one", "two"))
    link = reach(f"redis://{PRIMARY}", **more).link(KEY)
    assert await link.call("SET", KEY, "1") == b"OK"
    with pytest.raises(Refused, match="knows no primary tables; write the name that SENTINEL MASTERS shows"):
        await reach("redis://tables", sentinels=sentinels.hosts).link(KEY).call("PING")
    with pytest.raises(Unreachable, match="is a replica; write the primary's address"):
        await reach(sentinels.replica.url).link(KEY).call("SET", KEY, "2")
    async with running(one, two):
        one.post.say("a", b"before")
        await two.hears(1)
        await sentinels.fail_over()
        await until(lambda: not one.post.listening.is_set(), "it is noticed")
        await until(lambda: one.post.listening.is_set() and two.post.listening.is_set(), "both listen again", 20)
        assert await link.call("SET", KEY, "3") == b"OK"
        one.post.say("a", b"after")
        await until(lambda: two.bodies[-1] == b"after", "it goes on", 20)
    assert sentinels.primary.say("GET", KEY) == "3"
    await link.close()


# -- Cluster -----------------------------------------------------------------------------------------------------------


async def test_the_server_of_the_slot_is_found_from_any_other(redis_cluster: RedisCluster) -> None:
    slot = key_slot(KEY.encode())
    for server in redis_cluster.servers:
        link = reach(server.url, cluster=True).link(KEY)
        assert await link.call("INCR", KEY)
        await link.close()
    assert redis_cluster.holder(slot).say("GET", KEY) == "3"


async def test_a_slot_that_moves_is_followed(redis_cluster: RedisCluster) -> None:
    """ASK while it moves, MOVED when it has; a row of commands keeps its order."""
    slot = key_slot(KEY.encode())
    old = redis_cluster.holder(slot)
    new = next(server for server in redis_cluster.servers if server is not old)
    link = reach(old.url, cluster=True).link(KEY)
    await link.call("SET", KEY, "a")
    new.say("CLUSTER SETSLOT", slot, "IMPORTING", redis_cluster.name(old))
    old.say("CLUSTER SETSLOT", slot, "MIGRATING", redis_cluster.name(new))
    old.say("MIGRATE", new.address, new.port, KEY, 0, 1000)
    assert await link.calls([("APPEND", KEY, "b"), ("APPEND", KEY, "c"), ("GET", KEY)]) == [2, 3, b"abc"]
    heard: list[Reply] = []
    await link.listen(("GET", KEY), 1.0, heard.append)
    for server in (new, old):
        server.say("CLUSTER SETSLOT", slot, "NODE", redis_cluster.name(new))
    await link.listen(("GET", KEY), 1.0, heard.append)
    assert heard == [b"abc", b"abc"]
    assert await link.calls([("APPEND", KEY, "d"), ("GET", KEY)]) == [4, b"abcd"]
    assert await link.call("GET", KEY) == b"abcd"
    await link.close()
