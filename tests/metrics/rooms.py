"""Real rooms without a network, as full as somebody likes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from ctibridge.app import App
from ctibridge.config import NodeSettings, Settings
from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.server import DeskSocket
from ctibridge.delivery.adapters.webhook import Wanted, Webhook
from ctibridge.delivery.adapters.webhook_saying import Receiver
from ctibridge.delivery.adapters.webhooks import Running
from ctibridge.delivery.settings import WebSettings
from ctibridge.delivery.webhook_settings import WebhookAccess, WebhookSettings
from ctibridge.delivery.webhooks.pace import Pace
from ctibridge.fields import Secret
from ctibridge.metrics.collector import Collector, Rooms
from ctibridge.metrics.disk import Disk
from ctibridge.metrics.loop_lag import LoopLag
from ctibridge.sip.settings import LineAccess, SelftestSettings, TrunkAccess, TrunkSettings

TEST = SelftestSettings("6099", "0")


@dataclass
class Measured:
    rooms: Rooms
    lag: LoopLag
    disk: Disk

    @property
    def collector(self) -> Collector:
        return Collector(self.rooms, self.lag, self.disk)


@contextmanager
def with_webhook(rooms: Rooms, name: str) -> Iterator[Webhook]:
    """A receiver of webhooks that hears of nothing."""
    settings, access = WebhookSettings(name, "http://127.0.0.1:9/", Secret(file="key")), WebhookAccess("", bytes(32))
    rooms.outside.retune([settings], {name: access})
    assert rooms.outside.webhooks is not None
    webhook = Webhook(cast("Receiver", None), rooms.outbox, Pace(), Wanted(datetime.now(UTC), {}))
    rooms.outside.webhooks.running[name] = Running(settings, access, webhook, cast("asyncio.Task[None]", None))
    yield webhook
    rooms.outside.webhooks.running.clear()


class Waits:
    """A websocket whose kernel takes nothing."""

    blocked = True
    held = 1
    on_blocked = on_writable = on_pong = None


@asynccontextmanager
async def measured(folder: Path, lines: int = 2) -> AsyncIterator[Measured]:
    """One trunk; line N is agent N's. Nothing runs."""
    access = TrunkAccess(tuple(LineAccess(str(n), str(n), "secret", (f"agent{n}",)) for n in range(lines)))
    trunk = TrunkSettings(name="pbx", registrar="sip:127.0.0.9:5099", listen="127.0.0.1:0", selftest=TEST)
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
