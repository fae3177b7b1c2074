"""systemd's end of sd_notify(3): the socket that a Type=notify service speaks to, and the watchdog that bites.

Comes in: the datagrams of one service. Goes out: what it said, in order, and whether systemd would have ended it. It
reads while somebody waits here: the kernel keeps a few datagrams (net.unix.max_dgram_qlen) and then refuses more.
"""

import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.process import until


class NotifySocket:
    """path: where it listens. watchdog: seconds that systemd allows between two WATCHDOG=1 (WatchdogSec=), None where
    it watches nothing. said: every datagram so far."""

    def __init__(self, path: Path, watchdog: float | None = None) -> None:
        self.said: list[str] = []
        self._path = path
        self._watchdog = watchdog
        self._fed = time.monotonic()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    @property
    def environment(self) -> dict[str, str]:
        """What systemd adds to the service's."""
        watched = {} if self._watchdog is None else {"WATCHDOG_USEC": str(int(self._watchdog * 1e6))}
        return {"NOTIFY_SOCKET": str(self._path)} | watched

    @property
    def status(self) -> str:
        """The newest STATUS=, which `systemctl status` shows; empty before the first."""
        self.read()
        return self._values("STATUS")[-1] if self._values("STATUS") else ""

    def read(self) -> None:
        """Takes what has come since."""
        while True:
            try:
                datagram = self._socket.recv(65536)
            except BlockingIOError:
                return
            self.said.append(datagram.decode())
            if "WATCHDOG=1" in self.said[-1].splitlines():
                self._fed = time.monotonic()

    async def hears(self, assignment: str, timeout: float = 20.0) -> None:
        """One datagram, past or to come, has that line. Raises PeerTimeout."""
        await until(lambda: self._has(assignment), f"{assignment} over {self._path.name}; said: {self.said}", timeout)

    async def fed(self, times: int = 1, timeout: float = 20.0) -> None:
        """WATCHDOG=1 comes that often from now on. Raises PeerTimeout."""
        self.read()
        wanted = self._count() + times
        await until(lambda: self._count() >= wanted, f"{times} WATCHDOG=1", timeout)

    async def says(self, part: str, timeout: float = 20.0) -> None:
        """The status has that in it, now or later. Raises PeerTimeout."""
        await until(lambda: part in self.status, f"a status with {part!r}; said: {self.said}", timeout)

    async def bites(self, timeout: float = 20.0) -> None:
        """The service was silent for longer than the watchdog allows: systemd would end it now. Raises PeerTimeout."""
        await until(self._would_bite, f"no WATCHDOG=1 for {self._watchdog} s", timeout)

    def _would_bite(self) -> bool:
        assert self._watchdog is not None
        self.read()
        return time.monotonic() - self._fed > self._watchdog

    def _has(self, assignment: str) -> bool:
        self.read()
        return any(assignment in datagram.splitlines() for datagram in self.said)

    def _count(self) -> int:
        self.read()
        return len(self._values("WATCHDOG"))

    def _values(self, key: str) -> list[str]:
        lines = (line for datagram in self.said for line in datagram.splitlines())
        return [line.removeprefix(f"{key}=") for line in lines if line.startswith(f"{key}=")]
