"""Desks that do not read, beside desks that do: is what the others see as quick as without them, and whole?"""

import asyncio
import statistics
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import desk_house
from bench.desk_process import Child, running
from bench.directory_figures import Figure

ALL, FIFTH = "all read", "a fifth sleeps"
Took = dict[str, dict[str, float]]
SLICE = 5.0
"""Seconds."""
AIM = 1.2
WARM = 3.0
"""Seconds of load before the first block."""
SETTLE = 1.0
"""Seconds in which the work of coming back leaves the next block."""


@dataclass(frozen=True, slots=True)
class Plan:
    """rate: frames a second in all. block: seconds; stall: seconds until a desk that takes nothing is closed. The
    product's are 30: then a block takes 70, and the machine is another one by its end. The first 30 to 35 of them fill
    what kernel and transport hold of a desk's two frames a second."""

    desks: int = 1_000
    rate: float = 2_000
    block: float = 48.0
    rounds: int = 4
    stall: float = 8.0

    @property
    def awake(self) -> int:
        """The others sleep in each second block."""
        return self.desks * 4 // 5


async def measure(plan: Plan, folder: Path) -> list[Figure]:
    tokens = await desk_house.issue(folder, plan.desks)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            running("bench.desk_server", folder, plan.desks, "--stall", plan.stall)
        )
        where = "--port", server.hello["port"], "--offset", server.hello["offset"]
        readers = await stack.enter_async_context(running("bench.desk_crowd", tokens, 0, plan.awake, *where))
        sleepers = await stack.enter_async_context(
            running("bench.desk_crowd", tokens, plan.awake, plan.desks, *where, "--small")
        )
        for crowd in (readers, sleepers):
            await crowd.ask("open", rate=500)
        await server.ask("load", rate=plan.rate, desks=plan.desks)
        await asyncio.sleep(WARM)
        blocks = await _alternate(plan, server, readers, sleepers)
        return await _figures(plan, blocks, server, readers, sleepers)


async def _alternate(plan: Plan, server: Child, readers: Child, sleepers: Child) -> list[dict[str, Any]]:
    """Of each block its name, the server's processor time, and how late events were told in it. In turns A B B A, so
    that a machine that gets slower is not the sleepers' fault."""
    blocks = []
    for turn in range(plan.rounds):
        for name in (ALL, FIFTH) if turn % 2 == 0 else (FIFTH, ALL):
            if name == FIFTH:
                await sleepers.ask("sleep")
            blocks.append({"name": name, **await _block(f"{name} {turn}", plan.block, server, readers)})
            if name == FIFTH:
                await _wake(plan, server, sleepers)
    return blocks


async def _wake(plan: Plan, server: Child, sleepers: Child) -> None:
    """Until they have come back, and have what they missed: that is no part of the next block."""
    newest = (await server.ask("standing"))["newest"]
    await sleepers.ask("wake")
    await sleepers.ask("level", newest=newest[plan.awake :], within=60)
    await sleepers.ask("live", count=plan.desks - plan.awake, within=60)
    await asyncio.sleep(SETTLE)


async def _block(bucket: str, seconds: float, server: Child, readers: Child) -> dict[str, float]:
    """Measured in slices, of which the median counts: the machine stands still in some of them, whoever sleeps."""
    before = server.cpu()
    await server.ask("late")
    slices = max(1, round(seconds / SLICE))
    for number in range(slices):
        await readers.ask("measure", bucket=f"{bucket}/{number}")
        await asyncio.sleep(seconds / slices)
    await readers.ask("measure", bucket=None)
    return {"cpu": (server.cpu() - before) / seconds, "late": (await server.ask("late"))["p99"]}


async def _figures(
    plan: Plan, blocks: list[dict[str, Any]], server: Child, readers: Child, sleepers: Child
) -> list[Figure]:
    told = (await server.ask("rest"))["told"]
    newest = (await server.ask("standing"))["newest"]
    heard = await readers.ask("level", newest=newest[: plan.awake], within=60)
    slept = await sleepers.ask("level", newest=newest[plan.awake :], within=60)
    took = await readers.ask("figures")
    cpu, late = ({name: _mean(blocks, name, key) for name in (ALL, FIFTH)} for key in ("cpu", "late"))
    asleep = plan.desks - plan.awake
    ends = ", ".join(f"{count} x {end}" for end, count in slept["ends"].items()) or "none closed"
    return [
        *(_beside(took, each) for each in ("p50", "p99")),
        _ratio(took, plan.rounds),
        Figure("processor of the server: a fifth sleeps", 100 * cpu[FIFTH], "%", None, 100 * cpu[ALL]),
        Figure("events told late, p99: a fifth sleeps", late[FIFTH], "ms", None, late[ALL], "the loop was busy"),
        Figure("events lost by readers", _lost(heard), "", 0, note=f"{told:,} told, {heard['heard']:,} heard by them"),
        Figure("readers that were closed", sum(heard["ends"].values()), "", 0),
        Figure("events lost by sleepers", _lost(slept), "", 0, note=ends),
        Figure("sleepers not closed with 4008", asleep * plan.rounds - slept["ends"].get("4008", 0), "", 0),
        Figure("sleepers that did not resume", slept["snapshots"] - asleep, "", 0),
    ]


def _beside(took: Took, each: str) -> Figure:
    of = {name: [slice_[each] for bucket, slice_ in took.items() if bucket.startswith(name)] for name in (ALL, FIFTH)}
    note = f"median of slices; the worst: {max(of[FIFTH]):.2f} beside {max(of[ALL]):.2f}"
    medians = {name: statistics.median(values) for name, values in of.items()}
    return Figure(f"frame, {each}: a fifth sleeps", medians[FIFTH], "ms", None, medians[ALL], note)


def _ratio(took: Took, rounds: int) -> Figure:
    """Of two blocks that followed each other."""

    def block(name: str, turn: int) -> float:
        return statistics.median(each["p99"] for bucket, each in took.items() if bucket.startswith(f"{name} {turn}/"))

    ratios = [block(FIFTH, turn) / block(ALL, turn) for turn in range(rounds)]
    note = "of the rounds: " + ", ".join(f"{ratio:.2f}" for ratio in ratios)
    return Figure("frame, p99: ratio, median of the rounds", statistics.median(ratios), "", AIM, None, note)


def _mean(blocks: list[dict[str, Any]], name: str, key: str) -> float:
    return float(statistics.mean(block[key] for block in blocks if block["name"] == name))


def _lost(tally: dict[str, Any]) -> int:
    return int(tally["lost"] + tally["missing"] + tally["twice"])
