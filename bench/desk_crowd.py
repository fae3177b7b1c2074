"""Many desks in one process (`python -m bench.desk_crowd`): they read, sleep, and come back when they are told to.

All clocks are this machine's monotonic one: `offset` is what the server added to it for the time of an event.
"""

import argparse
import asyncio
import random
import socket
import statistics
import time
from array import array
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.desk_client import Desk, Wire, advised
from bench.desk_process import obey, run, say

SMALL = 4096
"""Bytes that the kernel takes for a desk which may fall asleep: else it would be minutes before anybody noticed."""
TOO_SLOW = 4008
_LONGEST_WAIT = 20.0


class Crowd:
    def __init__(self, tokens: list[str], port: int, offset: float, source: str, *, bare: bool, small: bool) -> None:
        self._desks = [Desk(token) for token in tokens]
        self._port, self._offset, self._source = port, offset, source
        self._bare, self._small = bare, small
        self._behind = 0
        self._asleep = False
        self._ends: Counter[str] = Counter()
        self._first_end = self._last_live = 0.0
        self._took: dict[str, array[float]] = {}
        self._bucket: array[float] | None = None
        self._failures: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- what is asked -------------------------------------------------------------------------------------------------

    async def open(self, rate: float, count: int | None = None) -> dict[str, Any]:
        """Signs in the first so many, at so many a second; answers when all are live."""
        begin = time.monotonic()
        places = range(len(self._desks) if count is None else count)
        for done, place in enumerate(place for place in places if self._desks[place].wire is None):
            await asyncio.sleep(max(0.0, begin + done / rate - time.monotonic()))
            self._start(place, 0.0)
        await self.live(len(places), 300)
        return {"took": self._last_live - begin, **self._tally()}

    async def live(self, count: int, within: float) -> dict[str, Any]:
        """Waits until so many are live. since_end: seconds from the first end of a connection until then."""
        await _until(lambda: self._live() >= count, within)
        return {"live": self._live(), "since_end": self._last_live - self._first_end}

    async def level(self, newest: list[int], within: float) -> dict[str, Any]:
        """Waits until each has its newest event. missing: events that are not there by then."""
        await _until(lambda: not self._missing(newest), within)
        return {"missing": self._missing(newest), **self._tally()}

    async def sleep(self) -> dict[str, Any]:
        """Nobody reads any more."""
        self._asleep = True
        for wire in self._wires():
            wire.transport.pause_reading()
        return {}

    async def wake(self) -> dict[str, Any]:
        self._asleep = False
        for wire in self._wires():
            wire.transport.resume_reading()
        return {}

    async def measure(self, bucket: str | None) -> dict[str, Any]:
        """From now on how long frames take goes there; None: nowhere."""
        self._bucket = None if bucket is None else self._took.setdefault(bucket, array("d"))
        return {}

    async def figures(self) -> dict[str, Any]:
        """By bucket: frames, and milliseconds."""
        return {bucket: _percentiles(took) for bucket, took in self._took.items()}

    async def forget(self, behind: int) -> dict[str, Any]:
        """Counts anew; who comes back from now on lacks so many events more than he heard."""
        self._behind = behind
        self._ends.clear()
        self._first_end = self._last_live = 0.0
        for desk in self._desks:
            desk.heard = desk.lost = desk.twice = desk.resumed = desk.snapshots = 0
        return {}

    # -- connections ---------------------------------------------------------------------------------------------------

    def _start(self, place: int, wait: float) -> None:
        task = asyncio.create_task(self._connect(place, wait))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, place: int, wait: float) -> None:
        await asyncio.sleep(wait)
        desk, loop = self._desks[place], asyncio.get_running_loop()
        ours = socket.socket()
        ours.setblocking(False)
        if self._small:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        try:
            ours.bind((self._source, 0))
            await loop.sock_connect(ours, ("127.0.0.1", self._port))
        except OSError as error:
            ours.close()
            self._ended(place, 0, type(error).__name__)
            return
        wire = desk.wire = Wire(
            lambda: self._opened(desk), lambda text: self._heard(desk, text), lambda *end: self._ended(place, *end)
        )
        await loop.create_connection(lambda: wire, sock=ours)

    def _opened(self, desk: Desk) -> None:
        if self._bare:
            desk.live = True
            self._last_live = time.monotonic()
        else:
            desk.sign_in(self._behind)

    def _heard(self, desk: Desk, text: bytes) -> None:
        arrived, was_live = time.monotonic(), desk.live
        told_at = desk.take(text)
        if desk.live and not was_live:
            self._last_live = arrived
        if told_at is not None and self._bucket is not None:
            self._bucket.append(arrived + self._offset - told_at.timestamp())

    def _ended(self, place: int, code: int, reason: str) -> None:
        """As the page does: at once where it was too slow, as advised, or else later each time."""
        desk, advice = self._desks[place], advised(reason)
        self._first_end = self._first_end or time.monotonic()
        desk.live = False
        self._ends[f"{code}{'' if advice is None else ' with advice'}"] += 1
        self._failures[place] = self._failures[place] + 1 if code == 0 else 1
        patience = min(_LONGEST_WAIT, 2.0 ** self._failures[place]) * random.uniform(0.25, 1.0)
        self._start(place, 0.0 if code == TOO_SLOW else patience if advice is None else advice)

    def _wires(self) -> list[Wire]:
        return [desk.wire for desk in self._desks if desk.wire is not None and not desk.wire.transport.is_closing()]

    # -- counts --------------------------------------------------------------------------------------------------------

    def _missing(self, newest: list[int]) -> int:
        return sum(max(0, last - desk.sequence) for desk, last in zip(self._desks, newest, strict=False))

    def _live(self) -> int:
        return sum(desk.live for desk in self._desks)

    def _tally(self) -> dict[str, Any]:
        keys = ("live", "heard", "lost", "twice", "resumed", "snapshots")
        return {key: sum(getattr(desk, key) for desk in self._desks) for key in keys} | {"ends": dict(self._ends)}


async def _until(done: Callable[[], bool], within: float) -> None:
    """Or until the time is up: what is missing then is a figure, and no fault."""
    give_up = time.monotonic() + within
    # Polled: with an event each frame would cost a look at all desks, on the client that is measured with.
    while not done() and time.monotonic() < give_up:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def _percentiles(seconds: "array[float]") -> dict[str, float]:
    if len(seconds) < 2:
        return {"frames": len(seconds)}
    cuts = statistics.quantiles(seconds, n=100)
    return {"frames": len(seconds)} | {f"p{n}": 1000 * cuts[n - 1] for n in (50, 95, 99)}


async def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.desk_crowd")
    parser.add_argument("tokens", type=Path, help="one a line")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--offset", type=float, default=0.0)
    parser.add_argument("--bare", action="store_true", help="nobody signs in")
    parser.add_argument("--small", action="store_true", help="with a small buffer in the kernel")
    args = parser.parse_args()
    tokens = args.tokens.read_text(encoding="ascii").split()[args.first : args.last]
    source = f"127.0.0.{2 + args.first // 5000}"
    crowd = Crowd(tokens, args.port, args.offset, source, bare=args.bare, small=args.small)
    say(desks=len(tokens))
    acts = (
        crowd.open, crowd.live, crowd.level, crowd.sleep, crowd.wake, crowd.measure, crowd.figures,
        crowd.forget,
    )  # fmt: skip
    await obey({act.__name__: act for act in acts})


if __name__ == "__main__":
    run(main)
