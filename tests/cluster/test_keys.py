"""The names of keys, and the table of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from ctibridge.cluster.adapters.history import HistoryKeys
from ctibridge.cluster.keys import COMMANDS, PEOPLE, TABLE, Keys, acl_rule
from ctibridge.lookup.adapters.shared import state as states
from tests.lookup.adapters.directories import REDIS, shared
from tests.lookup.adapters.test_directory_behaviour import SMALL
from tests.peers.redis import RedisServer
from tests.repository.test_docs import ROOT, tables

PAGE = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def redis_ends() -> Iterator[None]:
    yield
    REDIS.close()


def names(prefix: str) -> list[str]:
    keys = Keys(prefix)
    desks = keys.desks(7, 8).replace("7:8", "LOT:TOKEN")
    calls = keys.calls("AGENT")
    ours = [
        keys.all,
        keys.told("NODE", "LIFE"),
        keys.inbox("NODE"),
        keys.registry,
        keys.lots,
        desks,
        calls,
        keys.wrote("NODE"),
        keys.secret,
        keys.leases,
    ]
    of = HistoryKeys(prefix)
    whole, small = of.copies(small=False), of.copies(small=True)
    copies = [one for of_kind in (whole, small) for one in (of_kind.ready, of_kind.wanted, of_kind.making)]
    shared = [states.head(prefix), states.accounts(prefix), Keys(prefix).directory("turn")]
    return [*ours, of.head, of.stream, of.pieces("NAME"), *copies, of.lease, of.offers, *shared]


def test_the_table_has_them_all() -> None:
    assert [f"{{cti}}:{one.name}" for one in TABLE] == names("cti")


def test_they_lie_on_one_shard() -> None:
    assert len({key_slot(name.encode()) for name in names("cti")}) == 1


def test_the_page_shows_the_same_table() -> None:
    (rows,) = [rows for head, rows in tables(PAGE) if head[0] == "key"]
    assert rows == [[f"`{{PREFIX}}:{one.name}`", one.kind, one.what, one.lifetime, one.writer] for one in TABLE]


@pytest.mark.peer("redis-server")
async def test_the_table_of_people_has_all_that_lies_there(tmp_path: Path) -> None:
    """Of one directory in a real Redis: each key has a row, with its kind, and each row a key."""
    store = await shared(SMALL, tmp_path)
    assert REDIS.server is not None
    found = {(_nameless(key), REDIS.server.say("TYPE", key)) for key in REDIS.server.say("KEYS", "*")}
    kinds = {"sorted set": "zset"}
    tables = {f"{{cti:dNN}}:{one.name}": one.kind for one in PEOPLE}
    tables |= {f"{{cti}}:{one.name}": one.kind for one in TABLE if one.what.startswith("people in Redis")}
    assert found == {(name, kinds.get(kind, kind)) for name, kind in tables.items()}
    await store.close()


def _nameless(key: str) -> str:
    key = re.sub(r"^\{cti:d[0-3][0-9a-f]\}", "{cti:dNN}", key)
    key = re.sub(r":[0-9a-f]{6}:", ":GENERATION:", key)
    key = re.sub(r":([np]):[0-9a-f]+$", r":\1:BUCKET", key)
    return re.sub(r":([wi]):[0-9a-f]+:[a-z]+$", r":\1:GROUP:ACCOUNT", key)


def test_the_page_shows_the_table_of_people() -> None:
    (rows,) = [rows for head, rows in tables(PAGE) if head[0] == "key of people"]
    assert rows == [[f"`{{PREFIX:dNN}}:{one.name}`", one.kind, one.what, one.lifetime, one.writer] for one in PEOPLE]


def test_the_page_shows_the_rule_of_its_user() -> None:
    assert acl_rule("ctibridge", "ctibridge") in PAGE.splitlines()


@pytest.mark.peer("redis-server")
def test_the_rule_has_each_command_that_the_code_names(server: RedisServer) -> None:
    """Of the words in capitals those that Redis knows as commands."""
    known = {command.upper() for command in server.say("COMMAND LIST")}
    named = {
        word
        for room in ("cluster/adapters", "joining", "lookup/adapters/shared")
        for path in (ROOT / "ctibridge" / room).rglob("*")
        if path.suffix in {".py", ".lua"}
        for word in re.findall(r"""[(]\s*["']([A-Z]+)["']""", path.read_text(encoding="utf-8"))
    } & known
    allowed = {command.partition("|")[0].upper() for command in COMMANDS}
    assert named - allowed == set()
    assert {"XADD", "EVALSHA", "HGETALL", "XTRIM", "ZADD", "ZRANGEBYLEX"} <= named
