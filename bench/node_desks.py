"""The desks of the bench's nodes: agents of whom each node has as many, with tokens and a directory of callers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bench.subject import LINE
from ctibridge.cluster import lots
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.tokens import SHIFT, Kind

NODES = ("n1", "n2")


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent at his own line; home: who of NODES has his desk where both are there."""

    agent: str
    line: str
    home: str


def seats(desks: int) -> list[Seat]:
    """So many, an even number; the nodes in turn."""
    homes: dict[str, list[str]] = {name: [] for name in NODES}
    for agent in (f"agent{number}" for number in count(1)):
        if all(len(some) >= desks // len(NODES) for some in homes.values()):
            break
        homes[lots.ranked(lots.of_agent(agent), dict.fromkeys(NODES, 1.0))[0]].append(agent)
    return [Seat(homes[home := NODES[place % 2]][place // 2], str(int(LINE) + place), home) for place in range(desks)]


async def issue(store: Path, of: Sequence[Seat]) -> dict[str, str]:
    """A token of each agent, by his id. store: a file with their directory."""
    kept, now = await TokenStore.open(store), datetime.now(UTC)
    try:
        return {seat.agent: (await kept.issue(Kind.DESK, seat.agent, now + SHIFT, now))[0].value for seat in of}
    finally:
        await kept.close()
