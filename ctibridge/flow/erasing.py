"""What a person ordered with `ctibridge erase` is carried out in a running daemon: memory first, then `desks.db`, again
until nothing is found any more, and then the order is empty.

Comes in: orders in the store. Goes out: calls told again to the desks that have them, without who called.
"""

import asyncio
from collections import Counter

import structlog

from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.erased import Traces
from ctibridge.delivery.kept import OutboxFault
from ctibridge.flow.flow import Flow
from ctibridge.flow.outside import Outside
from ctibridge.lookup.adapters.erasing import Erasing, Order
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.presence import Presence
from ctibridge.lookup.adapters.schema import StoreFault

LOOK_EVERY = 1.0
"""Seconds: whoever ordered it waits."""
RETRY = 10.0
"""Seconds after a fault, which is said each time."""
PASSES = 3
"""At once. What came meanwhile is found by the second; who calls all the time is looked for again a second later."""

log = structlog.get_logger()


async def keep_erasing(
    store: Presence, lookup: Lookup, desks: Desks, outbox: Outbox, flow: Flow, outside: Outside
) -> None:
    """For ever."""
    done_at: int | None = None
    while True:
        pause = LOOK_EVERY
        try:
            there = await asyncio.to_thread(lambda: store.why_not) is None
            await lookup.catch_up()
            version = lookup.snapshot().version
            if there and version != done_at and await _carry_out_all(store, lookup, desks, outbox, flow, outside):
                done_at = version
        except (StoreFault, OutboxFault) as fault:
            pause = RETRY
            log.error("erase_failed", error=str(fault))
        except Exception:
            # Lines must not fall silent because of it; it comes again.
            pause = RETRY
            log.error("erase_failed", exc_info=True)
        await asyncio.sleep(pause)


async def _carry_out_all(
    store: Presence, lookup: Lookup, desks: Desks, outbox: Outbox, flow: Flow, outside: Outside
) -> bool:
    """False: some of it has to be tried again. Raises StoreFault, OutboxFault, sqlite3.Error."""
    async with await Erasing.open(store.path) as erasing:
        orders = await erasing.pending()
        if orders and not _index_has_followed(lookup):
            return False
        for order in orders:
            if not await carry_out(order, lookup, desks, outbox, flow, outside):
                return False
            await erasing.done(order.no)
    return True


async def carry_out(order: Order, lookup: Lookup, desks: Desks, outbox: Outbox, flow: Flow, outside: Outside) -> bool:
    """False: something that speaks of them came in the meantime. Raises OutboxFault, sqlite3.Error."""
    traces, gone = Traces(order.leaving), Counter[str]()
    await lookup.memory.erase(order.leaving)
    for _ in range(PASSES):
        found = await outbox.speaking(traces)
        if not found and gone["passes"]:
            log.info("erased", order=order.no, events=gone["events"], calls=gone["calls"])
            return True
        calls = {call: level for call, level in found.items() if call is not None}
        desks.erase(calls)
        flow.erase(calls)
        outside.erase(calls)
        gone += await outbox.erase(traces, calls)
        gone["passes"] += 1
    return False


def _index_has_followed(lookup: Lookup) -> bool:
    """Is nothing older in memory than the small tables, which came behind the orders?"""
    index = lookup.index
    return index is None or index.of is None or index.of >= lookup.snapshot().version
