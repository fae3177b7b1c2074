"""One Chromium for all tests of a worker: its start costs more than most of what is asked of it.

Comes in: a folder. Goes out: an endpoint, to which each test connects with a driver of its own. What a test opens is a
context of its own and is closed with its connection, so that no test finds what another one left.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from playwright._impl._driver import compute_driver_executable  # `python -m playwright` passes no signal on

from tests.peers.chromium import START_TIMEOUT, launching
from tests.peers.process import Process

_GRACE = 10.0


class ChromiumServer:
    def __init__(self, folder: Path) -> None:
        config = folder / "chromium.json"
        config.write_text(json.dumps({"host": "127.0.0.1", **launching()}), encoding="utf-8")
        command = [*compute_driver_executable(), "launch-server", "--browser", "chromium", "--config", str(config)]
        self.process = Process(command, log=folder / "chromium.log")

    @property
    def endpoint(self) -> str:
        """Empty until it serves."""
        return next((line for line in self.process.output().splitlines() if line.startswith("ws://")), "")

    def start(self) -> None:
        self.process.start()
        asyncio.run(self.process.ready(lambda: bool(self.endpoint), "its address stands there", START_TIMEOUT))

    def stop(self) -> None:
        """By SIGTERM: the browser is in a group of its own, and the server ends it."""
        asyncio.run(self.process.stop(_GRACE))
