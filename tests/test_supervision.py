"""systemd hears that we live, and each change of how we are once."""

import asyncio

from ctibridge.health import Health
from ctibridge.sd_notify import Notifier
from ctibridge.supervision import keep_reporting


class Told(Notifier):
    def __init__(self) -> None:
        super().__init__(None, 0.001)
        self.said: list[str] = []
        self.more = asyncio.Event()

    def _say(self, text: str) -> None:
        self.said.append(text)
        self.more.set()

    async def alive_again(self) -> None:
        """Twice: what changed before is said by then."""
        for _ in range(2):
            count = self.said.count("WATCHDOG=1")
            while self.said.count("WATCHDOG=1") == count:
                self.more.clear()
                await self.more.wait()


async def test_each_state_is_said_once_and_life_all_the_time() -> None:
    notifier, health = Told(), Health()
    reporting = asyncio.create_task(keep_reporting(notifier, health))
    await notifier.alive_again()
    health.started()
    await notifier.alive_again()
    health.ill("outbox", "events cannot be stored: disk full")
    await notifier.alive_again()
    reporting.cancel()
    assert [word for word in notifier.said if word != "WATCHDOG=1"] == [
        "STATUS=starting", "STATUS=ready", "STATUS=events cannot be stored: disk full",
    ]  # fmt: skip
