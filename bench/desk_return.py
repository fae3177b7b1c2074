"""Everybody at once: the service is restarted, and all desks come back with their bookmark, when they were told to."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import desk_house
from bench.desk_process import Child, running
from bench.directory_figures import Figure

IN_A_CROWD = 2_500
BEHIND = 5
"""Events that each desk heard and has forgotten when it comes back: those come from the store."""
EACH = 12
"""Events of each desk before: two calls, and one that goes on."""
WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    desks: int = 10_000


async def measure(plan: Plan, folder: Path) -> list[Figure]:
    tokens = await desk_house.issue(folder, plan.desks)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(running("bench.desk_server", folder, plan.desks))
        crowds = [
            await stack.enter_async_context(
                running(
                    "bench.desk_crowd", tokens, start, min(start + IN_A_CROWD, plan.desks), "--port",
                    first.hello["port"], "--offset", first.hello["offset"],
                )
            )
            for start in range(0, plan.desks, IN_A_CROWD)
        ]  # fmt: skip
        before = first.cpu()
        opened = await _all(crowds, "open", rate=400 / len(crowds))
        spent = first.cpu() - before
        await first.ask("tell", desks=plan.desks, each=EACH)
        await _level(first, crowds)
        await _all(crowds, "forget", behind=BEHIND)
        stopping = asyncio.get_running_loop().time()
        await first.end()
        down = asyncio.get_running_loop().time()
        again = await stack.enter_async_context(
            running("bench.desk_server", folder, plan.desks, "--port", first.hello["port"])
        )
        up = asyncio.get_running_loop().time()
        return [
            Figure(f"{plan.desks:,} desks sign in", max(one["took"] for one in opened), "s", note=f"CPU {spent:.1f} s"),
            Figure("the service stops", down - stopping, "s", note="with its last word to every desk"),
            Figure("and listens again", up - down, "s", note="another process"),
            *await _back(plan, again, crowds),
        ]


async def _back(plan: Plan, server: Child, crowds: list[Child]) -> list[Figure]:
    there = await asyncio.gather(
        *(crowd.ask("live", count=crowd.hello["desks"], within=3 * WITHIN) for crowd in crowds)
    )
    last = max(one["since_end"] for one in there)
    tally = await _level(server, crowds)
    ends: dict[str, int] = {}
    for one in tally:
        for end, count in one["ends"].items():
            ends[end] = ends.get(end, 0) + count
    sums = {key: sum(one[key] for one in tally) for key in ("live", "heard", "resumed", "lost", "missing", "snapshots")}
    return [
        Figure("the last desk is live again", last, "s", WITHIN, note=", ".join(f"{n} x {e}" for e, n in ends.items())),
        Figure("desks that did not resume", plan.desks - sums["resumed"], "", 0, note=f"{sums['snapshots']} snapshots"),
        Figure("events lost", sums["lost"] + sums["missing"], "", 0, note=f"{sums['heard']:,} replayed or new"),
        Figure(
            "processor of the new server for it",
            server.cpu(),
            "s",
            note=f"{1e3 * server.cpu() / plan.desks:.2f} ms each, its start included",
        ),
    ]


async def _level(server: Child, crowds: list[Child]) -> list[dict[str, Any]]:
    newest = (await server.ask("standing"))["newest"]
    parts = [newest[start : start + IN_A_CROWD] for start in range(0, len(newest), IN_A_CROWD)]
    return await asyncio.gather(
        *(crowd.ask("level", newest=part, within=60) for crowd, part in zip(crowds, parts, strict=True))
    )


async def _all(crowds: list[Child], do: str, **args: Any) -> list[dict[str, Any]]:
    return await asyncio.gather(*(crowd.ask(do, **args) for crowd in crowds))
