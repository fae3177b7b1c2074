"""The names of keys, and the table of them."""

import re

import pytest
from redis.crc import key_slot

from ctibridge.cluster.adapters.history import HistoryKeys
from ctibridge.cluster.keys import COMMANDS, TABLE, Keys, acl_rule
from tests.peers.redis import RedisServer
from tests.repository.test_docs import ROOT, tables

PAGE = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")


def names(prefix: str) -> list[str]:
    keys = Keys(prefix)
    desks = keys.desks(7, 8).replace("7:8", "LOT:TOKEN")
    calls = keys.calls("AGENT")
    ours = [keys.all, keys.inbox("NODE"), keys.registry, keys.lots, desks, calls, keys.secret, keys.leases]
    of = HistoryKeys(prefix)
    whole, small = of.copies(small=False), of.copies(small=True)
    copies = [one for of_kind in (whole, small) for one in (of_kind.ready, of_kind.wanted, of_kind.making)]
    return [*ours, of.head, of.stream, of.pieces("NAME"), *copies, of.lease, of.offers]


def test_the_table_has_them_all() -> None:
    assert [f"{{cti}}:{one.name}" for one in TABLE] == names("cti")


def test_they_lie_on_one_shard() -> None:
    assert len({key_slot(name.encode()) for name in names("cti")}) == 1


def test_the_page_shows_the_same_table() -> None:
    (rows,) = [rows for head, rows in tables(PAGE) if head[0] == "key"]
    assert rows == [[f"`{{PREFIX}}:{one.name}`", one.kind, one.what, one.lifetime, one.writer] for one in TABLE]


def test_the_page_shows_the_rule_of_its_user() -> None:
    assert acl_rule("ctibridge", "ctibridge") in PAGE.splitlines()


@pytest.mark.peer("redis-server")
def test_the_rule_has_each_command_that_the_code_names(server: RedisServer) -> None:
    """Of the words in capitals those that Redis knows as commands."""
    known = {command.upper() for command in server.say("COMMAND LIST")}
    named = {
        word
        for room in ("cluster/adapters", "joining")
        for path in (ROOT / "ctibridge" / room).rglob("*")
        if path.suffix in {".py", ".lua"}
        for word in re.findall(r"""[(]\s*["']([A-Z]+)["']""", path.read_text(encoding="utf-8"))
    } & known
    allowed = {command.partition("|")[0].upper() for command in COMMANDS}
    assert named - allowed == set()
    assert {"XADD", "EVALSHA", "HGETALL", "XTRIM"} <= named
