"""`python -m bench.people --people N OUT_DIR`: synthetic people, as the files that `ctibridge import` takes.

Seeded: the same people, accounts, seed and share of clean numbers give the same bytes, however many processes write.
Streaming: what is in memory is the plan (accounts and sites) and, for each process, one account's e-mail addresses.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import people_tables
from bench.people_plan import Plan, plan
from bench.people_rows import PEOPLE, PHONES, Totals, Writer

BUFFER = 1 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.people", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--people", type=int, default=200_000, metavar="N", help="default 200,000")
    parser.add_argument("--accounts", type=int, metavar="A", help="default: one for 10,000 people, 60 at least")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="default 1")
    parser.add_argument(
        "--clean", type=float, default=0.9, metavar="SHARE", help="of the people whose numbers are E.164"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="processes (default 1)")
    args = parser.parse_args(arguments)
    accounts = args.accounts or usual_accounts(args.people)
    begin = time.perf_counter()
    try:
        totals = generate(args.folder, plan(args.people, accounts, args.seed, args.clean), args.jobs)
    except ValueError as error:
        parser.error(str(error))
    took = time.perf_counter() - begin
    print(
        f"{args.folder}: {totals.people:,} people of {accounts:,} accounts, {totals.numbers:,} numbers "
        f"({totals.typed:,} as typed by hand, {totals.unusable:,} unusable), {took:.1f} s, "
        f"{totals.people / took:,.0f} people/s"
    )
    return 0


def usual_accounts(people: int) -> int:
    """Enough for an agent with fifty of them."""
    return min(people, max(60, people // 10_000))


def generate(folder: Path, wanted: Plan, jobs: int = 1) -> Totals:
    """Writes the eight files into `folder`, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    people_tables.write(wanted, folder)
    if jobs <= 1:
        return _write(folder, wanted, "")
    parts = [f".{number}" for number in range(jobs)]
    shares = _split(wanted, jobs)
    # Threads of none of ours run here; and a forked child has the number series already.
    context = multiprocessing.get_context("fork")
    with context.Pool(jobs) as pool:
        found = pool.starmap(_write, [(folder, share, part) for share, part in zip(shares, parts, strict=True)])
    totals = Totals()
    for each in found:
        totals.add(each)
    for name in ("people.csv", "phones.csv"):
        _join([folder / f"{name}{part}" for part in parts], folder / name)
    return totals


def _split(wanted: Plan, jobs: int) -> list[Plan]:
    """Runs of accounts with about as many people each; the order of the accounts stays."""
    every = sum(customer.people for customer in wanted.customers) / jobs
    shares: list[list[int]] = [[] for _ in range(jobs)]
    before = 0
    for customer in wanted.customers:
        shares[min(jobs - 1, int(before / every))].append(customer.index)
        before += customer.people
    return [replace(wanted, customers=tuple(wanted.customers[index] for index in share)) for share in shares]


def _write(folder: Path, wanted: Plan, part: str) -> Totals:
    """people.csv and phones.csv of these accounts; part: what their names end with. Only the first has headers."""
    totals = Totals()
    with (
        (folder / f"people.csv{part}").open("w", BUFFER, encoding="utf-8", newline="") as people,
        (folder / f"phones.csv{part}").open("w", BUFFER, encoding="utf-8", newline="") as phones,
    ):
        if part in {"", ".0"}:
            people.write(PEOPLE)
            phones.write(PHONES)
        for customer in wanted.customers:
            writer = Writer(wanted, customer)
            for some_people, some_phones in writer.rows():
                people.write(some_people)
                phones.write(some_phones)
            totals.add(writer.totals)
    return totals


def _join(parts: Sequence[Path], whole: Path) -> None:
    """The first part grows by the others, in the kernel, and takes the name."""
    with parts[0].open("r+b") as target:
        target.seek(0, os.SEEK_END)  # sendfile refuses a file opened for appending
        for part in parts[1:]:
            with part.open("rb") as source:
                offset, size = 0, part.stat().st_size
                while offset < size:
                    offset += os.sendfile(target.fileno(), source.fileno(), offset, size - offset)
            part.unlink()
    parts[0].replace(whole)


if __name__ == "__main__":
    sys.exit(main())
