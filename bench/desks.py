"""`python -m bench.desks`: a whole floor of desks: slow ones, ten thousand that come back, memory, what keeping costs.

Ratios stand beside a floor of the same run; blocks of both alternate, so that whatever else the machine does hits both.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import desk_keeping, desk_memory, desk_return, desk_slow
from bench.directory import tell
from bench.directory_figures import Figure, table
from ctibridge.clocks import new_event_loop

Measure = Callable[[Path], Awaitable[list[Figure]]]
PARTS = ("slow", "return", "memory", "keeping")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.desks", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be said again (default: all)")
    parser.add_argument("--desks", type=int, metavar="N", help="of every part (default: as issue and docs have it)")
    parser.add_argument("--rate", type=float, help="frames a second in all")
    parser.add_argument("--block", type=float, help="seconds of one block, where two things alternate")
    parser.add_argument("--rounds", type=int, help="of such blocks")
    parser.add_argument("--stall", type=float, help="seconds until who takes nothing is closed (the product's: 30)")
    parser.add_argument("--stored", type=int, help="events of each desk in the store, for its memory")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(arguments)
    found = report(args)
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 1 if any(each["aim"] == 0 and each["value"] for each in found["figures"]) else 0


SMALL = ("--desks", "200", "--rate", "1000", "--block", "16", "--rounds", "2", "--stall", "3", "--stored", "100")


def small() -> dict[str, Any]:
    """A floor of two hundred, printed; for `make bench`."""
    return report(_parser().parse_args(SMALL))


def report(args: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}",
        "figures": [],
    }
    print(f"{found['machine']}; load {os.getloadavg()[0]:.1f}", flush=True)
    for part, measure in _measures(args).items():
        if part in (args.only or PARTS):
            tell(part)
            figures = _run(measure)
            print(table(figures), flush=True)
            found["figures"] += [asdict(figure) for figure in figures]
    return found


def _run(measure: Measure) -> list[Figure]:
    async def whole(folder: Path) -> list[Figure]:
        return await measure(folder)

    with (
        tempfile.TemporaryDirectory(prefix="ctibridge-desks-") as folder,
        asyncio.Runner(loop_factory=new_event_loop) as runner,
    ):
        return runner.run(whole(Path(folder)))


def _measures(args: argparse.Namespace) -> dict[str, Measure]:
    slow = _changed(desk_slow.Plan(), args)
    back = _changed(desk_return.Plan(), args)
    memory = _changed(desk_memory.Plan(), args)
    keeping = _changed(desk_keeping.Plan(), args)
    return {
        "slow": lambda folder: desk_slow.measure(slow, folder),
        "return": lambda folder: desk_return.measure(back, folder),
        "memory": lambda folder: desk_memory.measure(memory, folder),
        "keeping": lambda folder: desk_keeping.measure(keeping, folder),
    }


def _changed(plan: Any, args: argparse.Namespace) -> Any:
    """As the command line says, where it says something that this plan has."""
    said = {name: value for name, value in vars(args).items() if value is not None and hasattr(plan, name)}
    return replace(plan, **said)


if __name__ == "__main__":
    sys.exit(main())
