"""Who is calling, in process: how long an answer takes, and how long the event loop stands still meanwhile."""

import asyncio
import csv
import gc
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bench import directory_import
from bench.directory_figures import Figure, percentiles
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.domain.private import Number
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.question import Question
from ctibridge.lookup.settings import DialPlan, LanguageSettings, ResolutionSettings

CALLS = 4_000
_UNSEEN = 4
"""One in so many callers is kept for the files that are out of memory: what rang before is answered without them."""
CHANGED = 10_000
_TRIES = 200
"""Lines looked at for each caller wanted; of a thousand accounts fifty are the agent's."""
NOBODY = "+49301000"
"""With more digits: a number of nobody, which only the index can say at once."""
INDEX_WITHIN = 20.0
"""Seconds: it lies there already, and is to be read within 15 s."""
AIM_STALL, AIM_INDEX = 5.0, 0.5


@dataclass(slots=True)
class Desk:
    """The agent with the most grants, and numbers that call: of his accounts mostly, of others, of nobody."""

    agent: str
    grants: int
    callers: list[str]
    called: str
    people: dict[str, str] = field(repr=False)

    def question(self, number: str) -> Question:
        signalled = Signalled(Number(number), None, Presentation.ALLOWED, "From", None, (Number(self.called),))
        return Question(signalled, DialPlan("DE"), None, datetime.now(UTC))


def desk(folder: Path, calls: int = CALLS) -> Desk:
    """From the generated files: lines at random places of people.csv, of which the numbers are E.164."""
    chance = random.Random(1)
    agent, grants = Counter(row["agent"] for row in _rows(folder / "grants.csv")).most_common(1)[0]
    granted = {row["account"] for row in _rows(folder / "grants.csv") if row["agent"] == agent}
    called = next(row["number"] for row in _rows(folder / "service_numbers.csv") if row["account"] in granted)
    people: dict[str, str] = {}
    strangers: dict[str, str] = {}
    path = folder / "people.csv"
    calls = min(calls, path.stat().st_size // 2_000)
    with path.open("rb") as file:
        for _ in range(calls * _TRIES):
            if len(people) >= calls * 0.8 and len(strangers) >= calls * 0.1:
                break
            file.seek(chance.randrange(path.stat().st_size))
            file.readline()
            row = next(csv.reader([file.readline().decode()]), [])
            numbers = [entry.partition(":")[2] for entry in row[-1].split(";")] if len(row) == 20 else []
            for number in numbers:
                if number.startswith("+") and number[1:].isdecimal():
                    (people if row[0] in granted else strangers)[number] = row[1]
    nobody = [f"{NOBODY}{number:04d}" for number in range(calls // 10)]
    callers = [*list(people)[: calls * 8 // 10], *list(strangers)[: calls // 10], *nobody]
    chance.shuffle(callers)
    return Desk(agent, grants, callers, called, people)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def measure(config: Path, folder: Path) -> list[Figure]:
    at = desk(folder)
    store = config.parent / "state" / FILE
    begin = time.perf_counter()
    lookup = await Lookup.open(store, ResolutionSettings(), LanguageSettings(), indexed=True)
    opened = time.perf_counter() - begin
    try:
        waited = await _index_ready(lookup, at)
        # As the daemon has it (`sweep.py`): the cyclic collector waits for quiet seconds.
        gc.collect()
        gc.freeze()
        gc.disable()
        by = (
            "by SQLite: the look-up has no index yet" if waited is None else f"by the index, there after {waited:.2f} s"
        )
        figures = [Figure("look-up open after start", opened, "s", None, None, "does not wait for the index")]
        figures += await _resolutions(lookup, at, f"agent with {at.grants} grants; status {by}")
        figures += await _stalls(lookup, at, config, folder, with_index=waited is not None)
        return figures
    finally:
        gc.enable()
        await lookup.close()


async def _index_ready(lookup: Lookup, at: Desk) -> float | None:
    """Seconds until a number of nobody is answered from memory; None: not within INDEX_WITHIN, so by SQLite."""
    question = at.question(f"{NOBODY}9999")
    begin = time.perf_counter()
    while time.perf_counter() - begin < INDEX_WITHIN:
        if lookup.hot(question, [at.agent]) is not None:
            return time.perf_counter() - begin
        await lookup.answers(question, [at.agent])
        await asyncio.sleep(0.01)
    return None


async def _resolutions(lookup: Lookup, at: Desk, note: str) -> list[Figure]:
    callers = at.callers[len(at.callers) // _UNSEEN :]
    half = len(callers) // 2
    for number in callers[half:]:  # pages, plans and names are warm then
        await _answer(lookup, at, number)
    some = callers[:half]
    watch = lookup.of_agents([at.agent])
    status = [await _timed(lambda n=number: lookup.find(at.question(n), watch)) for number in some]  # type: ignore[misc]
    first = [await _timed(lambda n=number: _answer(lookup, at, n)) for number in some]  # type: ignore[misc]
    again = [await _timed(lambda n=number: _answer(lookup, at, n)) for number in some]  # type: ignore[misc]
    floor = _floor(at, some)
    figures = [
        *percentiles("resolution: status and order", status, (100, 1_000), note),
        *percentiles("resolution: first pop, caller seen lately", again, (100, 1_000), "his record from memory"),
        *percentiles(
            "resolution: first pop, any caller", first, (None, 50_000), "his record read; the pop waits 50 ms"
        ),
    ]
    floors = percentiles("", floor, (None, None), "")
    return [
        Figure(each.name, each.value, each.unit, each.aim, floors[place % 2].value, each.note)
        for place, each in enumerate(figures)
    ]


async def _answer(lookup: Lookup, at: Desk, number: str) -> None:
    """As the flow does it: from memory, or else by the store."""
    question = at.question(number)
    if lookup.hot(question, [at.agent]) is None:
        await lookup.answers(question, [at.agent])


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    begin = time.perf_counter()
    await work()
    return time.perf_counter() - begin


def _floor(at: Desk, numbers: Iterable[str]) -> list[float]:
    """A dictionary and an encoded answer: no plan, no grants, no ranking."""
    took = []
    for number in numbers:
        begin = time.perf_counter()
        person = at.people.get(number)
        json.dumps({"status": "identified" if person else "unknown", "person": {"account": "a", "id": person}})
        took.append(time.perf_counter() - begin)
    return took


# -- standing still ----------------------------------------------------------------------------------------------------


class Pulse:
    """How late the loop is, asked each millisecond."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            due = time.perf_counter() + 0.001
            await asyncio.sleep(0.001)
            self.late.append(time.perf_counter() - due)

    def figure(self, name: str, aim: float | None = None, floor: float | None = None, note: str = "") -> Figure:
        longest = 1000 * max(self.late, default=0.0)
        often = sum(late > AIM_STALL / 1000 for late in self.late)
        return Figure(name, longest, "ms", aim, floor, f"{note}{often} of {len(self.late):,} beats over 5 ms")


async def _stalls(lookup: Lookup, at: Desk, config: Path, folder: Path, *, with_index: bool) -> list[Figure]:
    """The floor is the same loop beside a process that does nothing but work: what the machine itself takes away."""
    async with Pulse() as quiet:
        busy = await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass")
        await asyncio.sleep(3)
        busy.kill()
        await busy.wait()
    floor = 1000 * max(quiet.late)
    unseen = at.callers[: len(at.callers) // _UNSEEN]
    async with Pulse() as evicted:
        for place, number in enumerate(unseen):
            if place % 100 == 0:
                await asyncio.to_thread(evict, config.parent / "state")
            await _answer(lookup, at, number)
            await asyncio.sleep(0.001)
    path = directory_import.changed(folder, config.parent / "changed", CHANGED)
    calls = asyncio.create_task(_calling(lookup, at))
    async with Pulse() as importing:
        took = await asyncio.to_thread(directory_import.take, config, path)
        begin = time.perf_counter()
        while with_index and lookup.hot(at.question(f"{NOBODY}9998"), [at.agent]) is None:
            await lookup.refresh()
            await asyncio.sleep(0.005)
            if time.perf_counter() - begin > INDEX_WITHIN:
                break
        behind = time.perf_counter() - begin
        await asyncio.sleep(3)  # whatever is made anew afterwards belongs to it
    calls.cancel()
    await asyncio.gather(calls, return_exceptions=True)
    figures = [
        evicted.figure("longest stall, pages evicted", AIM_STALL, floor, f"{len(unseen):,} callers not seen before; "),
        importing.figure("longest stall, 10,000 changed people come in", AIM_STALL, floor, "200 calls/s; "),
        Figure(
            "import of 10,000 changed people", took.seconds, "s", None, None, "by `ctibridge import`, with its start"
        ),
    ]
    if with_index:
        figures.append(Figure("index at the store's version after it", behind, "s", AIM_INDEX))
    return figures


async def _calling(lookup: Lookup, at: Desk) -> None:
    for number in at.callers * 100:
        await _answer(lookup, at, number)
        await asyncio.sleep(0.005)


def evict(folder: Path) -> None:
    """Out of the kernel's memory, as far as nobody maps them."""
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
