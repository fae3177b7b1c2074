"""Three nodes with `directory = "redis"`: people on the disk of one, and named at the desks of all, as long as they are
there and Redis is."""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import Any

import pytest

from ctibridge.cluster.lots import of_agent, ranked
from ctibridge.lookup.adapters.schema import FILE
from tests.cluster.house import LINES, House, Node
from tests.e2e.desk import Desk
from tests.faults.record import ABANDONED, number_of
from tests.faults.seat import RESTART
from tests.faults.world import CUSTOMERS
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.redis import RedisServer, stopped

pytestmark = [pytest.mark.e2e, pytest.mark.peer("redis-server")]

AGENT = "chloe"
LINE = next(line for line, agents in LINES.items() if agents == [AGENT])
PEOPLE = (("x1", "Ada Erste", range(1, 10)), ("x2", "Bea Zweite", range(10, 100)))
"""Who has the numbers of these calls."""
POPS_WITHIN = 2.0
"""Seconds, also where Redis does not answer: the look-up waits 200 ms for it, and a busy machine for more."""


class Calls:
    """Of one agent's line, each from a number of its own, as her screen at this node is told; she opens it for each:
    on a busy machine her desk may move between two."""

    def __init__(self, house: House, node: str) -> None:
        self._house, self._web = house, house.nodes[node].daemon.web
        self._token = house.seats[AGENT].token

    async def pop(self, number: int) -> dict[str, Any]:
        async with self._seated() as desk:
            self._house.pbx.dial(number, CUSTOMERS[0], [LINE])
            try:
                return await desk.ringing(caller__number=number_of(number))
            finally:
                self._house.pbx.hang_up(number, ABANDONED)

    @asynccontextmanager
    async def _seated(self) -> AsyncIterator[Desk]:
        """Between two nodes she is told to come again (1012), and does so as every screen."""
        async with AsyncExitStack() as stack:
            desk: Desk

            async def sits() -> bool:
                nonlocal desk
                desk = Desk(self._web, self._token)
                try:
                    await stack.enter_async_context(desk)
                except ConnectionRefusedError:
                    assert desk.closed_with == RESTART
                return bool(desk.welcome)

            await until(sits, "her desk at some node", 20, poll=0.3)
            yield desk

    async def name(self, number: int) -> str | None:
        """Of the one who calls."""
        candidates = (await self.pop(number))["resolution"]["candidates"]
        return candidates[0]["person"]["name"] if candidates else None


def people(node: Node) -> int:
    with closing(sqlite3.connect(node.daemon.folder / "state" / FILE, timeout=5)) as db:
        return int(db.execute("SELECT count(*) FROM directory_person").fetchone()[0])


def import_them(node: Node) -> None:
    rows = (f"acme,{id_},{name},{';'.join(f'work:{number_of(one)}' for one in calls)}" for id_, name, calls in PEOPLE)
    file = node.daemon.folder / "people.csv"
    file.write_text("\n".join(["account,id,name,phones", *rows, ""]), encoding="utf-8")
    node.daemon.typed("import", str(file))


async def test_people_on_one_disk_are_named_at_every_desk(loopback: Loopback, empty: RedisServer) -> None:
    redis = (empty.address, empty.port)
    async with House.open(loopback, redis, nodes=3, more='directory = "redis"\n', alike=False, lease="4s") as house:
        await house.shared()
        home, other, _ = ranked(of_agent(AGENT), dict.fromkeys(house.nodes, 1.0))
        keeper = house.nodes["n1"]
        assert home != "n1", "her desk is at a node without people"
        await asyncio.to_thread(import_them, keeper)
        assert people(keeper) > 0
        assert [people(node) for name, node in house.nodes.items() if name != "n1"] == [0, 0]
        calls = Calls(house, other)
        assert await calls.name(1) == "Ada Erste", "at once, when the import has ended"
        await asyncio.to_thread(keeper.daemon.typed, "erase", "--account", "acme", "--person", "x1", "--yes")
        assert await calls.name(2) is None
        assert await calls.name(10) == "Bea Zweite"
        calls = Calls(house, home)
        async with stopped(empty):
            began = time.monotonic()
            pop = await calls.pop(11)
            assert time.monotonic() - began < POPS_WITHIN
            assert pop["called"]["account"]["id"] == "acme"
            assert pop["resolution"]["candidates"] == []
        empty.say("FLUSHALL")
        numbers = itertools.count(12)

        async def named() -> bool:
            return await calls.name(next(numbers)) == "Bea Zweite"

        await until(named, "Redis has her again", 20, poll=0.3)
