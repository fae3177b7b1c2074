"""What it costs to keep every event: the same load with the outbox and without, in two servers, block by block."""

import asyncio
import statistics
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import desk_house
from bench.desk_process import Child, running
from bench.directory_figures import Figure

WARM = 1.0
"""Seconds of load before each block that is measured."""
IN_A_BURST = 20
"""Events of each desk."""
BARE, KEPT = "keeps nothing", "keeps"


@dataclass(frozen=True, slots=True)
class Plan:
    desks: int = 500
    rate: float = 1_000
    block: float = 4.0
    rounds: int = 10


@dataclass(slots=True)
class Side:
    server: Child
    crowd: Child
    cpu: list[float] = field(default_factory=list)
    bursts: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)


async def measure(plan: Plan, folder: Path) -> list[Figure]:
    tokens = await desk_house.issue(folder, plan.desks)
    async with AsyncExitStack() as stack:
        sides = {}
        for name, words in ((BARE, ("--no-outbox",)), (KEPT, ())):
            server = await stack.enter_async_context(running("bench.desk_server", folder, plan.desks, *words))
            at = "--port", server.hello["port"], "--offset", server.hello["offset"]
            crowd = await stack.enter_async_context(running("bench.desk_crowd", tokens, 0, plan.desks, *at))
            await crowd.ask("open", rate=500)
            sides[name] = Side(server, crowd)
        for turn in range(plan.rounds):
            for side in sides.values():
                await _steady(plan, side, turn)
        for _ in range(plan.rounds):
            for side in sides.values():
                side.bursts.append(await side.server.ask("burst", desks=plan.desks, events=IN_A_BURST * plan.desks))
        return await _figures(plan, sides[BARE], sides[KEPT])


async def _steady(plan: Plan, side: Side, turn: int) -> None:
    before = side.server.cpu()
    await side.server.ask("load", rate=plan.rate, desks=plan.desks)
    await asyncio.sleep(WARM)
    await side.crowd.ask("measure", bucket=f"block {turn}")
    await asyncio.sleep(plan.block)
    await side.crowd.ask("measure", bucket=None)
    await side.server.ask("rest")
    side.cpu.append(1e6 * (side.server.cpu() - before) / (plan.rate * (plan.block + WARM)))
    side.kept.append(await side.server.ask("kept"))


async def _figures(plan: Plan, bare: Side, kept: Side) -> list[Figure]:
    took, floor = await kept.crowd.ask("figures"), await bare.crowd.ask("figures")
    rows = [
        Figure(
            f"frame, {each}: with the outbox", _median(took.values(), each), "ms", None, _median(floor.values(), each)
        )
        for each in ("p50", "p99")
    ]
    rows.append(Figure("processor, each event", statistics.median(kept.cpu), "µs", None, statistics.median(bare.cpu)))
    rows += [
        Figure(f"an event is stored, {each}", _median(kept.kept, each), "ms", note=f"{plan.rate:,.0f} events/s")
        for each in ("p50", "p99", "most")
    ]
    many = IN_A_BURST * plan.desks
    told, bare_told = (many / _median(side.bursts, "told") for side in (kept, bare))
    return [
        *rows,
        Figure("events a second, told", told, "", None, bare_told, f"bursts of {many:,}"),
        Figure("events a second, told and stored", many / _median(kept.bursts, "stored"), "", None, bare_told),
        Figure("tails cut short, as too much waited", max(one["lost"] for one in kept.bursts), "", 0),
    ]


def _median(of: Any, key: str) -> float:
    return float(statistics.median(one[key] for one in of))
