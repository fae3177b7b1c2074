"""The calls of today and the colleagues, without what the agent may not see."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptCall, OutboxFault
from ctibridge.delivery.outputs import Send
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.agent import Agent
from ctibridge.domain.desk_command import ListCalls, ListColleagues
from ctibridge.domain.moment import Moment
from ctibridge.domain.work import Work, WorkState
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

    def __init__(self, became: Mapping[str, Work] | None = None) -> None:
        self.outbox = MemoryOutbox()
        self.desks = Desks("/ctibridge/test", lambda: "e1")
        self.sees = {agent: frozenset(accounts) for agent, accounts in SEES.items()}
        self.lists = DeskLists(
            self.desks,
            self.outbox,
            lambda: AGENTS,
            self.sees.__getitem__,
            lambda call, _: (became or {}).get(call),
            lambda: 0.0,
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
    lists = DeskLists(floor.desks, Broken(), lambda: AGENTS, floor.sees.__getitem__, lambda _, __: None, lambda: 0.0)
    await lists.calls(ListCalls("ana", 1, ex.AT, "then"))
    (answer,) = floor.answers()
    assert answer["calls"] == []


async def test_colleagues_are_those_who_answer_for_a_customer_of_mine_those_who_are_here_first() -> None:
    floor = Floor()
    await floor.lists.colleagues(ListColleagues("ana", 1))
    (answer,) = floor.answers()
    assert [(one["id"], one["here"]) for one in answer["agents"]] == [("cleo", True), ("ben", False)]
    assert answer["agents"][0]["languages"] == ["fr", "en"]
