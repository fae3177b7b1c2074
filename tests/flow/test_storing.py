"""`flow/storing.py`: desks and administrator hear when events cannot be stored, and when they can again."""

import asyncio
from datetime import UTC, datetime

from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptDesk
from ctibridge.flow.storing import Storing
from ctibridge.health import Health

AT = datetime(2026, 11, 23, tzinfo=UTC)


async def test_both_are_said_to_the_health_and_noted_for_new_pages() -> None:
    desks, health = Desks("/ctibridge/test", lambda: "epoch", [KeptDesk("ana", "e", 0, 1, 0)]), Health()
    health.started()
    storing = Storing(desks, health, lambda: None, lambda: AT)
    storing.heard(live_only=True, why="the disk is full; make room")
    was = desks.live_only
    assert health.both()[0] == ["events cannot be stored: the disk is full; make room"]
    storing.heard(live_only=False, why="")
    assert (was, desks.live_only) == (True, False)
    assert health.both()[0] == []
    storing.stop()
    await asyncio.sleep(0)
