"""Real rooms without a network, as full as somebody likes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ctibridge.app import App
from ctibridge.config import NodeSettings, Settings
from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.server import DeskSocket
from ctibridge.delivery.settings import WebSettings
from ctibridge.metrics.collector import Collector, Rooms
from ctibridge.metrics.disk import Disk
from ctibridge.metrics.loop_lag import LoopLag
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings


@dataclass
class Measured:
    rooms: Rooms
    lag: LoopLag
    disk: Disk

    @property
    def collector(self) -> Collector:
        return Collector(self.rooms, self.lag, self.disk)


class Waits:
    """A websocket whose kernel takes nothing."""

    blocked = True
    held = 1
    on_blocked = on_writable = on_pong = None


@asynccontextmanager
async def measured(folder: Path, lines: int = 2) -> AsyncIterator[Measured]:
    """One trunk; line N is agent N's. Nothing runs."""
    access = TrunkAccess(tuple(LineAccess(str(n), str(n), "secret", (f"agent{n}",)) for n in range(lines)))
    trunk = TrunkSettings(name="pbx", registrar="sip:127.0.0.9:5099", listen="127.0.0.1:0")
    app = App(
        Settings(node=NodeSettings("test", folder), web=WebSettings("127.0.0.1:0"), trunk=(trunk,)), {"pbx": access}
    )
    await app.open()
    try:
        yield Measured(app._rooms(), LoopLag(lambda: 0.0), Disk(folder, folder / "ctibridge.db"))
    finally:
        await app._flow.stop()
        await app._closing.aclose()


async def until(is_so: Callable[[], bool]) -> None:
    """What another task or thread brings about."""
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - it has nobody to tell
            await asyncio.sleep(0.001)


def connection(number: int, frames: int = 0) -> Connection:
    """Of a desk that takes nothing, with so many frames in front of it."""

    async def send(_: object) -> None: ...

    made = Connection(number, cast("DeskSocket", Waits()), send, lambda _: None)
    for _ in range(frames):
        made.put(b"{}")
    return made
