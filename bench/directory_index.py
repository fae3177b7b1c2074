"""The number index by itself: made anew as the daemon has it made, and read at start. And search, as one types."""

import asyncio
import json
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bench import directory_calls, directory_import
from bench.directory_figures import Figure, percentiles
from ctibridge.lookup import visibility
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.store import SqliteStore

INDEX = ("index made anew", "index read at start", "index in memory, a number")
SEARCH = ("search as one types, p50", "search as one types, p99")
_BUILD = "ctibridge.lookup.adapters.index.build"
AIM_START, AIM_BYTES, AIM_TYPING = 15.0, 16.0, 100_000.0
SEARCHES = 60


def index(config: Path) -> list[Figure]:
    """Floors: SQLite goes through the numbers once; the file's bytes are read once."""
    store = config.parent / "state" / FILE
    ran = directory_import.run([sys.executable, "-m", _BUILD, str(store)], config.with_name("index.log"))
    if ran.code != 0:
        raise NotImplementedError(f"{_BUILD} ended with {ran.code}: {ran.said[-200:]}")
    built = json.loads(ran.said.splitlines()[-1])
    begin = time.perf_counter()
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("SELECT count(*), sum(number % 10) FROM directory_phone").fetchone()
    through = time.perf_counter() - begin
    path = index_file.beside(store)
    begin = time.perf_counter()
    path.read_bytes()
    bare = time.perf_counter() - begin
    begin = time.perf_counter()
    loaded = index_file.read(path)
    read = time.perf_counter() - begin
    numbers = len(loaded.index)
    return [
        Figure("index made anew", ran.seconds, "s", AIM_START, through, f"{ran.peak:,.0f} MiB meanwhile"),
        Figure("index read at start", read, "s", AIM_START, bare, f"{built['bytes'] / 1e6:,.1f} MB"),
        Figure("index in memory, a number", len(loaded.memory) / numbers, "B", AIM_BYTES, None, f"{numbers:,} numbers"),
    ]


def search(config: Path, folder: Path) -> list[Figure]:
    return asyncio.run(_search(config, folder))


async def _search(config: Path, folder: Path) -> list[Figure]:
    """Names of people whom the agent sees, letter by letter from the second on; floor: one person by his key."""
    at = directory_calls.desk(folder, 400)
    store = await SqliteStore.open(config.parent / "state" / FILE)
    try:
        visible = visibility.visible_to(at.agent, await store.snapshot(), datetime.now(UTC))
        accounts = sorted(visible.accounts)
        took: list[float] = []
        bare: list[float] = []
        for name in _names(folder)[:SEARCHES]:
            for end in range(2, min(len(name), 14) + 1):
                begin = time.perf_counter()
                found = await store.search(name[:end], accounts, visible, 20)
                took.append(time.perf_counter() - begin)
                begin = time.perf_counter()
                await store.people([person.key for person in found[:1]], visible)
                bare.append(time.perf_counter() - begin)
    finally:
        await store.close()
    note = f"{len(took):,} searches over {len(accounts)} accounts"
    figures = percentiles("search as one types", took, (None, AIM_TYPING), note)
    floors = percentiles("", bare, (None, None), "")
    return [
        Figure(each.name, each.value, each.unit, each.aim, low.value, each.note)
        for each, low in zip(figures, floors, strict=True)
    ]


def _names(folder: Path) -> list[str]:
    """Every so many bytes one."""
    path = folder / "people.csv"
    names = []
    with path.open("rb") as file:
        for place in range(SEARCHES * 2):
            file.seek(path.stat().st_size * place // (SEARCHES * 2))
            file.readline()
            cells = file.readline().decode().split(",")
            if len(cells) == 20:
                names.append(cells[2])
    return names
