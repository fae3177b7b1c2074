"""Copies without people beside those that have them: each stands where all stand, and nobody is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ctibridge.joining import directory
from ctibridge.joining.directory import NoKeeper, alone
from ctibridge.joining.following import Following
from tests.joining.copies import PATIENCE, Node, at_head, caught_up
from tests.joining.test_following import STREAM, holds, lend, revoke
from tests.lookup.adapters.files import PEOPLE, WHOLE, imported
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")

Nodes = tuple[Node, Node, Node]
OF_PEOPLE = {"directory_person", "directory_phone", "directory_term"}


@pytest.fixture
def nodes(people_nodes: Nodes) -> Nodes:
    return people_nodes


@asynccontextmanager
async def lending(*followings: Following) -> AsyncIterator[None]:
    lender = asyncio.create_task(lend(*followings))
    yield
    lender.cancel()
    await asyncio.wait({lender})


async def load(node: Node, folder: Path, people: str = PEOPLE) -> None:
    async with node.alone(people=True):
        await imported(node.path, folder, {**WHOLE, "people": people})


def without_people(node: Node) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows for name, rows in node.shared().items() if name not in OF_PEOPLE}


def people(node: Node) -> int:
    ((count,),) = node.sql("SELECT count(*) FROM directory_person")
    assert isinstance(count, int)
    return count


async def test_who_imports_has_the_people_and_the_others_have_all_else(nodes: Nodes, tmp_path: Path) -> None:
    one, two, three = nodes
    async with one.following() as first, two.following() as second, three.following() as third:
        await load(one, tmp_path / "files")
        await caught_up(first, second, third)
        assert [people(node) for node in nodes] == [3, 0, 0]
        assert [await each.is_lean() for each in (first, second, third)] == [False, True, True]
        async with two.alone():
            await revoke(two)
        await caught_up(first, second, third)
        assert without_people(one) == without_people(two) == without_people(three)
        assert not holds(three)


async def test_who_is_to_change_people_has_them_all_first(nodes: Nodes, tmp_path: Path) -> None:
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)
        async with lending(first):
            await load(two, tmp_path / "files", PEOPLE.replace("Urs", "Uli"))
        await caught_up(first, second)
        assert not await second.is_lean()
        assert one.shared() == two.shared()
        assert one.sql("SELECT name FROM directory_person WHERE id = 'p18'") == [("Uli Zgraggen",)]


async def test_where_nobody_gives_them_that_is_said_and_nothing_is_written(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "NO_KEEPER", 0.1)
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)
        with pytest.raises(NoKeeper, match="from a node that keeps them"):
            await load(two, tmp_path / "files", PEOPLE.replace("Urs", "Uli"))
        assert await second.is_lean()
        async with alone(second, "ute on two", PATIENCE):
            """The lease was given back."""


async def test_a_node_that_is_to_have_them_now_takes_them(nodes: Nodes, tmp_path: Path, redis: RedisServer) -> None:
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)
    async with one.following() as first, Node(two.folder, redis.url).following() as second:
        await at_head(second, first)
        assert one.shared() == two.shared()
    async with two.following() as second:
        assert not await second.is_lean(), "and keeps them, whatever it may do"


async def test_the_only_one_that_has_people_was_away_for_long(nodes: Nodes, tmp_path: Path, redis: RedisServer) -> None:
    one, two, three = nodes
    async with two.following() as second:
        async with one.following() as first:
            await load(one, tmp_path / "files")
            await caught_up(first, second)
        async with two.alone():
            await revoke(two)
        redis.say("DEL", STREAM)
        async with one.following() as first, three.following() as third:
            await at_head(first, second)
            assert not holds(one)
            assert people(one) == 3
            async with lending(first):
                await load(three, tmp_path / "files", PEOPLE.replace("Urs", "Uli"))
            await caught_up(second, third)
        redis.say("DEL", STREAM)
        async with one.following() as first:
            with pytest.raises(TimeoutError):
                await at_head(first, second, within=0.5)
            assert people(one) == 3, "without a word of who they are now it stays as it was"
            async with three.following() as third:
                await at_head(first, second, third)
        assert one.shared() == three.shared()
