"""The harness on a daemon to which nothing happens: the judge is silent, and what it is silent about has happened."""

import pytest

from tests.faults.harness import LINES, Bridge
from tests.faults.record import ENDED, RINGING
from tests.peers.ports import Loopback
from tests.peers.process import until

pytestmark = pytest.mark.e2e


async def test_a_quiet_hour(loopback: Loopback) -> None:
    async with Bridge.open(loopback) as bridge:
        async with bridge.callers(rate=100):
            await until(lambda: len(bridge.record.over) > 100, "a hundred callers")
        await bridge.finish()
    record = bridge.record
    assert bridge.complaints() == []
    assert len(record.lives) == 1
    assert {agent for agents in LINES.values() for agent in agents} == {event.desk for event in record.events}
    rung = {rang.call for rang in record.rang}
    assert {event.call for event in record.events if event.type == RINGING} == rung == {one.call for one in record.sent}
    assert {one.outcome for one in record.over} == {event.outcome for event in record.events if event.type == ENDED}
    assert any(len(one.desks) > 1 for one in record.sent)
    assert record.stored
