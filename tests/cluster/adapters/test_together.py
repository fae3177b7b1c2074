"""Several writers on one link: one row for a turn of the loop, and each its own replies."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest
from redis.exceptions import ResponseError

from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault, Unreachable
from ctibridge.cluster.adapters.together import Together
from ctibridge.cluster.adapters.wire import Command, Reply
from tests.cluster.conftest import reach
from tests.peers.redis import RedisServer


class Rows:
    """A link that echoes, once it may. rows: what was written."""

    def __init__(self) -> None:
        self.rows: list[list[Command]] = []
        self.on_its_way = asyncio.Event()
        self.may = asyncio.Event()
        self.may.set()
        self.fails = False
        self.is_cut = False

    async def calls(self, commands: Sequence[Command]) -> list[Reply]:
        self.rows.append(list(commands))
        self.on_its_way.set()
        await self.may.wait()
        if any(command[1] == "none" for command in commands):
            raise UnicodeEncodeError("utf-8", "", 0, 1, "no bytes")
        if self.fails:
            raise Unreachable("127.0.0.1:1: the connection broke")
        return [command[1] for command in commands]

    def say(self, commands: Sequence[Command]) -> bool:
        self.rows.append(list(commands))
        return True

    async def heard(self, commands: Sequence[Command]) -> list[Reply]:
        return [command[1] for command in commands]

    def explain(self, error: ResponseError) -> RedisFault:
        return RedisFault(str(error))

    def cut(self) -> None:
        self.is_cut = True


@asynccontextmanager
async def writing(rows: Rows) -> AsyncIterator[Together]:
    together = Together(cast("Link", rows))
    task = asyncio.create_task(together.keep_writing())
    try:
        yield together
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert rows.is_cut


def echo(*words: str) -> list[Command]:
    return [("ECHO", word) for word in words]


async def test_what_is_written_in_one_turn_is_one_row_and_each_gets_its_own_replies() -> None:
    rows = Rows()
    async with writing(rows) as one:
        first, second = await asyncio.gather(one.calls(echo("a")), one.calls(echo("b", "c")))
        assert (first, second) == (["a"], ["b", "c"])
    assert rows.rows == [echo("a", "b", "c")]


async def test_who_comes_while_a_row_is_on_its_way_goes_with_the_next_one() -> None:
    rows = Rows()
    async with writing(rows) as one:
        rows.may.clear()
        first = asyncio.create_task(one.calls(echo("a")))
        await rows.on_its_way.wait()
        others = [asyncio.create_task(one.calls(echo(word))) for word in "bc"]
        rows.may.set()
        assert await asyncio.gather(first, *others) == [["a"], ["b"], ["c"]]
    assert rows.rows == [echo("a"), echo("b", "c")]


async def test_a_fault_is_everybodys_and_the_next_row_goes() -> None:
    rows = Rows()
    async with writing(rows) as one:
        rows.fails = True
        found = await asyncio.gather(one.calls(echo("a")), one.calls(echo("b")), return_exceptions=True)
        assert [type(fault) for fault in found] == [Unreachable, Unreachable]
        rows.fails = False
        assert await one.calls(echo("c")) == ["c"]


async def test_who_is_cancelled_costs_the_others_nothing() -> None:
    rows = Rows()
    async with writing(rows) as one:
        rows.may.clear()
        first, second = (asyncio.create_task(one.calls(echo(word))) for word in "ab")
        await rows.on_its_way.wait()
        first.cancel()
        rows.may.set()
        assert await second == ["b"]
        assert first.cancelled()


async def test_what_has_no_bytes_costs_its_writer_alone() -> None:
    async with writing(Rows()) as one:
        found = await asyncio.gather(one.calls(echo("none")), one.calls(echo("b")), return_exceptions=True)
        assert isinstance(found[0], UnicodeEncodeError)
        assert found[1] == ["b"]
        assert await one.calls(echo("c")) == ["c"]


async def test_nothing_comes_between_what_is_said_and_its_replies() -> None:
    rows = Rows()
    async with writing(rows) as one:
        assert one.say(echo("a"))
        late = asyncio.create_task(one.calls(echo("b")))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not one.say(echo("c"))
        assert rows.rows == [echo("a")]
        assert await one.heard(echo("a")) == ["a"]
        assert await late == ["b"]
        assert one.say(echo("c"))


@pytest.mark.peer("redis-server")
async def test_over_a_real_redis(empty: RedisServer) -> None:
    link = reach(empty.url).link("{ctibridge}:test")
    one = Together(link)
    task = asyncio.create_task(one.keep_writing())
    first, second = await asyncio.gather(one.calls(echo("a")), one.calls(echo("b", "c")))
    assert (first, second) == ([b"a"], [b"b", b"c"])
    assert one.say(echo("d"))
    late = asyncio.create_task(one.calls(echo("e")))
    await asyncio.sleep(0)
    assert await one.heard(echo("d")) == [b"d"]
    assert await late == [b"e"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
