"""What a desk takes of memory while nothing happens at it, connected or not; its events lie in the store."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import desk_house
from bench.desk_process import Child, running
from bench.directory_figures import Figure

AIM = 40.0
WARM = 50
"""Desks that come and go beforehand: what the first ones load is not theirs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """stored: events of each desk that lie in the store."""

    desks: int = 5_000
    stored: int = 1_000


async def measure(plan: Plan, folder: Path) -> list[Figure]:
    tokens = await desk_house.issue(folder, plan.desks + WARM)
    some = max(1, plan.desks // 5)
    bare_some, bare_all, _ = await _growth(plan, folder, tokens, some, bare=True)
    empty = await _at_start(plan, folder)
    desk_house.store_tails(folder, plan.desks + WARM, plan.stored)
    known = (await _at_start(plan, folder) - empty) / (plan.desks + WARM) / 1024
    ours_some, ours_all, after = await _growth(plan, folder, tokens, some, bare=False)
    note = f"{plan.stored:,} events of each in the store"
    return [
        Figure("a desk that is not connected", known, "KiB", None, None, note),
        Figure(
            f"connected and idle, {some:,} desks", ours_some + known, "KiB", AIM, bare_some, "floor: bare websocket"
        ),
        Figure(
            f"connected and idle, {plan.desks:,} desks",
            ours_all + known,
            "KiB",
            AIM,
            bare_all,
            "with what stands in the first row",
        ),
        Figure("a call of the last half hour", after, "KiB", None, None, "each, at one desk"),
    ]


async def _at_start(plan: Plan, folder: Path) -> int:
    async with running("bench.desk_server", folder, plan.desks + WARM) as server:
        await server.ask("settle")
        return server.memory()


async def _growth(plan: Plan, folder: Path, tokens: Path, some: int, *, bare: bool) -> tuple[float, float, float]:
    """KiB for each desk when some are connected, when all are, and for each call that they had then."""
    words = ("bench.desk_bare",) if bare else ("bench.desk_server", folder, plan.desks + WARM)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(*words))
        at = "--port", server.hello["port"], *(("--bare",) if bare else ())
        last = plan.desks + WARM
        async with running("bench.desk_crowd", tokens, plan.desks, last, *at) as guests:
            await guests.ask("open", rate=500)
        crowd = await stack.enter_async_context(running("bench.desk_crowd", tokens, 0, plan.desks, *at))
        before = await _settled(server)
        await crowd.ask("open", rate=500, count=some)
        with_some = await _settled(server)
        await crowd.ask("open", rate=500)
        with_all = await _settled(server)
        after = with_all
        if not bare:
            await server.ask("tell", desks=plan.desks, each=20)
            after = await _settled(server)
    return (
        (with_some - before) / some / 1024,
        (with_all - before) / plan.desks / 1024,
        (after - with_all) / plan.desks / 4 / 1024,
    )


async def _settled(server: Child) -> int:
    await server.ask("settle")
    return server.memory()
