"""`python -m bench.directory`: the directory at size: import, disk, number index, resolution, search.

People come from `bench.people`, or from a folder that it made (`--from`). Ratios stand beside a floor of the same run.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import directory_calls, directory_import, directory_index, people
from bench.directory_figures import Figure, or_not_measured, table
from bench.people_plan import plan
from ctibridge.clocks import new_event_loop

ORDINARY = 200_000
CALLS = ("resolution and stalls",)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.directory", description=__doc__)
    parser.add_argument("--people", type=int, default=ORDINARY, metavar="N", help="default 200,000; large: 10000000")
    parser.add_argument("--accounts", type=int, metavar="A", help="default: one for 10,000 people, 60 at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=Path, dest="folder", metavar="DIR", help="take the people that are there")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="keep store and logs there; what is there is used again"
    )
    parser.add_argument("--no-floor", action="store_true", help="without the flat table, which takes its time, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(arguments)
    found = measure(args)
    show(found)
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


def report(count: int) -> dict[str, Any]:
    """So many people with everything else as usual, printed; for `make bench`."""
    found = measure(_parser().parse_args(["--people", str(count)]))
    show(found)
    return found


def show(found: dict[str, Any]) -> None:
    print(f"{found['machine']}; {found['people']:,} people of {found['accounts']:,} accounts")
    print(table(Figure(**figure) for figure in found["figures"]))


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """What `show` prints and JSON keeps."""
    with tempfile.TemporaryDirectory(prefix="ctibridge-directory-") as spare:
        work = args.work or Path(spare)
        folder = args.folder or work / "people"
        figures = [] if args.folder else _generate(folder, args)
        count, accounts, numbers = _counts(folder)
        figures += _directory(work, folder, count, numbers, floor=not args.no_floor)
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}",
        "people": count,
        "accounts": accounts,
        "figures": [asdict(figure) for figure in figures],
    }


def _generate(folder: Path, args: argparse.Namespace) -> list[Figure]:
    tell(f"generating {args.people:,} people")
    begin = time.perf_counter()
    totals = people.generate(folder, plan(args.people, args.accounts or people.usual_accounts(args.people), args.seed))
    return [Figure("people generated, a second", totals.people / (time.perf_counter() - begin), "")]


def _directory(work: Path, folder: Path, count: int, numbers: int, *, floor: bool) -> list[Figure]:
    config = directory_import.configure(work)
    figures: list[Figure] = []
    if (work / "state" / "ctibridge.db").exists():
        tell(f"{work}/state is there already: no import is measured")
    else:
        tell("importing")
        figures += directory_import.measure(config, folder, count, numbers, floor=floor)
    tell("number index")
    figures += or_not_measured(directory_index.INDEX, directory_index.index, config)
    tell("search")
    figures += or_not_measured(directory_index.SEARCH, directory_index.search, config, folder)
    tell("resolution")
    return figures + or_not_measured(CALLS, _calls, config, folder)


def _calls(config: Path, folder: Path) -> list[Figure]:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(directory_calls.measure(config, folder))


def _counts(folder: Path) -> tuple[int, int, int]:
    """People, accounts, and numbers as they stand in the files (a field with two counts as one)."""
    with (folder / "people.csv").open("rb") as file:
        next(file)
        count = numbers = 0
        for line in file:
            count += 1
            cell = line.rpartition(b",")[2].strip()
            numbers += cell.count(b";") + 1 if cell else 0
    with (folder / "phones.csv").open("rb") as file:
        numbers += sum(1 for _ in file) - 1
    with (folder / "accounts.csv").open("rb") as file:
        return count, sum(1 for _ in file) - 1, numbers


def tell(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
