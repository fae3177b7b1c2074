"""One connection, cut by whatever breaks off on it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import ResponseError

from ctibridge.cluster.adapters.faults import Unreachable
from ctibridge.cluster.adapters.wire import Wire
from ctibridge.cluster.settings import Place
from tests.cluster.conftest import reach
from tests.peers.cable import Cable
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.redis import RedisServer, stopped

pytestmark = pytest.mark.peer("redis-server")


@pytest.fixture
async def wire(empty: RedisServer) -> AsyncIterator[Wire]:
    """Cut behind the test, also where that failed: a connection left open fails the next ones."""
    opened = await reach(empty.url)._dialling.redis(Place(empty.address, empty.port))
    yield opened
    opened.cut()
    await asyncio.sleep(0)


async def test_it_is_quiet_between_commands_and_not_when_it_is_cut(wire: Wire) -> None:
    assert await wire.quiet()
    first, second, third = await wire.ask([("ECHO", "a"), ("GET",), ("ECHO", b"b")])
    assert (first, third) == (b"a", b"b")
    assert isinstance(second, ResponseError)
    assert await wire.quiet()
    wire.cut()
    assert not await wire.quiet()
    wire.cut()


async def test_cancelled_it_is_cut(empty: RedisServer, wire: Wire) -> None:
    async with stopped(empty):
        asking = asyncio.create_task(wire.ask([("ECHO", "a")]))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert not await wire.quiet()


async def test_what_came_unasked_makes_it_unfit(wire: Wire) -> None:
    """Redis says goodbye so, too; a reply to nobody's command is the same."""
    replies = wire._replies
    assert replies is not None
    replies._transport.write(b"PING\r\n")
    await until(lambda: not replies.is_quiet, "the reply to nobody's command came", 5)
    with pytest.raises(Unreachable, match="the connection broke"):
        await wire.ask([("ECHO", "a")])


async def test_closed_by_redis_it_says_so(wire: Wire) -> None:
    with pytest.raises(Unreachable, match="the connection broke"):
        await wire.ask([("QUIT",), ("ECHO", "a")])
    assert not await wire.quiet()


async def test_reset_on_the_way_it_says_so(empty: RedisServer, addresses: Loopback) -> None:
    """uvloop raises what is no OSError to who writes on such a connection."""
    async with Cable.to((empty.address, empty.port), addresses) as cable:
        wire = await reach(f"redis://{cable}")._dialling.redis(Place(*cable.address))
        assert await wire.ask([("ECHO", "a")]) == [b"a"]
        replies = wire._replies
        assert replies is not None
        cable.cut()
        await until(lambda: not replies.is_quiet, "the reset came", 5)
        with pytest.raises(Unreachable, match="the connection broke"):
            await wire.ask([("ECHO", "a")])
