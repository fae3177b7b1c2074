"""What of desks' calls gets into Redis: of those alone that are ours there, and nothing old over what is newer."""

from collections.abc import AsyncIterator, Callable

import pytest

from ctibridge.cluster.adapters.call_rows import CallRows, Wrote
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import Refused
from ctibridge.cluster.keys import CALLS_LIFETIME, Keys
from ctibridge.cluster.lots import of_agent
from tests.cluster.conftest import reach
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")
KEYS = Keys("ctibridge")
TOKEN = 3
Rows = Callable[[str, str], CallRows]


@pytest.fixture
async def rows(empty: RedisServer) -> AsyncIterator[Rows]:
    """Of a node and its incarnation."""
    redis, links = reach(empty.url), list[Link]()

    def written(node: str, incarnation: str) -> CallRows:
        links.append(redis.link(KEYS.lots))
        return CallRows(links[-1], KEYS, node, incarnation, lambda _: TOKEN)

    yield written
    for link in links:
        await link.close()


def has(server: RedisServer, agent: str, node: str, incarnation: str, token: int = TOKEN) -> None:
    """As the registry writes it."""
    server.say("HSET", KEYS.lots, of_agent(agent), f'["{node}","{incarnation}",{token},"own","","",false]')


async def test_what_was_held_up_on_its_way_does_not_go_over_what_the_desks_new_home_has_written(
    empty: RedisServer, rows: Rows
) -> None:
    """A node that could not reach Redis for a while had gone on with its desks; what it had written meanwhile came when
    it could, behind what their new home had written: a call that was over rang again for whoever took the desk next,
    and ended twice."""
    has(empty, "ana", "n2", "b1")
    assert await rows("n2", "b1").write({"ana": ["c1", "over"]}) == Wrote()
    assert await rows("n1", "a1").write({"ana": ["c1", "rings"]}) == Wrote(frozenset({"ana"}))
    assert await rows("n2", "b0").write({"ana": ["c1", "of a process that is gone"]}) == Wrote(frozenset({"ana"}))
    assert await rows("n1", "a1").write({"ana": []}, ["ana"]) == Wrote(frozenset({"ana"}))
    assert empty.say("HGETALL", KEYS.calls("ana")) == {"c1": "over"}


async def test_a_row_that_comes_late_does_not_go_over_a_later_one_of_the_same_node(
    empty: RedisServer, rows: Rows
) -> None:
    """As on a connection that was given up, whose end still reads it."""
    has(empty, "ana", "n1", "a1")
    one, late = rows("n1", "a1"), rows("n1", "a1")
    for state in ("rings", "talks", "over"):
        assert await one.write({"ana": ["c1", state]}) == Wrote()
    for state in ("rings", "talks", "over, once more"):
        assert await late.write({"ana": ["c1", state]}) == Wrote()
        assert empty.say("HGET", KEYS.calls("ana"), "c1") == "over"
    assert await late.write({"ana": ["c1", "newer"]}) == Wrote()
    assert empty.say("HGET", KEYS.calls("ana"), "c1") == "newer"


async def test_a_row_from_before_the_desk_was_away_and_came_back_is_too_late(empty: RedisServer, rows: Rows) -> None:
    """The same incarnation has it again, and nothing newer of its own has come meanwhile."""
    has(empty, "ana", "n1", "a1", TOKEN + 2)
    assert await rows("n1", "a1").write({"ana": ["c1", "rings"]}) == Wrote(frozenset({"ana"}))
    assert not empty.say("EXISTS", KEYS.calls("ana"))


async def test_the_next_process_of_a_node_begins_anew(empty: RedisServer, rows: Rows) -> None:
    has(empty, "ana", "n1", "a1")
    before = rows("n1", "a1")
    for number in range(3):
        await before.write({"ana": ["c1", str(number)]})
    has(empty, "ana", "n1", "a2")
    assert await rows("n1", "a2").write({"ana": ["c1", "anew"]}) == Wrote()
    assert await before.write({"ana": ["c1", "late"]}) == Wrote(frozenset({"ana"}))
    assert empty.say("HGET", KEYS.calls("ana"), "c1") == "anew"


async def test_one_row_writes_some_empties_some_and_leaves_others(empty: RedisServer, rows: Rows) -> None:
    for agent in ("ana", "ben", "chloe"):
        has(empty, agent, "n1", "a1")
    has(empty, "dan", "n2", "b1")
    one = rows("n1", "a1")
    await one.write({agent: ["c1", "old"] for agent in ("ana", "ben", "chloe")})
    found = await one.write(
        {"ana": ["c2", b"\x00\xff", "c3", ""], "ben": ["c2", "new"], "chloe": [], "dan": ["c2", "x"], "nobodys": []},
        ["ben", "chloe"],
    )
    assert found == Wrote(frozenset({"dan", "nobodys"}))
    assert empty.say("HKEYS", KEYS.calls("ana")) == ["c1", "c2", "c3"]
    assert empty.say("HGETALL", KEYS.calls("ben")) == {"c2": "new"}
    assert empty.say("EXISTS", KEYS.calls("chloe"), KEYS.calls("dan")) == 0
    for key in (KEYS.calls("ana"), KEYS.wrote("n1")):
        assert 0 < empty.say("TTL", key) <= CALLS_LIFETIME


async def test_what_redis_refuses_of_one_desk_is_said_and_costs_the_others_nothing(
    empty: RedisServer, rows: Rows
) -> None:
    for agent in ("ana", "ben"):
        has(empty, agent, "n1", "a1")
    empty.say("SET", KEYS.calls("ana"), "of another program")
    found = await rows("n1", "a1").write({"ana": ["c1", "x"], "ben": ["c1", "x"], "chloe": ["c1", "x"]})
    assert found.foreign == {"chloe"}
    assert isinstance(found.fault, Refused)
    assert "WRONGTYPE" in str(found.fault)
    assert empty.say("HGETALL", KEYS.calls("ben")) == {"c1": "x"}


async def test_as_many_words_as_a_row_may_have(empty: RedisServer, rows: Rows) -> None:
    has(empty, "ana", "n1", "a1")
    words = [word for number in range(400) for word in (f"c{number}", "x")]
    assert await rows("n1", "a1").write({"ana": words}) == Wrote()
    assert empty.say("HLEN", KEYS.calls("ana")) == 400
