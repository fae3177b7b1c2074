"""`python -m bench.crossing`: from one node's word to another one's ear over a Redis on loopback, by what carries it.

Streams as the daemon uses them; pub/sub with the same writer; and both at once, pub/sub for the live frame and a stream
for replay. Blocks alternate, so that whatever else the machine does hits all. Sender and receiver share one process and
one loop, and each has connections of its own.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio.connection import Connection

from ctibridge.clocks import new_event_loop
from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.post import Post
from ctibridge.cluster.adapters.posting import Posting, Waiting
from ctibridge.cluster.adapters.wire import Command
from ctibridge.cluster.keys import Keys
from ctibridge.cluster.settings import Place, RedisAccess, RedisSettings
from tests.peers.ports import Loopback
from tests.peers.process import find_program, until
from tests.peers.redis import RedisServer

BODY = 300
"""Bytes: a ring as the nodes tell it."""
CHANNEL = "{bench}:live"


@dataclass(slots=True)
class Way:
    """say: sends a body; heard: when each number came."""

    name: str
    say: Callable[[bytes], None]
    heard: dict[int, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    @property
    def figures(self) -> tuple[float, float]:
        """p50 and p99, in milliseconds."""
        cuts = statistics.quantiles(self.took, n=100)
        return round(cuts[49], 3), round(cuts[98], 3)

    def hear(self, body: bytes) -> None:
        self.heard[int(body[:12])] = time.perf_counter()


class Publishing(Posting):
    """The same queue and writer, with PUBLISH."""

    def _command(self, one: Waiting) -> Command:
        return ("PUBLISH", CHANNEL, one.entry.body)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.crossing", description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="words a second (default 200)")
    parser.add_argument("--blocks", type=int, default=20, help="of each way (default 20)")
    parser.add_argument("--block", type=int, default=100, help="words of a block (default 100)")
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        print(table(runner.run(measure(args.rate, args.blocks, args.block))))
    return 0


def small() -> dict[str, Any]:
    """A few seconds of it, printed; for `make bench`. Empty where there is no Redis."""
    if find_program("redis-server") is None:
        return {}
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        ways = runner.run(measure(200, 4, 100))
    print(table(ways), flush=True)
    return {way.name: dict(zip(("p50", "p99"), way.figures, strict=True)) for way in ways}


async def measure(rate: int, blocks: int, block: int) -> list[Way]:
    """The ways, with what each word took."""
    with tempfile.TemporaryDirectory(prefix="ctibridge-bench-") as folder, Loopback() as loopback:
        server = RedisServer(Path(folder) / "redis", loopback)
        await server.start()
        try:
            async with _ways(server.url) as ways:
                for number in range(blocks):
                    for way in ways:
                        await _block(way, number * block, block, rate)
        finally:
            server.kill()
    return ways


async def _block(way: Way, first: int, count: int, rate: int) -> None:
    begin, said = time.perf_counter(), dict[int, float]()
    for number in range(first, first + count):
        await asyncio.sleep(max(0.0, begin + (number - first) / rate - time.perf_counter()))
        said[number] = time.perf_counter()
        way.say(b"%012d" % number + bytes(BODY - 12))
    await until(lambda: said.keys() <= way.heard.keys(), "all are heard")
    way.took += [1000 * (way.heard[number] - at) for number, at in said.items()]


@asynccontextmanager
async def _ways(url: str) -> AsyncIterator[list[Way]]:
    settings = RedisSettings(url, prefix="bench")
    redis = Redis(RedisAccess(settings), "bench")
    other = Redis(RedisAccess(RedisSettings(url, prefix="replay")), "bench")
    streams, live, both = (Way(name, _nothing) for name in ("streams", "pub/sub", "pub/sub and a stream"))
    here = Post(redis, "here", "1", _nothing, _nothing)
    there = Post(redis, "there", "1", lambda entry: streams.hear(entry.body), _nothing)
    publishing = Publishing(redis.link(CHANNEL), Keys("bench"), "here", "1")
    replay = Posting(other.link(Keys("replay").all), Keys("replay"), "here", "1")
    streams.say = lambda body: here.say("a", body)
    live.say = lambda body: publishing.put(CHANNEL, "a", body)

    def say_both(body: bytes) -> None:
        live.say(body)
        replay.put(Keys("replay").all, "a", body)

    both.say = say_both

    def published(body: bytes) -> None:
        live.hear(body)
        both.hear(body)

    subscribed = asyncio.Event()
    running = [
        here.run(),
        there.run(),
        publishing.run(),
        replay.run(),
        _subscribe(settings.place, published, subscribed),
    ]
    tasks = [asyncio.create_task(one) for one in running]
    try:
        await asyncio.gather(*(one.wait() for one in (here.listening, there.listening, subscribed)))
        yield [streams, live, both]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _subscribe(place: Place, hear: Callable[[bytes], None], subscribed: asyncio.Event) -> None:
    """On a connection of redis-py, as ours read nothing that was not asked for."""
    connection = Connection(host=place.host, port=place.port, protocol=2)
    await connection.connect()  # type: ignore[no-untyped-call]
    try:
        await connection.send_command("SUBSCRIBE", CHANNEL)
        await connection.read_response()
        subscribed.set()
        while True:
            hear((await connection.read_response())[2])
    finally:
        await connection.disconnect(nowait=True)


def _nothing(_: Any) -> None:
    pass


def table(ways: list[Way]) -> str:
    rows = [f"{'':24}{'p50 ms':>9}{'p99 ms':>9}{'longest':>9}{'words':>8}"]
    for way in ways:
        p50, p99 = way.figures
        rows.append(f"{way.name:24}{p50:9.3f}{p99:9.3f}{max(way.took):9.2f}{len(way.took):8d}")
    return "\n".join([f"one node to another over Redis on loopback; load {os.getloadavg()[0]:.1f}", *rows])


if __name__ == "__main__":
    sys.exit(main())
