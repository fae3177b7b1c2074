"""The stranger with a scanner: SIPVicious, which looks for SIP devices (svmap) and for lines on one (svwar).

Comes in: what to scan. Goes out: what it found, and how much went to and fro. It scans through a relay with an address
of its own, which counts the datagrams, since its own report tells nothing of them; the scanned one sees the relay's
address as that of the stranger.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.peers.loss import LossyWire, Quality
from tests.peers.ports import Loopback
from tests.peers.process import Process

_ROW = re.compile(r"^\| (?P<what>\S.*?) +\| (?P<said>\S.*?) +\|$", re.MULTILINE)
_HEADINGS = ("SIP Device", "Extension")
_PATIENCE = 1  # seconds without an answer until svwar gives up; it and svmap wait 3 s more for stragglers


@dataclass(frozen=True, slots=True)
class Scan:
    """One run to its end."""

    found: dict[str, str]  # device or line → User-Agent, or what registering there needs
    sent: int  # datagrams towards the scanned one
    answered: int  # datagrams that came back
    source: str  # the stranger's address as the scanned one sees it
    output: str  # what the program printed


class Sipvicious:
    """The scanners; each run ends by itself after about 3 s."""

    def __init__(self, directory: Path, loopback: Loopback, started: Callable[[Process], None] | None = None) -> None:
        self._directory = directory
        self._loopback = loopback
        self._started = started  # told of each process, so that a failing test can show its log
        self._runs: list[Process] = []
        self._numbers = itertools.count(1)

    async def svmap(
        self,
        host: str,
        port: int,
        *,
        method: Literal["OPTIONS", "INVITE", "REGISTER"] = "OPTIONS",
        timeout: float = 20.0,
    ) -> Scan:
        """Is there a SIP device? `found` names it by the relay's address if it answers."""
        return await self._run("svmap", ["-m", method], host, port, timeout)

    async def svwar(
        self,
        host: str,
        port: int,
        extensions: str = "6000-6010",
        *,
        method: Literal["REGISTER", "OPTIONS", "INVITE"] = "REGISTER",
        timeout: float = 20.0,
    ) -> Scan:
        """Which lines are there? It asks for one that cannot be first, and gives up where nobody answers that."""
        asked = ["-m", method, "-e", extensions, "--force", f"--maximumtime={_PATIENCE}"]
        return await self._run("svwar", asked, host, port, timeout)

    def close(self) -> None:
        for process in self._runs:
            process.kill()

    async def _run(self, program: str, asked: list[str], host: str, port: int, timeout: float) -> Scan:
        home = self._directory / f"run{next(self._numbers)}"  # it keeps its sessions there
        home.mkdir(parents=True)
        own = self._loopback.address()
        async with LossyWire(self._loopback, (host, port), Quality()) as relay:
            command = [program, *asked, "-b", own, "-x", own, "-p", str(relay.port), relay.address]
            process = Process(command, log=home / f"{program}.log", env={**os.environ, "HOME": str(home)})
            self._runs.append(process)
            if self._started is not None:
                self._started(process)
            process.start()
            await process.wait(timeout)
            output = process.output()
            found = {row["what"]: row["said"] for row in _ROW.finditer(output) if row["what"] not in _HEADINGS}
            return Scan(found, relay.up.seen, relay.down.seen, relay.address, output)
