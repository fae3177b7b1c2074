"""systemd hears that we live while all of it does, and each change of how we are once."""

import asyncio
from collections.abc import Mapping

from ctibridge.health import Health
from ctibridge.liveness import Liveness
from ctibridge.lookup.progress import Progress
from ctibridge.sd_notify import Notifier
from ctibridge.supervision import Supervision, upgrading

ALIVE = "WATCHDOG=1"


class Told(Notifier):
    def __init__(self) -> None:
        super().__init__(None, 0.001)
        self.said: list[str] = []

    def _say(self, text: str) -> None:
        self.said.append(text)

    def take(self) -> list[str]:
        said, self.said = self.said, []
        return said


class Watched:
    """One part that may stand still, and remarks."""

    def __init__(self) -> None:
        self.notifier, self.health = Told(), Health()
        self.still: str | None = None
        self.remarks: Mapping[str, str] = {}
        liveness = Liveness(self.health, {"writer": lambda: self.still})
        self.supervision = Supervision(self.notifier, self.health, liveness, lambda: self.remarks)

    def said(self) -> list[str]:
        """At the next word."""
        self.supervision.report()
        return self.notifier.take()


def test_each_state_is_said_once_and_life_all_the_time() -> None:
    watched = Watched()
    assert watched.said() == [ALIVE, "STATUS=starting"]
    watched.health.started()
    assert watched.said() == [ALIVE, "STATUS=ready"]
    assert watched.said() == [ALIVE]
    watched.health.ill("outbox", "events cannot be stored: disk full")
    assert watched.said() == [ALIVE, "STATUS=events cannot be stored: disk full"]


def test_what_stands_still_feeds_no_watchdog_and_says_why() -> None:
    watched = Watched()
    watched.health.started()
    assert watched.said() == [ALIVE, "STATUS=ready"]
    watched.still = "the writer waits for the disk"
    assert watched.said() == ["STATUS=the writer waits for the disk"]
    assert watched.said() == []
    watched.still = None
    assert watched.said() == [ALIVE, "STATUS=ready"]


def test_a_remark_is_said_as_long_as_it_holds() -> None:
    watched = Watched()
    watched.health.started()
    watched.remarks = {"trunk a": "trunk a: 0 of 1 lines heard", "trunk b": "trunk b: 1 of 2 lines heard"}
    assert watched.said() == [ALIVE, "STATUS=ready; trunk a: 0 of 1 lines heard; trunk b: 1 of 2 lines heard"]
    watched.remarks = {"trunk b": "trunk b: 0 of 2 lines heard"}
    assert watched.said() == [ALIVE, "STATUS=ready; trunk b: 0 of 2 lines heard"]
    assert watched.health.remarks() == ["trunk b: 0 of 2 lines heard"]
    watched.remarks = {}
    assert watched.said() == [ALIVE, "STATUS=ready"]


async def test_it_goes_on_by_itself() -> None:
    watched = Watched()
    running = asyncio.create_task(watched.supervision.run())
    async with asyncio.timeout(5):
        while watched.notifier.said.count(ALIVE) < 3:  # noqa: ASYNC110 - it says so to nobody else
            await asyncio.sleep(0)
    running.cancel()


def test_an_upgrade_asks_for_more_time_each_time_that_it_is_told_of() -> None:
    notifier = Told()
    upgrading(notifier, Progress("upgrading the store", 3, 17, 1_000))
    upgrading(notifier, Progress("waiting for another process", 1, None, 0))
    assert notifier.said == [
        "EXTEND_TIMEOUT_USEC=1800000000", "STATUS=upgrading the store: 3/17",
        "EXTEND_TIMEOUT_USEC=1800000000", "STATUS=waiting for another process",
    ]  # fmt: skip
