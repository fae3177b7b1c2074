"""Screens in a process of their own (`python -m bench.node_screens`): they note when each pop came, and nothing else.

The monotonic clock is the machine's, so that its times stand beside those of the process that rang.
"""

import asyncio
import re
import sys
import time
from typing import Any

import msgspec

from bench.desk_client import Wire
from bench.desk_process import obey, run, say

_CALL = re.compile(rb'"display_name": ?"call (\d+)"')
LIVE_WITHIN = 20.0
AGAIN = 0.3
"""Seconds."""
CUT = 1006
"""By ourselves."""


class Screen:
    """seen: when each call came first, by its number (time.perf_counter seconds)."""

    def __init__(self, token: str, host: str, port: int, seen: dict[int, float]) -> None:
        self._token, self._place, self._seen = token, (host, port), seen
        self._is_live = False
        self._turn = asyncio.Event()

    async def open(self) -> None:
        """Until it is live; its desk may still be between two nodes."""
        while not self._is_live:
            self._turn.clear()
            self.wire = Wire(self._opened, self._heard, self._ended)
            await asyncio.get_running_loop().create_connection(lambda: self.wire, *self._place)
            await self._turn.wait()

    def _opened(self) -> None:
        self.wire.send(msgspec.json.encode({"type": "auth", "token": self._token}))

    def _heard(self, text: bytes) -> None:
        arrived = time.perf_counter()
        found = _CALL.search(text)
        if found is not None:
            self._seen.setdefault(int(found[1]), arrived)
        if not self._is_live:
            self._is_live = True
            self._turn.set()

    def _ended(self, code: int, reason: str) -> None:
        if self._is_live and code != CUT:
            print("a screen was closed:", code, reason, file=sys.stderr, flush=True)
        asyncio.get_running_loop().call_later(AGAIN, self._turn.set)


class Screens:
    def __init__(self) -> None:
        self._screens: dict[str, list[Screen]] = {}
        self._seen: dict[str, dict[int, float]] = {}

    async def open(self, group: str, screens: list[tuple[str, str, int]]) -> dict[str, Any]:
        """screens: token, host, port of each. Answers when all are live."""
        seen = self._seen.setdefault(group, {})
        opened = [Screen(*screen, seen) for screen in screens]
        async with asyncio.timeout(LIVE_WITHIN):
            await asyncio.gather(*(screen.open() for screen in opened))
        self._screens.setdefault(group, []).extend(opened)
        return {"live": len(opened)}

    async def close(self, group: str) -> dict[str, Any]:
        for screen in self._screens.pop(group, ()):
            screen.wire.transport.abort()
        return {}

    async def seen(self, group: str) -> dict[str, Any]:
        """What this group saw since it was asked last."""
        seen = self._seen.get(group, {})
        found = {str(call): at for call, at in seen.items()}
        seen.clear()
        return found


async def main() -> None:
    screens = Screens()
    say(ready=True)
    await obey({"open": screens.open, "close": screens.close, "seen": screens.seen})


if __name__ == "__main__":
    run(main)
