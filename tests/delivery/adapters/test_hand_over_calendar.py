"""`delivery/adapters/hand_over.py`, between nodes whose calendars differ. The rest is in `test_hand_over.py`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ctibridge.delivery.adapters.hand_over import HandOver
from tests.delivery.adapters.moving_node import node


async def test_a_desk_from_a_node_an_hour_behind_has_its_calls_by_our_calendar(tmp_path: Path) -> None:
    """What it had just told seemed old, and popped again."""
    async with node(tmp_path / "one") as one, node(tmp_path / "two") as two:
        one.moves = HandOver(one.desks, one.outbox, one.deliver, lambda: None, ahead=lambda: -3600.0)
        one.ring(1)
        (before,) = one.calls()
        state = await one.give()
        moves = HandOver(two.desks, two.outbox, two.deliver, lambda: None, ahead=lambda: 0.0)
        await moves.adopt([state])
        (now,) = two.calls()
        assert now.call.rang_at - before.call.rang_at == now.at - before.at == timedelta(hours=1)
        listed = await two.outbox.since("ana", datetime.now(UTC) + timedelta(minutes=50), 50)
        assert [kept.call.id for kept in listed] == [before.call.id]
        # A calendar with which no time would be a time: nobody's desk, and no fault.
        moves = HandOver(two.desks, two.outbox, two.deliver, lambda: None, ahead=lambda: 1e13)
        assert await moves.adopt([state]) == frozenset()
