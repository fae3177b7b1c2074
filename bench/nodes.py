"""`python -m bench.nodes`: two nodes joined by a Redis beside one that is alone, the same calls in turn.

First how long a pop takes to a screen at its desk's own node and to one at the other node: of the same calls, and
where each desk has one screen; and beside it the same steps by plain sockets, which is what no code of ours can be
quicker than. Then what a call costs: the busier node's processor time for each call of the floor,
beside one node's, one's that has `[redis]` and is alone there, and beside two that know nothing of each other with half
of the lines each: what they carry is twice one's by nature, and they share this machine's cores, caches and noise as
the joined ones do. Last what they carry when
they are full: each node has the same share of a core and is rung more than it can take. Nodes, Redis, PBX and screens
are processes of one machine.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bench.desk_process import running
from bench.node_desks import NODES
from bench.node_floor import NodeFloor, floor
from bench.node_house import House, furnish, house
from bench.node_share import NoShare, shares
from bench.node_stage import OTHER, OWN, Found, Stage, Where, anywhere, both, own, together
from bench.subject import cpu
from ctibridge.calls.register import ROUND_WINDOW
from ctibridge.clocks import new_event_loop
from tests.peers.ports import Loopback
from tests.peers.process import find_program
from tests.peers.redis import RedisServer

ONE, JOINED, APART, TWO = "one", "one joined", "two apart", "two joined"
ALL = ONE, JOINED, APART, TWO
PLAIN = "plain sockets"
HALF = "half at the other"
OVER = 1.3
"""Times what one node alone would carry by what a call costs it."""
FULL_FOR = 3.0
"""Seconds."""
Rounds = Sequence[dict[str, Found]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.nodes", description=__doc__)
    parser.add_argument("--rate", type=float, default=30, help="calls a second at each node, for the pops (default 30)")
    parser.add_argument("--calls", type=int, default=100, help="of a block at each node, for the pops (default 100)")
    parser.add_argument(
        "--busy", type=float, default=200, help="calls a second at each node, for the cost (default 200)"
    )
    parser.add_argument("--block", type=int, default=800, help="of a block at each node, for the cost (default 800)")
    parser.add_argument("--share", type=float, default=0.25, help="of a core, for a node that is full (default 0.25)")
    parser.add_argument("--rounds", type=int, default=5, help="blocks in each set-up (default 5)")
    parser.add_argument("--people", type=int, help="who call in turn (default: so many that each calls once a minute)")
    parser.add_argument("--desks", type=int, default=32, help="a multiple of four (default 32)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(arguments)
    found = report(args)
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 1 if found["lost"] else 0


SMALL = ("--calls", "60", "--block", "300", "--rounds", "2", "--desks", "16")


def small() -> dict[str, Any]:
    """A short one, printed; for `make bench`. Empty where there is no Redis."""
    return report(_parser().parse_args(SMALL)) if find_program("redis-server") else {}


def report(args: argparse.Namespace) -> dict[str, Any]:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        pops, single, costs, full, redis = runner.run(measure(args))
    found = summary(pops, single, costs, full) | {"redis_us": round(redis)}
    print(table(found), flush=True)
    return found


Measured = tuple[Rounds, Rounds, dict[str, Rounds], dict[str, Rounds], float]


async def measure(args: argparse.Namespace) -> Measured:
    """The rounds of pops, with two screens at each desk and with one; those of costs and those of full nodes (none,
    where this machine gives no shares), both by where the screens are; Redis's processor microseconds for each call of
    the first of the costs."""
    async with opened(args.desks, _people(args)) as (stage, redis, plain):
        await stage.warm()
        pops = await _rounds(stage, both, (ONE, TWO), args.rate, args.calls, args.rounds, plain)
        single = await _rounds(stage, anywhere, (TWO,), args.rate, args.calls, args.rounds, plain)
        spent = cpu(redis.process.pid)
        at_own = await _rounds(stage, own, ALL, args.busy, args.block, args.rounds)
        spent = cpu(redis.process.pid) - spent
        mixed = await _rounds(stage, anywhere, ALL, args.busy, args.block, args.rounds)
        alone = statistics.median(one[ONE].busiest for one in at_own)
        full = await _filled(stage, args.share, OVER * 1e6 * args.share / alone, args.rounds)
    calls = sum(one[TWO].calls for one in at_own)
    return pops, single, {OWN: at_own, HALF: mixed}, full, 1e6 * spent / calls


def _people(args: argparse.Namespace) -> int:
    """Who calls again within the minute comes back in the same call: at the rate of the costs nobody does."""
    asked: int | None = args.people
    busy: float = args.busy
    return asked or round(ROUND_WINDOW * len(NODES) * busy)


async def _filled(stage: Stage, share: float, rate: float, rounds: int) -> dict[str, Rounds]:
    nodes = [node.process.pid for one in stage.houses.values() for node in one.nodes.values()]
    try:
        with shares(nodes, share):
            return {
                name: await _rounds(stage, where, ALL, rate, round(FULL_FOR * rate), rounds)
                for name, where in ((OWN, own), (HALF, anywhere))
            }
    except NoShare as why:
        print(f"how much full nodes carry is not measured: {why}", file=sys.stderr, flush=True)
        return {}


@asynccontextmanager
async def opened(desks: int, people: int) -> AsyncIterator[tuple[Stage, RedisServer, NodeFloor]]:
    """All houses at once, so that no block waits for a start."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ctibridge-bench-")))
        loopback = stack.enter_context(Loopback())
        redis = RedisServer(folder / "redis", loopback)
        await redis.start()
        stack.callback(redis.kill)
        plain = stack.enter_context(floor(redis, loopback))
        furnished = await furnish(folder, desks, people, loopback)
        houses = dict[str, House]()
        for name in ALL:
            nodes, url = NODES[:1] if name in {ONE, JOINED} else NODES, redis.url if name in {JOINED, TWO} else ""
            houses[name] = await stack.enter_async_context(house(name, folder, furnished, nodes, loopback, url))
        screens = await stack.enter_async_context(running("bench.node_screens"))
        yield Stage(houses, screens, people), redis, plain


async def _rounds(
    stage: Stage,
    where: Where,
    names: Sequence[str],
    rate: float,
    calls: int,
    rounds: int,
    plain: NodeFloor | None = None,
) -> list[dict[str, Found]]:
    found = []
    async with stage.seated(where):
        for _ in range(rounds):
            found.append(await stage.round(names, rate, calls))
            if plain is not None:
                found[-1][PLAIN] = await asyncio.to_thread(plain.round, where, rate, calls)
    return found


def summary(pops: Rounds, single: Rounds, costs: dict[str, Rounds], full: dict[str, Rounds]) -> dict[str, Any]:
    """Milliseconds; microseconds for each call; ratios of each round, and their median."""
    late = {name: together([one[name] for one in pops]) for name in (ONE, TWO, PLAIN)}
    all_rounds = pops, single, *costs.values(), *full.values()
    everything = [found for rounds in all_rounds for one in rounds for found in one.values()]
    return {
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
        "pop_ms": {
            f"{name}, {place}": {f"p{n}": round(found.at(place, n), 2) for n in (50, 95)}
            | {"pops": len(found.took[place])}
            for name, found in late.items()
            for place in (OWN, OTHER)
        },
        "behind_ms": {name: _behind(name, pops) for name in (TWO, PLAIN)},
        "behind_alone_ms": {name: _behind(name, single) for name in (TWO, PLAIN)},
        "cost": {where: _cost(rounds) for where, rounds in costs.items()},
        "full": {where: _full(rounds) for where, rounds in full.items()},
        "lost": sum(found.lost for found in everything),
    }


def _behind(name: str, rounds: Rounds) -> dict[str, float]:
    return _spread([one[name].at(OTHER, 50) - one[name].at(OWN, 50) for one in rounds])


def _cost(rounds: Rounds) -> dict[str, Any]:
    """capacity: how many times what one node carries; of_joined: one that is joined; beside_apart: how many times one,
    where two that know nothing of each other carry two."""
    whole = {name: together([one[name] for one in rounds]) for name in ALL}
    return {
        "us": {
            name: {"busiest": round(found.busiest), "together": round(found.together)} for name, found in whole.items()
        },
        "capacity": _spread([one[ONE].busiest / one[TWO].busiest for one in rounds]),
        "of_joined": _spread([one[JOINED].busiest / one[TWO].busiest for one in rounds]),
        "beside_apart": _spread([2 * one[APART].busiest / one[TWO].busiest for one in rounds]),
    }


def _full(rounds: Rounds) -> dict[str, Any]:
    """Calls a second of each; how many times one node's; those of two joined, how many times one's that is joined."""
    a_second = {name: round(statistics.median(one[name].carried for one in rounds)) for name in ALL}
    times = {name: _spread([one[name].carried / one[ONE].carried for one in rounds]) for name in ALL[1:]}
    of_joined = _spread([one[TWO].carried / one[JOINED].carried for one in rounds])
    return {"a_second": a_second, "times": times, "of_joined": of_joined}


def _spread(of: Sequence[float]) -> dict[str, float]:
    return {"median": round(statistics.median(of), 2), "least": round(min(of), 2), "most": round(max(of), 2)}


def table(found: dict[str, Any]) -> str:
    rows = [f"two nodes beside one; load {found['load']}", f"{'pop':24}{'p50 ms':>9}{'p95 ms':>9}{'pops':>8}"]
    rows += [f"{name:24}{one['p50']:9.2f}{one['p95']:9.2f}{one['pops']:8d}" for name, one in found["pop_ms"].items()]
    for name, behind in found["behind_ms"].items():
        rows.append(f"{name}: a screen at the other node is {_said(behind)} ms behind its desk's other screen (p50)")
    for name, behind in found["behind_alone_ms"].items():
        rows.append(f"{name}, each desk with one screen: {_said(behind)} ms behind those at their own")
    for where, cost in found["cost"].items():
        us = ", ".join(f"{name} {one['busiest']}" for name, one in cost["us"].items())
        rows.append(f"screens: {where}. Busiest node, us a call: {us}")
        carried = (
            (cost["capacity"], "times one"),
            (cost["of_joined"], "times one joined"),
            (cost["beside_apart"], "beside two apart"),
        )
        rows.append("  two joined carry " + ", ".join(f"{_said(spread)} {beside}" for spread, beside in carried))
    for where, full in found["full"].items():
        a_second = ", ".join(f"{name} {many}" for name, many in full["a_second"].items())
        times = ", ".join(f"{name} {_said(many)}" for name, many in full["times"].items())
        rows.append(f"screens: {where}. Full, each with a share of a core, calls a second: {a_second}")
        rows.append(f"  times one: {times}; two joined times one joined {_said(full['of_joined'])}")
    rows.append(f"Redis: {found['redis_us']} us a call; calls without a pop: {found['lost']}")
    return "\n".join(rows)


def _said(spread: dict[str, float]) -> str:
    return f"{spread['median']:.2f} ({spread['least']:.2f} to {spread['most']:.2f})"


if __name__ == "__main__":
    sys.exit(main())
