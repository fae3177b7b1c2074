"""A real daemon with its PBX, its desks and its callers, on one record: what a fault is played on.

::

    async with Bridge.open(loopback) as bridge:      # directory imported, process ready, lines up, desks connected
        async with bridge.callers(rate=100):         # calls a second, over all lines and customers
            await asyncio.sleep(0.4)                 # any moment of the load
            bridge.kill()                            # SIGKILL; the callers go on
            await bridge.start()                     # the next process, until READY=1
            await bridge.up()                        # its lines are registered, the desks are back
        await bridge.finish()                        # every caller has hung up, every desk has heard all
    assert bridge.complaints() == []

`LINES` says who sits where. `record` and `judge` say what is written down, and what is owed. `bridge.environment` is
added to that of the next process. `bridge.daemon` is the daemon of the other tests, with its commands.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from tests.e2e.daemon import Daemon, TrunkOf
from tests.faults.pbx import Pbx
from tests.faults.record import Life, Looked
from tests.faults.seat import Seat
from tests.faults.world import World
from tests.peers.notify_socket import NotifySocket
from tests.peers.ports import Loopback, host_port
from tests.peers.process import until
from tests.peers.space import Space

LINES: dict[str, list[str]] = {"6001": ["ana"], "6002": ["ben"], "6003": ["chloe"], "6004": ["ana"]}
DATABASES = ("ctibridge.db", "desks.db")
STARTS_WITHIN = 30.0
TOKEN = ("--days", "3")
"""Of a desk's: the clock may jump by a day."""


class Bridge(World):
    """record: all that was seen. environment, watchdog: of the next process and its unit (WatchdogSec=)."""

    def __init__(self, folder: Path, loopback: Loopback, lines: Mapping[str, Sequence[str]], chance: int) -> None:
        super().__init__(lines, chance)
        self.environment: dict[str, str] = {}
        self.watchdog: float | None = None
        self.folder = folder
        self._loopback = loopback

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        loopback: Loopback,
        lines: Mapping[str, Sequence[str]] = LINES,
        *,
        chance: int = 1,
        grants: int = 3600,
        watchdog: float | None = None,
        environment: Mapping[str, str] | None = None,
        ring_expiry: int = 90,
        space: Space | None = None,
    ) -> AsyncIterator[Self]:
        """grants: seconds for which the PBX lets a line in. ring_expiry: the trunk's, in seconds. space: the daemon's
        network, at whose cable are PBX and desks. The folder's name is short, as a socket of systemd's has to fit in
        108 characters."""
        with tempfile.TemporaryDirectory(prefix="cti-") as folder:
            bridge = cls(Path(folder), loopback, lines, chance)
            bridge.watchdog, bridge.environment = watchdog, dict(environment or {})
            try:
                await bridge._begin(grants, ring_expiry, space)
                yield bridge
            finally:
                await bridge._close()

    async def _begin(self, grants: int, ring_expiry: int, space: Space | None) -> None:
        host = space.ours if space else self._loopback.address()
        self.pbx = await Pbx.listen(self.record, self.lines, host, self._loopback.port(host))
        self.pbx.grants, self.pbx.ring_expiry = grants, ring_expiry
        registrar = f"sip:{host_port(*self.pbx.address)}"
        more = {"ring_expiry": f"{ring_expiry}s"}
        trunk = TrunkOf(registrar, self.lines, more=more)
        self.daemon = Daemon(self.folder / "d", self._loopback, trunk, space=space)
        self._notify = NotifySocket(self.folder / "0")
        await asyncio.to_thread(self.daemon.fill)
        agents = dict.fromkeys(agent for some in self.lines.values() for agent in some)
        for agent in agents:  # one by one: what the command prints is taken from the whole process
            token = await asyncio.to_thread(self.daemon.token, agent, *TOKEN)
            self.seats[agent] = Seat(agent, self.daemon.web, token, self.record, self._links)
        await self.start()
        self.sit()
        await self.up()

    async def _close(self) -> None:
        await self.leave()
        if hasattr(self, "pbx"):
            await self.pbx.close()
        if hasattr(self, "daemon"):
            self.daemon.close()
            self._notify.close()

    # -- processes -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """The next process; returns when it has said READY=1."""
        self.launch()
        await self.notify.hears("READY=1", STARTS_WITHIN)
        ready = time.monotonic()
        ran, waited = processors(self.daemon.process.pid)
        self._life(ready=ready, queued=max(0.0, min(waited, ready - self.record.lives[-1].began - ran)))

    def launch(self) -> None:
        """Does not wait for it."""
        self.pbx.next_process()
        self._notify.close()
        self._notify = NotifySocket(self.folder / str(self.pbx.life), self.watchdog)
        self.daemon.environment = self.environment | self._notify.environment
        self.record.lives.append(Life(time.monotonic()))
        self.daemon.launch()

    @property
    def notify(self) -> NotifySocket:
        """Of the process that runs."""
        return self._notify

    async def up(self, timeout: float = 30.0) -> None:
        """All lines are registered by this process, and all desks connected and caught up."""
        await until(lambda: all(map(self.pbx.up, self.lines)), "every line registered", timeout)
        await until(lambda: all(seat.live for seat in self.seats.values()), "every desk back", timeout)

    def kill(self) -> None:
        """SIGKILL; the process is gone when this returns."""
        self._life(ended=time.monotonic())
        self.daemon.close()

    async def abort(self) -> None:
        """SIGABRT, as systemd does it when the watchdog was not fed."""
        self._life(ended=time.monotonic())
        os.kill(self.daemon.process.pid, signal.SIGABRT)
        assert await self.daemon.process.wait() == -signal.SIGABRT
        self.daemon.close()

    async def stop(self) -> None:
        """SIGTERM, and it says goodbye."""
        os.kill(self.daemon.process.pid, signal.SIGTERM)
        await self.daemon.process.wait()
        self._life(ended=time.monotonic())
        self.daemon.close()

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """The process does nothing in here: whoever sees to that has done it. Calls that come meanwhile are owed only
        what they are told."""
        number, began = len(self.record.lives) - 1, time.monotonic()
        try:
            yield
        finally:
            life = self.record.lives[number]
            self.record.lives[number] = replace(life, pauses=(*life.pauses, (began, time.monotonic())))

    def _life(self, **now: object) -> None:
        self.record.lives[-1] = replace(self.record.lives[-1], **now)  # type: ignore[arg-type]

    def look_into_databases(self) -> None:
        """`PRAGMA integrity_check` of copies: the daemon shall do by itself what has to be done after a kill."""
        state = self.folder / "d" / "state"
        with tempfile.TemporaryDirectory(prefix="cti-copy-") as folder:
            for name in DATABASES:
                for file in state.glob(f"{name}*"):
                    shutil.copy(file, folder)
                database = sqlite3.connect(Path(folder) / name)
                said = database.execute("PRAGMA integrity_check").fetchall()
                database.close()
                self.record.looked.append(Looked(f"{name} is whole", time.monotonic(), said == [("ok",)], always=True))


def processors(pid: int) -> tuple[float, float]:
    """Seconds in which its threads ran, and in which they could have run and others did (Linux, sched-stats.rst)."""
    ran = waited = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has ended
            each = (task / "schedstat").read_text().split()
            ran, waited = ran + int(each[0]), waited + int(each[1])
    return ran / 1e9, waited / 1e9
