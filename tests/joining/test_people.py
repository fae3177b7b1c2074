"""People in Redis: as the nodes have them that keep them, and asked by those that do not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.domain.person import PersonKey
from ctibridge.joining import people
from ctibridge.joining.directory import alone
from ctibridge.joining.people import SharedPeople, copy_at, open_store, stamped
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.erasing import Erasing
from ctibridge.lookup.adapters.shared.state import Standing
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.visibility import every_account
from tests.joining.copies import PATIENCE, Node, access, caught_up
from tests.lookup.adapters.files import PEOPLE, WHOLE, imported
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")

Nodes = tuple[Node, Node, Node]
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
URS = PersonKey("acme", "p18")


@asynccontextmanager
async def shared(node: Node, url: str) -> AsyncIterator[SharedPeople]:
    one = SharedPeople(Redis(access(url, "redis"), node.folder.name), node.path)
    try:
        yield one
    finally:
        await one.close()


async def may() -> bool:
    return True


async def name_of(node: Node, url: str, key: PersonKey) -> str | None:
    """As the look-up of this node finds it."""
    store = await open_store(node.path, access(url, "redis"), node.folder.name)
    try:
        found = (await store.people([key], every_account(await store.snapshot()))).get(key)
        return None if found is None or found.name is None else found.name.value
    finally:
        await store.close()


async def test_who_goes_without_people_finds_them_as_they_were_told(
    people_nodes: Nodes, tmp_path: Path, redis: RedisServer
) -> None:
    one, two, _ = people_nodes
    async with one.following() as first, two.following() as second:
        async with one.alone(people=True):
            await imported(one.path, tmp_path / "files", WHOLE)
        await caught_up(first, second)
        assert await name_of(one, redis.url, URS) == "Urs Zgraggen"
        assert await name_of(two, redis.url, URS) == "Urs Zgraggen"
        async with one.alone(people=True):
            await imported(one.path, tmp_path / "files", {**WHOLE, "people": PEOPLE.replace("Urs", "Uli")})
        assert await name_of(two, redis.url, URS) == "Uli Zgraggen", "before it has heard that anything changed"
        assert not await second.people_missing()
        redis.say("FLUSHALL")
        assert await second.people_missing()


async def test_who_is_erased_is_gone_before_it_is_done_and_nobody_is_written_anew(
    people_nodes: Nodes, tmp_path: Path, redis: RedisServer
) -> None:
    one, two, _ = people_nodes
    async with one.following() as first, two.following() as second:
        async with one.alone(people=True):
            await imported(one.path, tmp_path / "files", WHOLE)
        await caught_up(first, second)
        generation = redis.say("HGET", "{ctibridge}:directory:shared", "generation")
        turn = alone(first, "eva on one", PATIENCE, people=True, gone={URS})
        async with turn, await Erasing.open(one.path) as erasing:
            await erasing.order(await erasing.person(URS.account, URS.id), Actor("eva", AT), keep_out=True)
        assert await name_of(two, redis.url, URS) is None
        assert redis.say("HGET", "{ctibridge}:directory:shared", "generation") == generation
        assert not await first.people_behind()


async def test_where_they_stand_is_compared_with_what_is_here(
    people_nodes: Nodes, tmp_path: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _, _ = people_nodes
    async with one.following(), shared(one, redis.url) as ours:
        await imported(one.path, tmp_path / "files", WHOLE)
        copy = await copy_at(one.path, access(redis.url, "redis"), "one")
        at = stamped(copy)
        copy.close()
        assert await ours.standing() is None
        assert await ours.are_behind(at)
        assert await ours.bring_up(may)
        assert await ours.standing() == at
        assert not await ours.are_behind(at)
        assert await ours.are_behind(Standing(at.version + 1, "later"))
        before = Standing(at.version - 1, "before")
        assert not await ours.are_behind(before), "somebody writes them, and tells it next"
        monkeypatch.setattr(people, "ODD", 0.0)
        assert await ours.are_behind(before), "nobody ever told it"


async def test_without_redis_it_is_said_as_of_the_rest_of_the_cluster(people_nodes: Nodes, tmp_path: Path) -> None:
    one, _, _ = people_nodes
    async with one.following(), shared(one, "redis://127.0.0.1:1") as ours:
        with pytest.raises(RedisFault, match="nobody listens there"):
            await ours.standing()
        with pytest.raises(RedisFault, match="nobody listens there"):
            await ours.bring_up(may)


async def test_a_store_with_people_is_asked_itself(nodes: Nodes, tmp_path: Path, redis: RedisServer) -> None:
    one, _, _ = nodes
    async with one.following():
        await imported(one.path, tmp_path / "files", WHOLE)
    store = await open_store(one.path, access(redis.url, "redis"), "one")
    assert isinstance(store, SqliteStore)
    await store.close()
