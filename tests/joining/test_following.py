"""Copies of one directory on several nodes, over a real Redis: what one writes all have, whoever dies in between."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.cluster.adapters.history import Passed
from ctibridge.joining.directory import alone
from ctibridge.joining.following import Following
from ctibridge.lookup.adapters.acts import Actor, Acts
from ctibridge.lookup.adapters.following.copy import Copy
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from tests.joining.copies import PATIENCE, Node, at_head, caught_up
from tests.lookup.adapters.files import PEOPLE, WHOLE, imported
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")

Nodes = tuple[Node, Node, Node]
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STREAM = "{ctibridge}:directory:changes"
HEAD = "{ctibridge}:directory:head"


class Died(Exception):
    """As a process that is killed there."""


async def load(node: Node, folder: Path) -> None:
    async with node.alone():
        await imported(node.path, folder, WHOLE)


async def revoke(node: Node) -> None:
    async with await Acts.open(node.path, Actor("eva", AT)) as acts:
        await acts.revoke("ana", "acme")


async def lend(*followings: Following) -> None:
    while True:
        for one in followings:
            await one.offer()
        await asyncio.sleep(0.01)


def holds(node: Node) -> bool:
    """May Ana see the people of acme?"""
    query = "SELECT 1 FROM directory_grant WHERE agent = 'ana' AND account = 'acme' AND ends_at IS NULL"
    return bool(node.sql(query))


async def test_what_one_node_imports_the_others_have_row_by_row(nodes: Nodes, tmp_path: Path) -> None:
    one, two, three = nodes
    async with one.following() as first, two.following() as second, three.following() as third:
        await load(one, tmp_path / "files")
        await caught_up(first, second, third)
        assert one.shared() == two.shared() == three.shared()
        assert one.sql("SELECT count(*) FROM directory_person") == [(3,)]
        async with two.alone():
            await revoke(two)
        await caught_up(first, second, third)
        assert one.shared() == two.shared() == three.shared()


async def test_a_running_lookup_sees_what_another_node_changed(nodes: Nodes, tmp_path: Path) -> None:
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)
        lookup = await Lookup.open(two.path, ResolutionSettings(), LanguageSettings(), indexed=True)
        try:
            assert "acme" in lookup.visible("ana", AT)
            async with one.alone():
                await revoke(one)
            await at_head(second)
            await lookup.catch_up()
            assert "acme" not in lookup.visible("ana", AT)
            assert "fleuron" in lookup.visible("ana", AT)
        finally:
            await lookup.close()


async def test_a_command_that_died_before_it_told_is_told_by_the_next_one(nodes: Nodes, tmp_path: Path) -> None:
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)
        await revoke(one)
        assert await first.is_pending(act=True)
        async with alone(first, "the next one", PATIENCE):
            pass
        await caught_up(first, second)
        assert not holds(two)
        assert one.shared() == two.shared()


async def test_what_came_too_late_is_set_right_but_that_somebody_sees_less_stays(nodes: Nodes, tmp_path: Path) -> None:
    """Cut off, one node revoked a grant (`--here`) and announced; meanwhile the others went on."""
    one, two, three = nodes
    async with one.following() as first, two.following() as second, three.following() as third:
        await load(one, tmp_path / "files")
        await caught_up(first, second, third)
        await revoke(one)
        async with await Acts.open(one.path, Actor("eva", AT)) as acts:
            await acts.announce("acme", "n1", "here alone", "de", None, None)
        async with two.alone(), await Acts.open(two.path, Actor("ute", AT)) as acts:
            await acts.share("acme", None)
        lending = asyncio.create_task(lend(second, third))
        async with alone(first, "the service", PATIENCE):
            pass
        await caught_up(first, second, third)
        lending.cancel()
        await asyncio.wait({lending})
        assert one.shared() == two.shared() == three.shared()
        assert not holds(three)
        assert one.sql("SELECT count(*) FROM directory_announcement") == [(0,)]
        assert len(two.sql("SELECT 1 FROM directory_audit WHERE act = 'announce'")) == 1  # that it was tried stays


async def test_killed_while_it_puts_a_change_it_is_as_before_and_puts_it_again(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")

        def die(*_: object) -> None:
            raise Died

        with monkeypatch.context() as patched, suppress(Died):
            patched.setattr(Copy, "_went_on", die)
            await second.follow(0)
        assert two.sql("SELECT count(*) FROM directory_person") == [(0,)]
        assert (await second.standing()).seq == 0
        await caught_up(first, second)
        assert one.shared() == two.shared()


async def test_killed_behind_the_telling_it_is_told_twice_and_holds_once(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)

        def die(*_: object) -> None:
            raise Died

        with monkeypatch.context() as patched, suppress(Died):
            patched.setattr(Copy, "sent", die)
            async with one.alone():
                await revoke(one)
        await caught_up(second, first)
        async with alone(first, "the next one", PATIENCE):
            pass
        await caught_up(first, second)
        assert one.shared() == two.shared()
        assert not holds(two)


async def test_who_was_away_too_long_takes_a_whole_copy_while_lookups_go_on(
    nodes: Nodes, tmp_path: Path, redis: RedisServer
) -> None:
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)
        async with one.alone():
            await imported(one.path, tmp_path / "files", {"people": PEOPLE.replace("Urs", "Ueli")})
        redis.say("DEL", STREAM)
        seen: set[object] = set()
        lending = asyncio.create_task(lend(first))
        following = asyncio.create_task(at_head(second))
        with closing(sqlite3.connect(two.path)) as reader:
            while not following.done():
                seen.add(reader.execute("SELECT count(*) FROM directory_person").fetchone()[0])
                await asyncio.sleep(0)
        lending.cancel()
        await asyncio.wait({lending})
        await following
        assert seen == {3}, "nobody finds the directory empty meanwhile"
        assert one.shared() == two.shared()
        assert not list(two.folder.glob("*.coming*"))


async def test_redis_that_was_emptied_gets_the_newest_copy_as_its_head(
    nodes: Nodes, tmp_path: Path, redis: RedisServer
) -> None:
    one, two, three = nodes
    async with one.following() as first, two.following() as second, three.following() as third:
        await load(one, tmp_path / "files")
        await caught_up(first, second, third)
        async with one.alone():
            await revoke(one)
        await at_head(second)
        redis.say("FLUSHALL")
        await caught_up(third, first, second)
        assert one.shared() == two.shared() == three.shared()
        assert not holds(three)


async def test_redis_that_lost_its_last_changes_is_brought_on_by_who_has_them(
    nodes: Nodes, tmp_path: Path, redis: RedisServer
) -> None:
    """As one that comes back from its disk: head and stream of a second ago."""
    one, two, three = nodes
    async with one.following() as first, two.following() as second, three.following() as third:
        await load(one, tmp_path / "files")
        await caught_up(first, second, third)
        head = redis.say("HGETALL", HEAD)
        async with one.alone():
            await revoke(one)
        await at_head(second)
        redis.say("HSET", HEAD, *(word for pair in head.items() for word in pair))
        redis.say("XTRIM", STREAM, "MAXLEN", 1)
        await caught_up(third, second, first)
        assert not holds(three)
        assert one.shared() == two.shared() == three.shared()


async def test_a_copy_of_another_history_is_set_aside_and_named(nodes: Nodes, tmp_path: Path) -> None:
    one, two, _ = nodes
    await imported(two.path, tmp_path / "files", WHOLE)
    await revoke(two)
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)
        assert one.shared() == two.shared()
        assert holds(two)
    (aside,) = two.folder.glob("ctibridge.db.aside-*")
    assert aside.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(aside)) as db:
        assert db.execute("SELECT ends_at IS NULL FROM directory_grant WHERE agent = 'ana'").fetchone() == (0,)


async def test_a_restored_backup_catches_up(nodes: Nodes, tmp_path: Path) -> None:
    one, two, _ = nodes
    async with one.following() as first:
        await load(one, tmp_path / "files")
        async with two.following() as second:
            await caught_up(first, second)
        two.sql("VACUUM INTO ?", str(tmp_path / "backup"))
        async with one.alone():
            await revoke(one)
        async with two.following() as second:
            await caught_up(first, second)
        for name in two.folder.glob("ctibridge.db*"):
            name.unlink()
        (tmp_path / "backup").rename(two.path)
        async with two.following() as second:
            await caught_up(first, second)
            assert one.shared() == two.shared()
        assert not list(two.folder.glob("ctibridge.db.aside-*"))


async def test_a_paused_command_whose_lease_another_one_took_publishes_nothing(
    nodes: Nodes, tmp_path: Path, redis: RedisServer
) -> None:
    one, two, _ = nodes
    async with one.following() as first, two.following() as second:
        await load(one, tmp_path / "files")
        await caught_up(first, second)

        async def paused() -> None:
            async with alone(first, "who sleeps", PATIENCE):
                await revoke(one)
                redis.say("DEL", "{ctibridge}:directory:lease")
                async with two.alone(), await Acts.open(two.path, Actor("ute", AT)) as acts:
                    await acts.share("acme", None)

        with pytest.raises(Passed):
            await paused()
        await at_head(second)
        assert holds(two)
        lending = asyncio.create_task(lend(second))
        await at_head(first)
        async with alone(first, "the service", PATIENCE):
            pass
        await caught_up(first, second)
        lending.cancel()
        await asyncio.wait({lending})
        assert not holds(two), "it was said in the end, and that somebody sees less is never lost"
        assert one.shared() == two.shared()
