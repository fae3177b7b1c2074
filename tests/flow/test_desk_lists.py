"""The calls of today and the colleagues, without what the agent may not see."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptCall, OutboxFault
from ctibridge.delivery.outputs import Send
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.agent import Agent
from ctibridge.domain.desk_command import ListCalls, ListColleagues
from ctibridge.domain.moment import Moment
from ctibridge.domain.work import Work, WorkState
from ctibridge.flow import desk_lists
from ctibridge.flow.desk_lists import DeskLists
from tests.delivery import examples as ex
from tests.delivery.memory_outbox import MemoryOutbox

AGENTS = {
    "ana": Agent("ana", "Ana Sommer", languages=("de",)),
    "ben": Agent("ben", "Ben Okafor", languages=("en",)),
    "cleo": Agent("cleo", "Cleo Aubert", languages=("fr", "en")),
    "dina": Agent("dina", "Dina Far"),
    "gone": Agent("gone", "Gone", disabled=True),
}
SEES = {"ana": {"acme"}, "ben": {"acme", "globex"}, "cleo": {"acme"}, "dina": {"globex"}, "gone": {"acme"}}


class Floor:
    """Ana's and cleo's desks are open."""

    def __init__(self, became: Mapping[str, Work] | None = None, agents: Mapping[str, Agent] = AGENTS) -> None:
        self.clock = 0.0
        self.outbox = MemoryOutbox()
        self.desks = Desks("/ctibridge/test", lambda: "e1")
        self.sees = {agent: frozenset(accounts) for agent, accounts in SEES.items()}
        self.lists = DeskLists(
            self.desks,
            self.outbox,
            lambda: agents,
            self.sees.__getitem__,
            lambda call, _: (became or {}).get(call),
            lambda: self.clock,
            lambda: ex.AT,
        )
        now = Moment(ex.AT, 0.0)
        for number, agent in enumerate(("ana", "cleo"), 1):
            self.desks.connected(number, now)
            self.desks.receive(number, '{"type": "auth", "token": "t"}', now)
            self.desks.admit(number, Token("id", Kind.DESK, agent, ex.AT, None, None), agent, now)
        self.desks.ringing("ana", ex.pop(), ex.AT)
        for output in self.desks.drain():
            if hasattr(output, "call"):
                self.outbox.keep_call(output.call)

    def colleagues(self) -> dict[int, list[str]]:
        """Of each connection that was answered since."""
        said = [(one.session, json.loads(one.frame)) for one in self.desks.drain() if isinstance(one, Send)]
        return {session: [agent["id"] for agent in frame["data"]["agents"]] for session, frame in said}

    def answers(self) -> list[dict[str, Any]]:
        found = [json.loads(output.frame) for output in self.desks.drain() if isinstance(output, Send)]
        return [frame["data"] | {"type": frame["type"]} for frame in found]


async def test_the_calls_since_then_with_what_became_of_them() -> None:
    floor = Floor({ex.call().id: Work("ben", WorkState.TAKEN, ex.AT)})
    await floor.lists.calls(ListCalls("ana", 1, ex.AT - timedelta(hours=1), "then"))
    (answer,) = floor.answers()
    (listed,) = answer["calls"]
    assert (answer["type"], answer["since"]) == ("today", "then")
    assert (listed["who"], listed["company"], listed["status"]) == (
        "Regula Frei",
        "ACME IT Service Desk",
        "identified",
    )
    assert listed["call_back"] == listed["number"] == "+4915112345678"
    assert listed["work"]["by"] == "ben"


async def test_who_has_lost_the_customer_reads_the_number_and_no_name() -> None:
    floor = Floor()
    floor.sees["ana"] = frozenset()
    await floor.lists.calls(ListCalls("ana", 1, ex.AT - timedelta(hours=1), "then"))
    (answer,) = floor.answers()
    (listed,) = answer["calls"]
    assert (listed["who"], listed["status"], listed["call_back"]) == (None, "unknown", None)
    assert "Regula" not in json.dumps(answer)


async def test_a_store_that_cannot_be_read_gives_an_empty_list() -> None:
    class Broken(MemoryOutbox):
        async def since(self, agent: str, at: datetime, limit: int) -> list[KeptCall]:
            raise OutboxFault("desks.db: disk I/O error")

    floor = Floor()
    lists = DeskLists(
        floor.desks, Broken(), lambda: AGENTS, floor.sees.__getitem__, lambda _, __: None, lambda: 0.0, lambda: ex.AT
    )
    await lists.calls(ListCalls("ana", 1, ex.AT, "then"))
    (answer,) = floor.answers()
    assert answer["calls"] == []


async def test_colleagues_are_those_who_answer_for_a_customer_of_mine_those_who_are_here_first() -> None:
    floor = Floor()
    await floor.lists.colleagues(ListColleagues("ana", 1))
    (answer,) = floor.answers()
    assert [(one["id"], one["here"]) for one in answer["agents"]] == [("cleo", True), ("ben", False)]
    assert answer["agents"][0]["languages"] == ["fr", "en"]


ASKS = ListColleagues("ana", 1), ListColleagues("cleo", 2)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Floor:
    """One agent in a turn is learned of."""
    monkeypatch.setattr(desk_lists, "PIECE", 1)
    return Floor()


async def test_who_asks_while_the_first_learning_is_under_way_has_colleagues_too(slow: Floor) -> None:
    """He was told that there are none, and asked again a minute later."""
    await asyncio.gather(*map(slow.lists.colleagues, ASKS))
    assert slow.colleagues() == {1: ["cleo", "ben"], 2: ["ana", "ben"]}


async def test_who_learned_first_and_gave_up_leaves_it_to_who_waits(slow: Floor) -> None:
    first, second = (asyncio.ensure_future(slow.lists.colleagues(one)) for one in ASKS)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first, second})
    assert slow.colleagues() == {2: ["ana", "ben"]}


async def test_who_asks_while_it_is_learned_again_is_answered_from_what_was_learned_before(slow: Floor) -> None:
    await slow.lists.colleagues(ASKS[0])
    slow.colleagues()
    slow.clock += desk_lists.LEARN_EVERY
    slow.sees["ben"] = frozenset()
    learns = asyncio.ensure_future(slow.lists.colleagues(ASKS[0]))
    await asyncio.sleep(0)
    meanwhile = slow.lists.colleagues(ASKS[1])
    with pytest.raises(StopIteration):
        meanwhile.send(None)
    assert slow.colleagues() == {2: ["ana", "ben"]}
    await learns
    await slow.lists.colleagues(ASKS[1])
    assert slow.colleagues() == {1: ["cleo"], 2: ["ana"]}


class Named(Agent):
    """Counts whose name is read."""

    read: ClassVar[list[str]] = []

    def __getattribute__(self, name: str) -> Any:
        if name == "name":
            Named.read.append(self.id)
        return super().__getattribute__(name)


def crowd(size: int) -> tuple[Floor, list[str]]:
    """They all see acme, with ana and cleo. Returns their ids in the order of their names, too."""
    names = {"ana": "Ana", "cleo": "Cleo"} | {f"x{number}": f"Name {number * 7 % size:05}" for number in range(size)}
    floor = Floor(agents={agent: Named(agent, name) for agent, name in names.items()})
    floor.sees.update(dict.fromkeys(names, frozenset({"acme"})))
    return floor, sorted(names, key=names.__getitem__)


async def test_of_a_thousand_colleagues_only_those_that_are_told_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All were sorted for each who asked: 17 ms of the loop with ten thousand, who ask once a minute each."""
    floor, by_name = crowd(1_000)
    asked: list[str] = []

    def is_here(agent: str) -> bool:
        asked.append(agent)
        return True

    monkeypatch.setattr(floor.desks, "is_here", is_here)
    await floor.lists.colleagues(ASKS[0])
    assert floor.colleagues() == {1: by_name[1 : desk_lists.MOST + 1]}
    asked.clear()
    Named.read.clear()
    await floor.lists.colleagues(ASKS[1])
    assert len(floor.colleagues()[2]) == desk_lists.MOST
    assert (len(Named.read), len(asked)) == (desk_lists.MOST, desk_lists.MOST)


async def test_who_is_here_comes_before_who_is_not_also_behind_the_first_two_hundred_names() -> None:
    floor, by_name = crowd(300)
    floor.desks.connected(3, Moment(ex.AT, 0.0))
    floor.desks.receive(3, '{"type": "auth", "token": "t"}', Moment(ex.AT, 0.0))
    floor.desks.admit(3, Token("id", Kind.DESK, by_name[-1], ex.AT, None, None), by_name[-1], Moment(ex.AT, 0.0))
    await floor.lists.colleagues(ASKS[0])
    assert floor.colleagues() == {1: ["cleo", by_name[-1], *by_name[2 : desk_lists.MOST]]}


async def test_the_lists_that_are_kept_have_a_bound_and_do_not_outlive_the_next_learning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_lists, "MOST_KEPT", 12)
    floor = Floor()
    expected = {"ana": ["cleo", "ben"], "ben": ["ana", "cleo", "dina"], "dina": ["ben"]}
    for agent in ("ana", "ben", "dina") * 2:
        await floor.lists.colleagues(ListColleagues(agent, 1))
        assert floor.colleagues() == {1: expected[agent]}
        kept = floor.lists._of_sight
        assert floor.lists._kept == sum(1 + len(mine) + len(ids) for mine, ids in kept.items()) <= 12
    floor.clock += desk_lists.LEARN_EVERY
    await floor.lists.colleagues(ListColleagues("ana", 1))
    assert set(floor.lists._of_sight) == {frozenset({"acme"})}
