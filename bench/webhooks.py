"""`python -m bench.webhooks`: how long after a frame its webhook is at the receiver, and how many a second.

The outbox as the daemon opens it, on this disk, and a receiver on loopback in the same process: what is measured is
ours, its writing included, and no network.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ctibridge.delivery.adapters.outbox import OutboxSettings
from tests.delivery.adapters.hooked import Hooked, hooked, settings
from tests.peers.receiver import Receiver, receiver

EVENTS, DESKS, BURST = 300, 100, 30
APART = 0.05
"""Seconds."""


async def lags(one: Hooked, to: Receiver) -> list[float]:
    """Milliseconds, one event at a time; kept in the same turn of the loop in which its frame is sent."""
    told = []
    for number in range(1, EVENTS + 1):
        told.append(time.monotonic())
        one.tell(number, number)
        await asyncio.sleep(APART)
    await to.has(EVENTS, 60)
    return sorted((came.at - at) * 1000 for came, at in zip(to.came, told, strict=True))


async def rate(one: Hooked, to: Receiver) -> float:
    """Events a second, of many desks at once."""
    before, began = len(to.came), time.monotonic()
    for desk in range(DESKS):
        one.tell(1, BURST, f"desk{desk}")
    await to.has(before + DESKS * BURST, 120)
    return DESKS * BURST / (time.monotonic() - began)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with receiver() as to, hooked(Path(folder), settings(to.url), keep=OutboxSettings()) as one:
            found = await lags(one, to)
            p50, p99 = statistics.median(found), found[len(found) * 99 // 100]
            print(
                f"frame to receiver: p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {found[-1]:.1f} ms ({EVENTS} events)"
            )
            print(f"{DESKS} desks, {BURST} events each: {await rate(one, to):.0f} a second")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
