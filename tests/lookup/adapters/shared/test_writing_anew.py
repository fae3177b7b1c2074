"""What cannot be followed is built anew, beside the old one, which goes."""

import sqlite3
from pathlib import Path

import pytest
import redis

from ctibridge.lookup.adapters.shared import layout as layouts
from tests.lookup.adapters.directories import PREFIX, Held, Small
from tests.lookup.adapters.shared.moments import (
    ACCOUNTS,
    AFTER,
    BEFORE,
    CHANGED,
    person,
)
from tests.lookup.adapters.shared.redis import Cut, CutAsk, change, content, differing, kept, spread_over, up

pytestmark = [pytest.mark.peer("redis-server"), pytest.mark.usefixtures("few_shards")]


async def _generation(spread: object) -> str:
    ((found,),) = await spread.ask([("HMGET", f"{{{PREFIX}}}:directory:shared", "generation")])  # type: ignore[attr-defined]
    return str(found.decode())


def _sql(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    "forgets",
    [
        "UPDATE directory_change SET logged_from = version",  # who changed is not known any more
        "UPDATE directory_stamp SET stamp = 'another'",  # a backup was put back: of another history
    ],
)
async def test_what_cannot_be_followed_is_built_anew_and_the_old_one_goes(tmp_path: Path, forgets: str) -> None:
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (server, spread):
        await up(path, spread)
        first = await _generation(spread)
        change(path, AFTER, ())
        _sql(path, forgets)
        assert await up(path, spread)
        assert await _generation(spread) != first
        assert not [key for key in server.say("KEYS", "*") if first in key]
        found = content(server)
        server.say("FLUSHALL")
        await up(path, spread)
        assert content(server) == found


async def test_what_another_history_began_to_write_does_not_stay(tmp_path: Path) -> None:
    """A keeper wrote people and died before it told the others; they go on without it."""
    path = await kept(BEFORE, tmp_path / "one")
    other = await kept(BEFORE, tmp_path / "two")
    other.write_bytes(path.read_bytes())
    async with spread_over() as (server, spread):
        await up(path, spread)
        change(path, AFTER, CHANGED)
        with pytest.raises(Cut):
            await up(path, CutAsk(spread, 6))
        change(other, BEFORE, ())
        await up(other, spread)
        found = content(server)
        server.say("FLUSHALL")
        await up(other, spread)
        assert content(server) == found


@pytest.mark.parametrize("lost", ["*", "{cti:d01}*", "{cti}*", "*:here"])
async def test_whatever_redis_lost_comes_again(tmp_path: Path, lost: str) -> None:
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (server, spread):
        await up(path, spread)
        found = content(server)
        server.say("DEL", *server.say("KEYS", lost))
        assert await up(path, spread)
        assert content(server) == found  # and nothing is left of what nobody knew of any more


async def test_where_a_server_lost_its_last_writes_all_is_built_anew(tmp_path: Path) -> None:
    """A replica that took over without them: what it has is of the version before, in a part of the shards."""
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (server, spread):
        await up(path, spread)
        lost = server.say("KEYS", "{cti:d0[02]}*")
        with redis.Redis(server.address, server.port) as client:
            before = {key: client.dump(key) for key in lost}
            change(path, AFTER, CHANGED)
            await up(path, spread)
            client.delete(*client.keys("{cti:d0[02]}*"))
            for key, packed in before.items():
                client.restore(key, 0, packed)
        assert await up(path, spread)
        found = content(server)
        server.say("FLUSHALL")
        await up(path, spread)
        assert content(server) == found


@pytest.mark.parametrize(("people", "anew"), [(8, False), (20, True)])
async def test_what_has_grown_fourfold_is_built_anew_in_more_buckets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: int, anew: bool
) -> None:
    monkeypatch.setattr(layouts, "FULL", 1)
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (_, spread):
        await up(path, spread)
        first = await _generation(spread)
        many = tuple(person("acme", f"n{number}", "Anna Muster") for number in range(people))
        grown = Small(ACCOUNTS, many, tuple(Held(one.key, f"+4930{at:06}") for at, one in enumerate(many)))
        change(path, grown, differing(BEFORE, grown))
        await up(path, spread)
        assert (await _generation(spread) != first) == anew
