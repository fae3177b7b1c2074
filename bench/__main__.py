"""`make bench`: how much the product costs above the bare floor, from the INVITE to the desk's frame.

Blocks of calls alternate between the two, so that whatever else the machine does hits both. Then the directory at its
ordinary size (`bench.directory`), a floor of desks (`bench.desks`), what one node says to another (`bench.crossing`),
the people of all nodes in Redis (`bench.shared`), and two nodes beside one (`bench.nodes`).
"""

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import crossing, desks, directory, nodes, shared
from bench.pbx import listen
from bench.subject import LINE, SERVICE_NUMBER, Subject, callers, floor, product
from ctibridge.clocks import new_event_loop

RINGS_FOR = (0.2, 0.4)
"""Seconds, at random: with one fixed time each INVITE would arrive right behind the CANCEL of an earlier call."""
SETTLE = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds from INVITE to frame, processor microseconds for each call, calls that made no pop."""

    calls: int
    lost: int
    p50: float
    p95: float
    p99: float
    cpu_us: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="calls a second (default 200)")
    parser.add_argument("--calls", type=int, default=4000, help="calls for each of the two (default 4000)")
    parser.add_argument("--block", type=int, default=400, help="calls in a row before the other has its turn")
    parser.add_argument("--people", type=int, default=1000, help="people in the directory, who call at random")
    parser.add_argument(
        "--directory", type=int, default=directory.ORDINARY, metavar="N", help="then a directory of N people; 0: none"
    )
    parser.add_argument("--no-desks", action="store_true", help="without the floor of desks at the end")
    parser.add_argument("--no-nodes", action="store_true", help="without two nodes beside one at the end")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        figures = runner.run(measure(args))
    report = summary(figures, args)
    print(table(figures, report), flush=True)
    if args.directory:
        report["directory"] = directory.report(args.directory)
    if not args.no_desks:
        report["desks"] = desks.small()
    report["crossing"] = crossing.small()
    if args.directory:
        report["shared"] = shared.small(args.directory)
    if not args.no_nodes:
        report["nodes"] = nodes.small()
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 1 if any(each.lost for each in figures.values()) else 0


async def measure(args: argparse.Namespace) -> dict[str, Figures]:
    with tempfile.TemporaryDirectory(prefix="ctibridge-bench-") as folder:
        async with AsyncExitStack() as running:
            subjects = [
                await running.enter_async_context(floor(await listen("127.0.0.1"))),
                await running.enter_async_context(product(await listen("127.0.0.1"), Path(folder), args.people)),
            ]
            return await _alternate(subjects, args)


async def _alternate(subjects: list[Subject], args: argparse.Namespace) -> dict[str, Figures]:
    watching = [asyncio.create_task(subject.watch()) for subject in subjects]
    numbers = callers(args.people)
    random.Random(1).shuffle(numbers)
    left_at: dict[str, dict[int, float]] = {subject.name: {} for subject in subjects}
    spent = dict.fromkeys(left_at, 0.0)
    for subject in subjects:
        # One call of each person first: what is measured is a desk in the middle of its day.
        await ring(subject, [(-1 - index, number) for index, number in enumerate(numbers)], 10 * args.rate)
    for start in range(0, args.calls, args.block):
        # In shuffled order and not at random: who calls twice at once is one call, and would be missing here.
        calls = [(index, numbers[index % len(numbers)]) for index in range(start, min(start + args.block, args.calls))]
        for subject in subjects:
            before = subject.cpu()
            left_at[subject.name] |= await ring(subject, calls, args.rate)
            spent[subject.name] += subject.cpu() - before
        progress(start + len(calls), args.calls)
    for task in watching:
        task.cancel()
    return {s.name: figures(left_at[s.name], s.seen, spent[s.name]) for s in subjects}


async def ring(subject: Subject, calls: list[tuple[int, str]], rate: float) -> dict[int, float]:
    """Rings at a steady rate, gives each call up within RINGS_FOR seconds; returns when each INVITE left."""
    left_at: dict[int, float] = {}
    loop, chance = asyncio.get_running_loop(), random.Random(len(calls))
    begin = time.perf_counter()
    for count, (index, caller) in enumerate(calls):
        await asyncio.sleep(max(0.0, begin + count / rate - time.perf_counter()))
        name = index if index >= 0 else 10_000_000 - index
        left_at[name] = subject.pbx.call(name, caller, SERVICE_NUMBER, LINE)
        if subject.name == "product":
            loop.call_later(chance.uniform(*RINGS_FOR), subject.pbx.give_up, name, caller, SERVICE_NUMBER)
    await asyncio.sleep(RINGS_FOR[1] + SETTLE)
    return left_at


def figures(left_at: dict[int, float], seen: dict[int, float], spent: float) -> Figures:
    took = sorted(1000 * (seen[index] - at) for index, at in left_at.items() if index in seen)
    cuts = statistics.quantiles(took, n=100)
    return Figures(len(left_at), len(left_at) - len(took), cuts[49], cuts[94], cuts[98], 1e6 * spent / len(left_at))


def summary(of: dict[str, Figures], args: argparse.Namespace) -> dict[str, object]:
    bare, ours = of["floor"], of["product"]
    keys = ("p50", "p95", "p99", "cpu_us")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {_cores()} cores, Python {platform.python_version()}, {_loop()}",
        "rate": args.rate,
        "people": args.people,
        "floor": {key: round(getattr(bare, key), 3) for key in (*keys, "calls", "lost")},
        "product": {key: round(getattr(ours, key), 3) for key in (*keys, "calls", "lost")},
        "ratio": {key: round(getattr(ours, key) / max(getattr(bare, key), 1e-9), 2) for key in keys},
    }


def table(of: dict[str, Figures], report: dict[str, object]) -> str:
    ratio = report["ratio"]
    assert isinstance(ratio, dict)
    rows = [f"{'':10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'CPU µs/call':>13}{'lost':>6}"]
    rows += [
        f"{name:10}{each.p50:9.3f}{each.p95:9.3f}{each.p99:9.3f}{each.cpu_us:13.0f}{each.lost:6d}"
        for name, each in of.items()
    ]
    rows.append(
        f"{'ratio':10}" + "".join(f"{ratio[key]:9.2f}" for key in ("p50", "p95", "p99")) + f"{ratio['cpu_us']:13.2f}"
    )
    return "\n".join([f"{report['machine']}; {report['rate']} calls/s", *rows])


def progress(done: int, wanted: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == wanted else ""
        print(f"\r{done}/{wanted} calls each", end=end, file=sys.stderr, flush=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _loop() -> str:
    loop = new_event_loop()
    loop.close()
    return type(loop).__module__.partition(".")[0]


if __name__ == "__main__":
    sys.exit(main())
