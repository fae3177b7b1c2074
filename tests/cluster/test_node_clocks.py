"""Nodes whose calendars differ: leases go by seconds, and how long ago a call ended by each node's own calendar, from
which the next one's is reckoned."""

import asyncio

import pytest

from tests.cluster.house import TAKES_OVER, House, straight
from tests.peers.ports import Loopback
from tests.peers.redis import RedisServer

pytestmark = [pytest.mark.e2e, pytest.mark.peer("redis-server", "gcc")]

HOUR = 3600
RATE = 15
"""Calls a second."""


async def test_a_node_ahead_of_the_other_neither_takes_nor_loses_what_is_not_its_own(
    loopback: Loopback, empty: RedisServer
) -> None:
    """The one that is ahead is killed, the one behind stands still past its lease, and both stop and come back. What
    the one behind had told seemed to be six hours old, and popped again."""
    calendars = {"n1": 3 * HOUR, "n2": -3 * HOUR}
    async with House.open(loopback, straight(empty), calendars=calendars) as house:
        async with house.callers(RATE):
            await asyncio.sleep(2)  # real time: as long as a lease, under load
            house.kill("n1")
            await house.up(TAKES_OVER)
            await house.start("n1")
            await house.shared()
            with house.standing_still("n2"):
                await house.up(TAKES_OVER, without="n2")
            await house.shared()
            for name in house.nodes:
                await house.restart(name)
        await house.finish()
        assert house.judged() == ""
