"""Lets the daemon be scraped, and watches what nobody tells: the loop and the disk."""

import asyncio
import time
from pathlib import Path

from ctibridge.metrics.collector import Collector, Rooms
from ctibridge.metrics.disk import Disk
from ctibridge.metrics.exposition import Exposition
from ctibridge.metrics.loop_lag import LoopLag

__all__ = ["Rooms", "measure"]


async def measure(rooms: Rooms, folder: Path, store: Path) -> None:
    """Until it is cancelled. folder: state_dir; store: the directory's file in it."""
    lag, disk = LoopLag(time.monotonic), Disk(folder, store)
    rooms.web.http.scrape = Exposition(Collector(rooms, lag, disk), time.monotonic).answer
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(lag.watch())
        tasks.create_task(disk.watch())
