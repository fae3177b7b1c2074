"""Nodes are upgraded one after the other while calls ring: two versions side by side, and what one does not know of the
other it leaves out (docs/cluster.md, *Upgrade*)."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge import __version__
from ctibridge.lookup.adapters.schema import FILE
from tests.cluster import next_version
from tests.cluster.house import TAKES_OVER, House, Node, straight
from tests.e2e.desk import Desk
from tests.faults.seat import Seat
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = [pytest.mark.e2e, pytest.mark.peer("redis-server")]

RATE = 15
"""Calls a second."""
HEARD_WITHIN = 20.0
"""Seconds from a command's end until every copy of the directory has what it did."""


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return next_version.made(tmp_path_factory.mktemp("later"))


async def test_three_nodes_are_upgraded_and_every_screen_resumes(
    loopback: Loopback, empty: RedisServer, later: Path
) -> None:
    """What is changed by a node of either version is known at all, every desk is served at every node, and the upgraded
    one hands over to older ones, too."""
    async with House.open(loopback, straight(empty, 3), nodes=3) as house:
        await house.shared()
        before = len(house.record.links)
        async with house.callers(RATE):
            await upgraded("n1", house, later)
            versions = dict.fromkeys(house.nodes, __version__) | {"n1": next_version.VERSION}
            for number, node in enumerate(house.nodes.values()):
                assert await versions_at(node) == versions
                await asyncio.gather(*(rings_at(node, seat) for seat in house.seats.values()))
                await comes(number, node, house)
            for name in house.nodes:
                await upgraded(name, house, later)
        anew = [link for link in house.record.links[before:] if not link.resumed]
        await house.finish()
        assert house.judged() == ""
    assert anew == []


async def test_a_node_of_either_version_dies_and_one_of_the_other_takes_over(
    loopback: Loopback, empty: RedisServer, later: Path
) -> None:
    async with House.open(loopback, straight(empty)) as house:
        async with house.callers(RATE):
            await upgraded("n1", house, later)
            for name in house.nodes:
                await asyncio.sleep(1)  # real time: calls ring, and end
                house.kill(name)
                await house.up(TAKES_OVER)
                await house.start(name)
                await house.shared()
        await house.finish()
        assert house.judged() == ""


async def upgraded(name: str, house: House, program: Path) -> None:
    """Started again, where it is this version already."""
    house.nodes[name].daemon.program = program
    await house.restart(name)


async def versions_at(node: Node) -> dict[str, str]:
    """By node, as this one's `cluster status` has it."""
    found = json.loads(await asyncio.to_thread(node.daemon.command, "cluster", "status", "--json"))
    return {one["name"]: one["version"] for one in found["nodes"]}


async def rings_at(node: Node, seat: Seat) -> None:
    """One more screen of this agent, at that node: perhaps his desk is at one of the other version."""
    async with Desk(node.daemon.web, seat.token) as desk:
        await desk.ringing()


async def comes(person: int, node: Node, house: House) -> None:
    """Imported at that node, and then there at all."""
    file = house.folder / "people.csv"
    file.write_text(f"account,id,name\nacme,x{person},Ada {person}\n", encoding="utf-8")
    await asyncio.to_thread(node.daemon.command, "import", str(file))
    await until(lambda: all(has(one, person) for one in house.nodes.values()), "he is known at all", HEARD_WITHIN)


def has(node: Node, person: int) -> bool:
    with closing(sqlite3.connect(node.daemon.folder / "state" / FILE, timeout=5)) as db:
        query = "SELECT count(*) FROM directory_person WHERE id = ?"
        return bool(db.execute(query, (f"x{person}",)).fetchone()[0])
