"""`python -m bench.shared --people N`: a directory in Redis for all nodes: what it costs there, what a look-up does.

People from `bench.people` are imported into a store; from it they are written to a Redis of their own. Then the same
numbers and records are asked of both, in alternating blocks.
"""

import argparse
import asyncio
import csv
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import redis

from bench import directory_import, people
from bench.directory import tell
from bench.people_plan import plan
from ctibridge.clocks import new_event_loop
from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.spread import Spread
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from ctibridge.domain.person import PersonKey
from ctibridge.lookup import visibility
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.shared.store import SharedStore
from ctibridge.lookup.adapters.shared.writing import bring_up
from ctibridge.lookup.adapters.store import DirectoryStore, SqliteStore
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.visibility import Visible
from tests.peers.ports import Loopback
from tests.peers.process import find_program
from tests.peers.redis import RedisServer

SMALL = 100_000
PREFIX = "bench"
BLOCKS, BLOCK = 20, 100
SEARCHES = 5
"""Of each block: letters of a name, as one types."""
ANSWER = 10.0
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.shared", description=__doc__)
    parser.add_argument("--people", type=int, default=SMALL, metavar="N", help="default 100,000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=Path, dest="folder", metavar="DIR", help="take the people that are there")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep the store there; what is there is used again")
    args = parser.parse_args(arguments)
    show(report(args.people, args.seed, args.folder, args.work))
    return 0


def small(people: int) -> dict[str, Any]:
    """For `make bench`: of as many people as its directory has, and not of too many."""
    found = report(min(people, SMALL))
    show(found)
    return found


def show(found: dict[str, Any]) -> None:
    if "reason" in found:
        print(f"people in Redis: not measured: {found['reason']}", flush=True)
        return
    print(json.dumps(found, indent=1), flush=True)


def report(count: int, seed: int = 1, folder: Path | None = None, work: Path | None = None) -> dict[str, Any]:
    if find_program("redis-server") is None:
        return {"reason": "redis-server is not installed"}
    with tempfile.TemporaryDirectory(prefix="ctibridge-shared-") as spare:
        files, state = folder or Path(spare) / "people", work or Path(spare)
        if folder is None:
            people.generate(files, plan(count, people.usual_accounts(count), seed))
        config = directory_import.configure(state)
        store = state / "state" / FILE
        if not store.exists():
            directory_import.take(config, files)
        with asyncio.Runner(loop_factory=new_event_loop) as runner, Loopback() as addresses:
            server = RedisServer(Path(spare) / "redis", addresses)
            try:
                return runner.run(_measure(server, store, files))
            finally:
                server.kill()


async def _measure(server: RedisServer, store: Path, files: Path) -> dict[str, Any]:
    await server.start()
    spread = Spread(Redis(RedisAccess(RedisSettings(server.url, prefix=PREFIX)), "bench"), wait=ANSWER)
    sqlite = await SqliteStore.open(store)
    try:
        found = await _written(server, store, spread)
        tell(json.dumps(found))
        return found | await _asked({"sqlite": sqlite, "redis": SharedStore(sqlite, spread, PREFIX)}, sqlite, files)
    finally:
        await spread.close()
        await sqlite.close()


async def _written(server: RedisServer, store: Path, spread: Spread) -> dict[str, Any]:
    """All of them, then again where nothing has changed."""
    empty, count = int(server.info("memory")["used_memory"]), 0

    def heard(_: int, people: int) -> None:
        nonlocal count
        count = people

    begin = time.perf_counter()
    await bring_up(store, spread, PREFIX, _always, heard)
    all_of_them = time.perf_counter() - begin
    used = int(server.info("memory")["used_memory"]) - empty
    begin = time.perf_counter()
    await bring_up(store, spread, PREFIX, _always, heard)
    return {
        "people": count,
        "seconds": round(all_of_them, 1),
        "seconds_where_nothing_changed": round(time.perf_counter() - begin, 3),
        "used_memory_mib": round(used / 2**20, 1),
        "mib_for_each_million": round(used / 2**20 / count * 1e6),
        "keys": server.info("keyspace")["db0"]["keys"],
        "bytes_a_person": {kind: round(each / count) for kind, each in sorted(_by_kind(server).items())},
    }


def _by_kind(server: RedisServer) -> dict[str, int]:
    """What keys take by MEMORY USAGE, of numbers (n), records (p), words (w) and ids (i)."""
    took: dict[str, int] = {}
    with redis.Redis(server.address, server.port, decode_responses=True) as client:
        keys = [key for key in client.scan_iter(count=1_000) if len(key.split(":")) > 4]
        for at in range(0, len(keys), 1_000):
            some = keys[at : at + 1_000]
            asking = client.pipeline(transaction=False)
            for key in some:
                asking.memory_usage(key, samples=0)
            for key, used in zip(some, asking.execute(), strict=True):
                kind = key.split(":")[3]
                took[kind] = took.get(kind, 0) + int(used)
    return took


async def _always() -> bool:
    return True


# -- look-ups ----------------------------------------------------------------------------------------------------------


async def _asked(stores: dict[str, DirectoryStore], small: SqliteStore, files: Path) -> dict[str, Any]:
    snapshot = await small.snapshot()
    agent = max(snapshot.grants, key=lambda one: len(snapshot.grants[one]))
    visible = visibility.visible_to(agent, snapshot, datetime.now(UTC))
    rows = _some(files / "people.csv", visible, BLOCKS * BLOCK)
    took: dict[str, list[float]] = {}
    for at in range(0, len(rows), BLOCK):
        for name, store in stores.items():
            for what, ask in _questions(store, visible, rows[at : at + BLOCK]):
                begin = time.perf_counter()
                await ask()
                took.setdefault(f"{what}, {name}", []).append(1e6 * (time.perf_counter() - begin))
    return {"agent_sees": len(visible.accounts)} | {
        what: {"p50_us": round(statistics.median(each)), "p99_us": round(statistics.quantiles(each, n=100)[98])}
        for what, each in sorted(took.items())
    }


def _questions(
    store: DirectoryStore, visible: Visible, rows: Sequence[tuple[PersonKey, str, str]]
) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
    accounts = sorted(visible.accounts)
    asked: list[tuple[str, Callable[[], Awaitable[object]]]] = []
    for count, (key, name, number) in enumerate(rows):
        asked.append(("number", partial(store.holders, Understood(e164=number), None, visible)))
        asked.append(("record", partial(store.people, [key], visible)))
        if count < SEARCHES:
            asked += [
                ("search", partial(store.search, name[:end], accounts, visible, 20))
                for end in range(2, min(len(name), 14) + 1)
            ]
    return asked


def _some(path: Path, visible: Visible, most: int) -> list[tuple[PersonKey, str, str]]:
    """People with an E.164 number, at random places; of five, four are seen by the agent."""
    chance, size = random.Random(1), path.stat().st_size
    found: dict[bool, dict[PersonKey, tuple[PersonKey, str, str]]] = {True: {}, False: {}}
    wanted = {True: most * 4 // 5, False: most // 5}
    with path.open("rb") as file:
        for _ in range(200 * most):
            if all(len(found[seen]) >= wanted[seen] for seen in found):
                break
            file.seek(chance.randrange(size))
            file.readline()
            row = next(csv.reader([file.readline().decode()]), [])
            number = row[-1].partition(";")[0].partition(":")[2] if len(row) == 20 else ""
            seen = bool(row) and row[0] in visible.accounts
            if _E164.fullmatch(number) and len(found[seen]) < wanted[seen]:
                key = PersonKey(row[0], row[1])
                found[seen][key] = (key, row[2], number)
    rows = [*found[True].values(), *found[False].values()]
    chance.shuffle(rows)
    return rows


if __name__ == "__main__":
    sys.exit(main())
