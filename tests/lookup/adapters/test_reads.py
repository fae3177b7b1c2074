import asyncio

from structlog.testing import capture_logs

from ctibridge.lookup.adapters.reads import Reads, outcome


async def test_what_is_done_is_no_longer_counted() -> None:
    reads, gate = Reads(), asyncio.Event()
    waiting = reads.start(gate.wait())
    assert len(reads) == 1
    gate.set()
    assert await waiting is True
    await asyncio.sleep(0)
    assert len(reads) == 0


async def test_what_is_given_up_is_over_when_that_returns() -> None:
    reads = Reads()
    waiting = [reads.start(asyncio.Event().wait()) for _ in range(3)]
    await reads.give_up()
    assert all(task.cancelled() for task in waiting)


def test_what_came_too_late_is_said_and_counted_by_step() -> None:
    reads = Reads()
    with capture_logs() as logs:
        reads.too_late("record", 0.05)
        reads.too_late("record", 0.05)
        reads.too_late("index", 0.2)
    assert reads.late == {"record": 2, "index": 1}
    assert [(log["event"], log["step"], log["patience_ms"]) for log in logs][1:] == [
        ("lookup.late", "record", 50), ("lookup.late", "index", 200),
    ]  # fmt: skip


async def test_of_what_was_given_up_nothing_came() -> None:
    reads = Reads()
    waiting, done = reads.start(asyncio.Event().wait()), reads.start(asyncio.sleep(0, "here"))
    await done
    assert (outcome(waiting), outcome(done)) == (None, "here")
    await reads.give_up()
    assert outcome(waiting) is None
