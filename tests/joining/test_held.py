"""`joining/held.py`: the lots that a node had last outlive it."""

from datetime import UTC, datetime
from pathlib import Path

from ctibridge.joining.held import HELD, Held
from tests.delivery.adapters.outboxes import close_unclean, opened


async def test_what_it_had_is_known_after_a_kill_and_nothing_is_no_fault(tmp_path: Path) -> None:
    outbox = await opened(tmp_path, datetime.now(UTC))
    held = Held(outbox, "one")
    assert await held.last() is None
    held.keep({3: 7, 200: 1})
    outbox.keep_fact(HELD, "two", b"no lots")
    await outbox.flush()
    await close_unclean(outbox)
    outbox = await opened(tmp_path, datetime.now(UTC))
    assert await Held(outbox, "one").last() == {3: 7, 200: 1}
    assert await Held(outbox, "two").last() is None
    await close_unclean(outbox)
