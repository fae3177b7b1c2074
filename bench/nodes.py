"""`python -m bench.nodes`: what several nodes cost: a pop at a screen of another node, and the processor for each call.

One node without others, then two joined by a Redis, each time the same calls through the PBX of the tests. Every desk
has a screen at each node, so each pop is timed at its desk's own node and at the other one in the same run. How much
two nodes can carry is told from the processor time of both: callers of this process cannot fill two cores.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from ctibridge.clocks import new_event_loop
from ctibridge.cluster import lots
from tests.cluster.house import House, Node
from tests.faults.record import RINGING, Record
from tests.faults.seat import Seat
from tests.peers.cable import Cable
from tests.peers.ports import Loopback
from tests.peers.process import until
from tests.peers.redis import RedisServer

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds from INVITE to pop, at the desk's own node and at another; processor microseconds for each call, of
    all nodes together."""

    calls: int
    own: tuple[float, ...]
    other: tuple[float, ...]
    cpu_us: float


class Watched(House):
    """Screens of every agent at every node, each node's into a record of its own. Nothing stands between a node and
    its Redis."""

    url: str | None = None

    def _joins(self, cable: Cable) -> str:
        return "" if self.url is None else f'\n[redis]\nurl = "{self.url}"\n'

    async def _seat(self) -> None:
        self.seen = {name: Record() for name in self.nodes}
        await super()._seat()
        tokens = {agent: seat._token for agent, seat in self.seats.items()}
        self.seats = {
            f"{agent}/{name}": Seat(agent, node.daemon.web, token, self.seen[name], self._links)
            for name, node in self.nodes.items()
            for agent, token in tokens.items()
            if "@" not in agent
        }


async def measure(nodes: int, calls: int, rate: float, url: str | None) -> Figures:
    async with AsyncExitStack() as stack:
        loopback = stack.enter_context(Loopback())
        Watched.url = url
        house = await stack.enter_async_context(Watched.open(loopback, ("127.0.0.1", 1), nodes))
        await house.shared()
        before = sum(map(_ticks, house.nodes.values()))
        async with house.callers(rate):
            await until(lambda: len(house.record.sent) >= calls, "all calls", 60 + 3 * calls / rate)
        await until(lambda: not house.pbx.waiting, "every caller gone", 30)
        spent = sum(map(_ticks, house.nodes.values())) - before
        own, other = _took(house)
        return Figures(len(house.record.sent), own, other, spent / TICKS * 1e6 / len(house.record.sent))


def _ticks(node: Node) -> int:
    words = Path(f"/proc/{node.daemon.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


def _took(house: Watched) -> tuple[tuple[float, ...], tuple[float, ...]]:
    sent = {one.call: one.at for one in house.record.sent}
    weights = dict.fromkeys(house.nodes, 1.0)
    own, other = list[float](), list[float]()
    for name, record in house.seen.items():
        for event in record.events:
            if event.type == RINGING and event.call in sent:
                home = lots.ranked(lots.of_agent(event.desk), weights)[0]
                (own if home == name else other).append(1000 * (event.at - sent[event.call]))
    return tuple(own), tuple(other)


def row(name: str, took: Iterable[float]) -> str:
    times = list(took)
    cuts = statistics.quantiles(times, n=100)
    return f"{name:34} {len(times):7} {cuts[49]:9.3f} {cuts[98]:9.3f}"


async def report(args: argparse.Namespace) -> None:
    alone = await measure(1, args.calls, args.rate, None)
    with tempfile.TemporaryDirectory(prefix="cti-") as folder, Loopback() as loopback:
        redis = RedisServer(Path(folder), loopback)
        await redis.start()
        try:
            two = await measure(2, args.calls, args.rate, redis.url)
        finally:
            redis.kill()
    sys.stdout.write(f"{'pop':34} {'screens':>7} {'p50 ms':>9} {'p99 ms':>9}\n")
    for name, took in (("one node", alone.own), ("two, at the desk's own", two.own), ("two, at the other", two.other)):
        sys.stdout.write(row(name, took) + "\n")
    behind = statistics.median(two.other) - statistics.median(two.own)
    capacity = 2 * alone.cpu_us / two.cpu_us
    sys.stdout.write(f"the other node is {behind:.3f} ms behind the desk's own (median)\n")
    sys.stdout.write(f"processor for each call: one {alone.cpu_us:.0f} us, both {two.cpu_us:.0f} us; ")
    sys.stdout.write(f"two nodes carry {capacity:.2f} times what one does\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.nodes", description=__doc__)
    parser.add_argument("--calls", type=int, default=1500, help="calls for each of the two (default 1500)")
    parser.add_argument("--rate", type=float, default=50, help="calls a second (default 50)")
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(report(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
